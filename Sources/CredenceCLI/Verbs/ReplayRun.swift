import ArgumentParser
import Replay
import Trust

/// `credence replay run`: a suite against a target.
struct ReplayRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a suite, and say which attacks get through.",
        discussion: """
            Against this library with --library, as of the time that the suite was made for, or another with --at. \
            Against a server with --nats, which must hold the suite's accounts (DIR/nats-server.conf) and goes by its \
            own clock. Exit status 1 when an attack gets through, or a good import does not.
            """)

    @Argument(help: ArgumentHelp("The folder with the suite.", valueName: "dir")) var folder: String
    @Flag(help: "Run it against this library.") var library = false
    @Option(help: ArgumentHelp("Run it against the server there.", valueName: "url")) var nats: ServerAddress?
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @OptionGroup var judgement: JudgementOptions

    func validate() throws {
        guard library != (nats != nil) else { throw ValidationError("say against what: --library or --nats URL") }
        if nats != nil, judgement.at != nil { throw ValidationError("--at: a server goes by its own clock") }
    }

    func run() throws {
        let folder = SuiteFolder(path: folder)
        let suite = try folder.suite()
        let report = try nats.map { address throws in try run(suite, folder, on: address) } ?? run(suite)
        try StandardOutput.write(json ? report.json : report.text)
        if !report.holds { throw ExitStatus.no.asError }
    }

    private var policy: SuitePolicy { judgement.policy == .strict ? .strict : .compatible }

    private func run(_ suite: ReplaySuite) -> ReplayReport {
        let moment = judgement.at == nil ? suite.at : judgement.moment
        let outcomes = LibraryTarget(policy: policy.rules).outcomes(of: suite, at: moment)
        return ReplayReport(suite, outcomes, target: "library", policy: policy, at: moment)
    }

    private func run(
        _ suite: ReplaySuite, _ folder: SuiteFolder, on address: ServerAddress
    ) throws(CommandFailure) -> ReplayReport {
        let now = WallClock.now()
        guard suite.at <= now, now < suite.until else {
            throw CommandFailure(
                .badInput, "the suite is for another time: from \(suite.at.seconds) to \(suite.until.seconds)",
                hint: "generate a new one, and start the server with it")
        }
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
