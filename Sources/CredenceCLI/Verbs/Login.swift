import ArgumentParser
import Glibc
import Identity
import NKeys

/// `credence login`: creds for an audience.
struct Login: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Get creds for an audience from an account server, and keep them fresh.",
        discussion: """
            Who you are says an issuer that you log in to in a browser (--issuer), or a token (--token-file, \
            --token-env), or creds that you have (--creds). The account server exchanges that for a user of its own; the \
            key of the user is made here, and its seed leaves this machine never. Docs/CommandLine.md says what is \
            encrypted and what is not.
            """)

    @OptionGroup(title: "Who you are") var identity: LoginIdentityOptions
    @Option(help: ArgumentHelp("The account server, over https or on this machine.", valueName: "url")) var server:
        String
    @Option(
        help: ArgumentHelp("The server's name in its own configuration; its address unless given.", valueName: "name"))
    var service: String?
    @Option(help: ArgumentHelp("What the creds are for.", valueName: "name")) var audience: String
    @Option(
        help: ArgumentHelp(
            "What they are to allow, in words: `pub:a.>`, `sub:b`, `!pub:a.x`; can be repeated. All that there is "
                + "without it.", valueName: "words"))
    var scope: [String] = []
    @Option(help: ArgumentHelp("How long they are to hold: 90s, 10m, 1h.", valueName: "time")) var lifetime: TimeSpan?
    @Option(name: [.short, .long], help: ArgumentHelp("The file of creds to write.", valueName: "file"))
    var output: String
    @Flag(name: [.customShort("F"), .long], help: "Replace a file that holds something else than creds.") var force =
        false
    @Flag(help: "Stay, and renew the creds before they end.") var keepFresh = false
    @Option(help: ArgumentHelp("Certificates (PEM) that are trusted beside the system's.", valueName: "file"))
    var ca: String?

    func validate() throws {
        if let lifetime, lifetime.nanoseconds < 1_000_000_000 {
            throw ValidationError("--lifetime is a second at least")
        }
        guard output != "-" else { throw ValidationError("--output takes a file: creds hold a seed") }
        if identity.creds == output { throw ValidationError("--output and --creds name one file") }
    }

    func run() async throws {
        guard let address = AccountServerAddress(argument: server), address.isPrivate else {
            throw CommandFailure(
                .usage, "--server: \(Files.quoted(server)) is no address over https, or over http on this machine",
                hint: "tokens are not sent where others on the way can read them")
        }
        let http = LoginHTTP(authorities: ca)
        do {
            let call = ExchangeCall(
                server: address, service: try Self.name(service ?? address.url, "--service"),
                audience: try Self.name(audience, "--audience"),
                scope: scope.isEmpty ? nil : scope.joined(separator: " "),
                lifetime: lifetime.map { $0.nanoseconds / 1_000_000_000 }, http: http)
            try refuseOther()
            // Before anybody is asked to log in.
            try await call.checkAudience()
            var run = LoginRun(
                source: try identity.source(keepFresh: keepFresh, authorities: ca, http: http), call: call,
                output: output, pair: try Keys.generate(.user))
            let issued = try await run.login()
            if keepFresh { try await run.keepFresh(after: issued) }
        } catch {
            await http.close()
            throw error
        }
        await http.close()
    }

    private static func name(_ text: String, _ flag: String) throws(CommandFailure) -> AudienceName {
        do {
            return try AudienceName(text)
        } catch {
            throw CommandFailure(.badInput, "\(flag): \(error)")
        }
    }

    /// A file that is no creds is somebody's: it stays.
    private func refuseOther() throws(CommandFailure) {
        guard !force, access(output, F_OK) == 0 else { return }
        let secret = try Files.readSecret(output, limit: CredentialsFile.sizeLimit)
        if (try? CredentialsFile(parsing: secret)) == nil {
            throw CommandFailure(
                .no, "\(Files.quoted(output)) holds something else than creds",
                hint: "name another file, or replace it with --force")
        }
    }
}
