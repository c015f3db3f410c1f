import ArgumentParser
import FolderStores
import Glibc
import NKeys
import Trust

/// `credence validate`: a whole store by every rule.
struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Judge a store: operator, accounts, users and imports, by every rule.",
        discussion: """
            Says every rule that fails, by code and place. What cannot be read is told on standard error, and the rest \
            is judged all the same. The operator of the store is the one that is trusted; a resolver's folder has none, \
            and takes --operator.
            """)

    @OptionGroup var options: StoreOptions
    @Option(
        name: .customLong("operator"),
        help: ArgumentHelp("The operator's token, instead of the store's; `-` for standard input.", valueName: "file"))
    var operatorFile: String?
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @OptionGroup var judgement: JudgementOptions

    func run() async throws {
        let store = try options.open()
        let token = try operatorToken(of: store)
        let listing = try read { () throws(StoreFault) in try store.accounts() }
        let judge = StoreJudge(
            policy: judgement.rules, at: judgement.moment, workers: Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let progress = ProgressBar(label: "validating", total: listing.count)
        let name = store.operatorName ?? ""
        let report = await judge.judge(
            listing, isResolver: store.layout == .resolverFolder,
            operator: TrustedOperator(token, name: name, verifier: judge.verifier, now: judge.now),
            progress: progress)
        progress.finish()
        for fault in report.faults { StandardError.write(CommandFailure(fault).text) }
        if json {
            try ReportJSON.write(report) { (bytes) throws(CommandFailure) in try StandardOutput.write(bytes) }
        } else {
            try ReportText.write(report) { (bytes) throws(CommandFailure) in try StandardOutput.write(bytes) }
        }
        if report.status != .yes { throw report.status.asError }
    }

    private func operatorToken(of store: FolderStore) throws(CommandFailure) -> [UInt8] {
        if let operatorFile { return try TokenInput.read(operatorFile) }
        guard store.layout == .operatorFolder else {
            throw CommandFailure(
                .badInput, "\(Files.quoted(store.path)) is a resolver's folder, which has no operator",
                hint: "give the operator's token with --operator")
        }
        return try read { () throws(StoreFault) in try store.operatorToken() }
    }
}
