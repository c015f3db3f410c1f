import ArgumentParser
import Replay
import Trust

/// `credence replay generate`: a suite, from fresh keys.
struct ReplayGenerate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Make a suite of attacks on imports, from fresh keys.",
        discussion: """
            Writes suite.json, the seed of the suite's user, nats-server.conf with every account of it, and the \
            operators' tokens. Each good import is changed in every fact that binds it, alone and in pairs. Start a \
            server with `nats-server -c DIR/nats-server.conf` to run the suite over the wire, or with \
            `credence account-server --operator DIR/operator.jwt --data NEW` to run it over HTTP.
            """)

    @Argument(help: ArgumentHelp("The folder to write; made if it is missing.", valueName: "dir")) var folder: String
    @Option(help: ArgumentHelp("Make it for another time, such as 2026-11-20T22:13:00Z.", valueName: "rfc3339"))
    var at: String?
    @Option(help: ArgumentHelp("How long it is good, at least 1h.", valueName: "time")) var valid: TimeSpan?
    @Option(help: ArgumentHelp("Attack this good import only; may be given again.", valueName: "id"))
    var base: [String] = []
    @Option(help: "Which changes are made two at a time: `none`, the `leading` of each fact, or `all`.")
    var pairs = SuiteGenerator.Pairs.leading
    @Option(
        help: ArgumentHelp(
            "Derive the keys from this text, for the same suite again. Whoever knows it has the keys.",
            valueName: "text"))
    var label: String?
    @Flag(name: [.customShort("F"), .long], help: "Replace the suite where there is one.") var force = false

    func validate() throws {
        if let at, RFC3339.parse(at) == nil {
            throw ValidationError("\(Files.quoted(at)) is no RFC 3339 time such as 2026-11-20T22:13:00Z")
        }
        if let valid, valid.nanoseconds < Self.hour { throw ValidationError("--valid: at least 1h") }
    }

    private static let hour: Int64 = 3_600_000_000_000

    func run() throws {
        let product: SuiteGenerator.Product
        do throws(SuiteGenerator.Fault) {
            let generator = try SuiteGenerator(
                keys: label.map { .labelled($0) } ?? .fresh, at: at.flatMap(RFC3339.parse) ?? WallClock.now(),
                validity: (valid?.nanoseconds ?? 24 * Self.hour) / 1_000_000_000, bases: base.isEmpty ? nil : base,
                pairs: pairs)
            product = try generator.suite()
        } catch {
            switch error {
            case .unknownBase, .empty: throw CommandFailure(.usage, "\(error)")
            case .key, .harmless: throw CommandFailure(.internalError, "\(error)")
            }
        }
        try SuiteFolder(path: folder).write(product, replacing: force ? .allowed : .refused)
        let suite = product.suite
        try StandardOutput.write(
            """
            \(Files.quoted(folder)): \(suite.attacks.count) attacks on \(suite.controls.count) good imports, \
            \(suite.uploads.count { !$0.isControl }) on uploads
            over the wire: nats-server -c \(Files.quoted(folder + "/" + ReplaySuite.configurationFile))
            over HTTP: credence account-server --data NEW --operator \
            \(Files.quoted(folder + "/" + ReplaySuite.operatorFiles[0]))

            """)
    }
}

extension SuiteGenerator.Pairs: ExpressibleByArgument {}
