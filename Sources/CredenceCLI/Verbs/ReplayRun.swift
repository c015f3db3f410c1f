import ArgumentParser
import Replay
import Trust

/// `credence replay run`: a suite against a target.
struct ReplayRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a suite, and say which attacks get through.",
        discussion: """
            Against this library with --library, as of the time that the suite was made for, or another with --at. \
            Against a server with --nats, which must hold the suite's accounts (DIR/nats-server.conf) and goes by its \
            own clock. Against an account server with --url, which starts without accounts (`credence account-server \
            --operator DIR/operator.jwt --data NEW`, and --policy as here); a second --url is for a server with \
            DIR/strict-operator.jwt. Exit status 1 when an attack gets through or is refused by other rules than its \
            own, or a good import does not work.
            """)

    @Argument(help: ArgumentHelp("The folder with the suite.", valueName: "dir")) var folder: String
    @Flag(help: "Run it against this library.") var library = false
    @Option(help: ArgumentHelp("Run it against the server there.", valueName: "url")) var nats: ServerAddress?
    @Option(help: ArgumentHelp("Run it against the account server there; may be given again.", valueName: "url"))
    var url: [AccountServerAddress] = []
    @Option(help: ArgumentHelp("With --url: a file with the credential to show.", valueName: "file")) var bearer:
        String?
    @Option(help: ArgumentHelp("With --url: who signs the server's certificate.", valueName: "file")) var ca: String?
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @OptionGroup var judgement: JudgementOptions

    func validate() throws {
        guard [library, nats != nil, !url.isEmpty].count(where: { $0 }) == 1 else {
            throw ValidationError("say against what: --library or --nats URL or --url URL")
        }
        if !library, judgement.at != nil { throw ValidationError("--at: a server goes by its own clock") }
        if url.isEmpty, bearer != nil || ca != nil { throw ValidationError("--bearer and --ca go with --url") }
        if bearer != nil, let open = url.first(where: { !$0.isPrivate }) {
            throw ValidationError("--bearer: anybody on the way could read it: use https instead of \(open.url)")
        }
    }

    func run() async throws {
        let folder = SuiteFolder(path: folder)
        let suite = try folder.suite()
        let report: ReplayReport
        if let nats {
            report = try run(suite, folder, on: nats)
        } else if !url.isEmpty {
            report = try await runOverHTTP(suite)
        } else {
            report = run(suite)
        }
        try StandardOutput.write(json ? report.json : report.text)
        if !report.holds { throw ExitStatus.no.asError }
    }

    private var policy: SuitePolicy { judgement.policy == .strict ? .strict : .compatible }

    private func run(_ suite: ReplaySuite) -> ReplayReport {
        let moment = judgement.at == nil ? suite.at : judgement.moment
        let target = LibraryTarget(policy: policy.rules)
        let uploads = suite.uploads.filter(\.isJudgedByLibrary)
        let outcomes = target.outcomes(of: suite, at: moment) + target.outcomes(of: uploads, in: suite, at: moment)
        return ReplayReport(
            suite.worlds.map(\.trial) + uploads.map(\.trial), outcomes, target: "library", policy: policy, at: moment,
            elsewhere: suite.uploads.count { !$0.isControl && !$0.isJudgedByLibrary })
    }

    private func runOverHTTP(_ suite: ReplaySuite) async throws -> ReplayReport {
        try checkTime(of: suite)
        let credential = try bearer.map(BearerFile.read)
        if let ca { _ = try Files.read(ca, limit: 1 << 20) }
        let servers = url.map { AccountServerClient($0, authorities: ca, bearer: credential) }
        let result: Result<ReplayReport, any Error>
        do {
            let target = try await AccountServerTarget(servers, of: suite)
            let attacks = target.attacks(of: suite)
            let progress = ProgressBar(label: "replaying", total: attacks.count)
            let outcomes = try await target.outcomes(
                of: attacks.map(\.attack), in: suite, policy: policy, progress: progress)
            progress.finish()
            let tried = attacks.count { !$0.trial.isControl }
            let all = suite.attacks.count + suite.uploads.count { !$0.isControl }
            result = .success(
                ReplayReport(
                    attacks.map(\.trial), outcomes, target: url.map(\.url).joined(separator: ", "), policy: policy,
                    at: nil, elsewhere: all - tried))
        } catch {
            result = .failure(error)
        }
        for server in servers { await server.close() }
        return try result.get()
    }

    private func checkTime(of suite: ReplaySuite) throws(CommandFailure) {
        let now = WallClock.now()
        guard suite.at <= now, now < suite.until else {
            throw CommandFailure(
                .badInput, "the suite is for another time: from \(suite.at.seconds) to \(suite.until.seconds)",
                hint: "generate a new one, and start the server with it")
        }
    }

    private func run(
        _ suite: ReplaySuite, _ folder: SuiteFolder, on address: ServerAddress
    ) throws(CommandFailure) -> ReplayReport {
        try checkTime(of: suite)
        let user = try folder.user(of: suite)
        let progress = ProgressBar(label: "replaying", total: suite.worlds.count)
        do throws(ServerConnection.Fault) {
            let outcomes = try NATSTarget(address, user: user).outcomes(of: suite, progress: progress)
            progress.finish()
            return ReplayReport(suite, outcomes, target: address.url, policy: policy, at: nil)
        } catch {
            throw CommandFailure(.inputOutput, "\(error)", hint: "is the server of the suite running there?")
        }
    }
}
