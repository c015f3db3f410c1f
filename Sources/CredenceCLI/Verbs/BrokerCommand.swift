import ArgumentParser
import Logging
import Trust

/// `credence broker`: a message broker for clients of the field, in operator mode.
struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Serve messages: users connect with their creds, and accounts share what imports allow.",
        discussion: """
            The configuration is the operator-mode part of a nats-server file, as `nsc generate config` and \
            `credence generate config` make it; Docs/Broker.md lists its keys. SIGHUP has it read again, SIGTERM and \
            SIGINT drain and end, and SIGUSR2 sends clients elsewhere one by one. With --demo everything is made \
            that is needed to try it.
            """)

    @Option(name: [.short, .long], help: ArgumentHelp("The configuration.", valueName: "file")) var config: String?
    @Option(
        name: [.customShort("a"), .customLong("addr")],
        help: ArgumentHelp("Where to listen, in place of what the configuration says.", valueName: "address"))
    var address: String?
    // `-1` is a value here and no option.
    @Option(
        name: [.short, .long], parsing: .unconditional,
        help: ArgumentHelp("The port, in place of what the configuration says; -1 for any.", valueName: "port"))
    var port: Int?
    @Option(help: "How strictly the rules are applied; `compatible` accepts what older tools made.")
    var policy = JudgementOptions.PolicyName.strict
    @OptionGroup var verifier: VerifierOptions
    @Flag(help: "Read and check everything that is configured, and end.") var checkConfig = false
    @Flag(help: "Make an operator, two accounts and users, and serve them on this machine alone.") var demo = false
    @Option(
        help: ArgumentHelp("With --demo: where everything is put; a new temporary folder otherwise.", valueName: "dir"))
    var demoFolder: String?
    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?
    @Option(help: ArgumentHelp("text or json.", valueName: "format")) var logFormat: String?

    func validate() throws {
        if config == nil, !demo {
            throw ValidationError("no configuration is named: name it with -c, or try --demo")
        }
        if config != nil, demo { throw ValidationError("--demo makes its own configuration: leave -c out") }
        if demoFolder != nil, !demo { throw ValidationError("--demo-folder goes with --demo") }
        if let port, !(-1...65_535).contains(port) { throw ValidationError("--port: \(port) is no port") }
        if let logLevel, Logger.Level(rawValue: logLevel) == nil {
            throw ValidationError("--log-level: \(Files.quoted(logLevel)) is no level")
        }
        if let logFormat, !["text", "json"].contains(logFormat) {
            throw ValidationError("--log-format: \(Files.quoted(logFormat)) is neither text nor json")
        }
    }

    func run() async throws {
        var overrides = BrokerRun.Overrides(host: address, port: port)
        overrides.policy = verifier.applied(to: policy.policy)
        overrides.logLevel = logLevel.flatMap { Logger.Level(rawValue: $0) }
        overrides.logFormat = logFormat == "json" ? .json : .text
        if demo {
            let demo = try BrokerDemo.make(in: demoFolder)
            // What happens to each connection is of no use beside the commands.
            overrides.logLevel = overrides.logLevel ?? .notice
            try await BrokerRun(path: demo.configuration, overrides: overrides).run { port in
                try StandardOutput.write(demo.commands(port: port))
            }
            return
        }
        let run = BrokerRun(path: config ?? "", overrides: overrides)
        guard !checkConfig else {
            try run.check()
            try StandardOutput.write("the configuration holds\n")
            return
        }
        try await run.run()
    }
}
