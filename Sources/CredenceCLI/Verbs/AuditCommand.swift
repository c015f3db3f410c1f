import ArgumentParser
import Audit
import FolderStores
import Glibc
import NKeys
import SystemTimeZones
import Trust

/// `credence audit`: looks for abuse and for weakness, worst first.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Look for abuse and for weakness in a store, worst first.",
        discussion: """
            Audits a store's folder, a resolver's folder, a pack (a line `KEY|TOKEN` for each account), an account \
            server or the journal of one (its folder, or a file). Reports what every rule refuses, tokens in other hands than they were given to, and what makes \
            abuse easy; Docs/Audit.md lists the codes. Exits with 1 when there is a finding of the severity of \
            --fail-on or worse.
            """)

    /// From which severity on findings make the command fail.
    enum Threshold: String, ExpressibleByArgument, CaseIterable {
        case critical, high, medium, low, never

        var severity: Severity? { Severity(rawValue: rawValue) }
    }

    /// How findings are written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, sarif
    }

    @OptionGroup var options: StoreOptions
    @OptionGroup var `operator`: OperatorFileOption
    @Option(help: ArgumentHelp("Audit a pack; `-` for standard input.", valueName: "file"))
    var pack: String?
    @Option(help: ArgumentHelp("Audit what an account server has: the pack that it hands out.", valueName: "url"))
    var url: String?
    @Option(help: ArgumentHelp("With --url: a file with the credential to show.", valueName: "file"))
    var bearer: String?
    @Option(
        help: ArgumentHelp(
            "Audit the journal of an account server, and whether it is whole; `-` for standard input.",
            valueName: "dir-or-file"))
    var journal: String?
    @OptionGroup var journalKey: JournalKeyOption
    @Option(
        help: ArgumentHelp(
            "An earlier store or pack: what was revoked, signed or deleted since shows.", valueName: "dir-or-file"))
    var before: String?
    @Flag(
        name: .customLong("cve-2021-3127"),
        help: "Check also what the script of the advisory checks. Without an operator, check that alone.")
    var advisory = false
    @Option(help: "The severity from which on a finding makes the command fail.")
    var failOn = Threshold.low
    @Option(help: "How to print: text, json, or sarif (2.1.0, for continuous integration).")
    var format = Format.text
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object, as --format json.") var json = false
    @OptionGroup var judgement: JudgementOptions

    func validate() throws {
        if [options.store, pack, url, journal].count(where: { $0 != nil }) > 1 {
            throw ValidationError("--store, --pack, --url and --journal each name something to audit; give one of them")
        }
        if journal == nil, !journalKey.journalKey.isEmpty {
            throw ValidationError("--journal-key says who must have signed a journal; name that with --journal")
        }
        if pack == "-" || journal == "-", before == "-" { throw ValidationError("standard input can be one pack only") }
        if let url, PackAddress(url) == nil {
            throw ValidationError(
                "--url takes an address such as https://accounts.example.com/jwt/v1/accounts/, without a name, password "
                    + "or query")
        }
        if bearer != nil, url.flatMap(PackAddress.init)?.isPrivate != true {
            throw ValidationError("--bearer is shown over https, or to this machine: name such a server with --url")
        }
        if json, format == .sarif { throw ValidationError("--json and --format sarif contradict one another") }
    }

    func run() async throws {
        let source = try await self.source()
        var earlier = try before.map { path throws(CommandFailure) in try Self.source(at: path, keystore: nil) }
        if let journal = source as? JournalSource, earlier == nil {
            earlier = JournalSource.Earlier(accounts: journal.earlier)
            for note in journal.notes { StandardError.write("note: \(note)\n") }
        }
        let now = judgement.moment
        let verifier = TokenVerifier(policy: judgement.rules, zones: SystemZones())
        let token = try operatorToken(of: source)
        let anchors = token.map {
            TrustedOperator($0.token, name: $0.name, verifier: verifier, now: now).anchors
        }
        if anchors == nil {
            StandardError.write("note: without an operator only the advisory's checks are made; give --operator\n")
        }
        let extent: Auditor.Extent = anchors == nil ? .advisoryOnly : advisory ? .fullAndAdvisory : .full
        let chain = ChainVerifier(anchors: anchors ?? TrustAnchors([]), verifier: verifier)
        let run = AuditRun(
            auditor: Auditor(chain: chain, extent: extent, at: now),
            workers: .perProcessor)
        let progress = ProgressBar(label: "auditing", total: source.count)
        let report = await run.report(on: source, operator: token, since: earlier, progress: progress)
        progress.finish()
        switch json ? .json : format {
        case .text: try AuditText.write(report)
        case .json: try AuditJSON.write(report)
        case .sarif: try AuditSARIF.write(report)
        }
        if let threshold = failOn.severity, report.findings.contains(where: { $0.severity >= threshold }) {
            throw ExitStatus.no.asError
        }
    }

    private func source() async throws -> any TokenSource {
        if let pack { return try Self.pack(at: pack) }
        if let journal { return try JournalSource(at: journal, requiring: journalKey.keys()) }
        if let address = url.flatMap(PackAddress.init) {
            let download = PackDownload(address: address, bearer: try bearer.map(BearerFile.read))
            return try PackSource(await download.bytes(), file: "jwt/v1/pack")
        }
        return try FolderSource(options.open(), keystore: options.keystore())
    }

    /// A folder, or else a pack.
    private static func source(at path: String, keystore: Keystore?) throws(CommandFailure) -> any TokenSource {
        var status = stat()
        guard path != "-", stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            return try pack(at: path)
        }
        let store = try read { () throws(StoreFault) in try FolderStore(at: path) }
        return try FolderSource(store, keystore: keystore)
    }

    private static func pack(at path: String) throws(CommandFailure) -> PackSource {
        try PackSource(Files.read(path, limit: PackSource.sizeLimit), file: path == "-" ? "" : path)
    }

    /// The operator that is trusted: the one given, or else the store's own. Nil where only the advisory's checks were
    /// asked for, which need none.
    private func operatorToken(of source: any TokenSource) throws(CommandFailure) -> StoredToken? {
        if let file = `operator`.file {
            let token = try TokenInput.read(file)
            return StoredToken(name: "", origin: Origin(file: file == "-" ? "" : file), token: token)
        }
        if let token = source.operatorToken { return token }
        if advisory { return nil }
        throw CommandFailure(
            .badInput, "there is no operator to judge the accounts by",
            hint: "give the operator's token with --operator, or check only what the advisory's script checks "
                + "with --cve-2021-3127")
    }
}
