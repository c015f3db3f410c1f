import ArgumentParser
import Logging

/// `credence callout`: answers the authorization callout of servers.
struct CalloutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "callout",
        abstract: "Answer a server's auth callout: clients come in with tokens of foreign issuers.",
        discussion: """
            The configuration (Docs/Identity.md) names the issuers, the roles and, as `callout`, the account that is \
            answered for and how to reach the servers. It says `ready` in its log once it hears their questions. SIGHUP has \
            the configuration read again; SIGTERM and SIGINT answer what was heard and end. Why a client was refused is in \
            this log only.
            """)

    @Option(name: [.short, .long], help: ArgumentHelp("The configuration.", valueName: "file")) var config: String
    @Flag(help: "Read and check everything that is configured, and end.") var check = false
    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?
    @Option(help: ArgumentHelp("text or json.", valueName: "format")) var logFormat: String?

    func validate() throws {
        if let logLevel, Logger.Level(rawValue: logLevel) == nil {
            throw ValidationError("--log-level: \(Files.quoted(logLevel)) is no level")
        }
        if let logFormat, !["text", "json"].contains(logFormat) {
            throw ValidationError("--log-format: \(Files.quoted(logFormat)) is neither text nor json")
        }
    }

    func run() async throws {
        let run = CalloutRun(
            path: config, logLevel: logLevel.flatMap { Logger.Level(rawValue: $0) },
            logFormat: logFormat == "json" ? .json : .text)
        guard !check else {
            try await run.check()
            try StandardOutput.write("the configuration holds\n")
            return
        }
        try await run.run()
    }
}
