import ArgumentParser
import FolderStores
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
    @OptionGroup var `operator`: OperatorFileOption
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @OptionGroup var judgement: JudgementOptions

    func run() async throws {
        let store = try options.open()
        let token = try `operator`.token(of: store)
        let listing = try read { () throws(StoreFault) in try store.accounts() }
        let workers = Workers.perProcessor
        let judge = StoreJudge(policy: judgement.rules, at: judgement.moment, workers: workers)
        let progress = ProgressBar(label: "validating", total: listing.count)
        let name = store.operatorName ?? ""
        let report = await judge.judge(
            listing, isResolver: store.layout == .resolverFolder,
            operator: TrustedOperator(token, name: name, verifier: judge.verifier, now: judge.now),
            progress: progress)
        progress.finish()
        for fault in report.faults { StandardError.write(CommandFailure(fault).text) }
        if json {
            try await ReportJSON.write(report, with: workers)
        } else {
            try ReportText.write(report)
        }
        if report.status != .yes { throw report.status.asError }
    }
}
