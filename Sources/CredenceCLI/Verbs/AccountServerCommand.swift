import AccountServer
import ArgumentParser
import Glibc

/// `credence account-server`: the HTTP account server.
struct AccountServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account-server",
        abstract: "Serve account tokens over HTTP, and judge every upload whole before it counts.",
        discussion: """
            Every setting can be given by a flag, by a variable of the environment (`CREDENCE_SERVER_` and the flag's \
            name in upper case, with `_` for `-`) or in a JSON file (--config), the first of these that says something. \
            Docs/AccountServer.md and Docs/Operations.md say more.
            """)

    @OptionGroup(title: "What is served") var served: ServedOptions
    @OptionGroup(title: "Who may do what") var access: AccessOptions
    @OptionGroup(title: "A cluster of servers") var cluster: ClusterOptions
    @OptionGroup(title: "Operation") var operation: OperationOptions

    func run() async throws {
        var given = served.given
        for more in [access.given, cluster.given, operation.given] { given.merge(more) }
        var file: (path: String, text: [UInt8])?
        if let path = operation.config { file = (path, try Files.read(path, limit: 1 << 20)) }
        let settings = try ServerSettings(flags: given.values, environment: ServerEnvironment.all(), file: file)
        let configuration = try AccountServerConfiguration(settings)
        guard !operation.checkConfig else {
            try await AccountServerRun.check(configuration)
            try StandardOutput.write("the configuration holds\n")
            return
        }
        try await AccountServerRun(configuration).run()
    }
}

/// What the process was given in its environment.
enum ServerEnvironment {
    static func all() -> [String: String] {
        var values: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let split = text.firstIndex(of: "=") {
                values[String(text[..<split])] = String(text[text.index(after: split)...])
            }
            next = next.advanced(by: 1)
        }
        return values
    }
}

/// Settings of what is served and how it is judged.
struct ServedOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The operator's token.", valueName: "file")) var `operator`: String?
    @Option(help: ArgumentHelp("Where accounts and the journal are kept; made if missing.", valueName: "dir"))
    var data: String?
    @Option(help: ArgumentHelp("Where to listen; 127.0.0.1:9090 unless given.", valueName: "addr:port"))
    var listen: String?
    @Option(help: ArgumentHelp("Where accounts are kept: sqlite, folder, memory, or jetstream.", valueName: "store"))
    var store: String?
    @Option(help: ArgumentHelp("strict or compatible.", valueName: "policy")) var policy: String?
    @Flag(help: "Accept imports from accounts that are not known yet; they are not in force until those come.")
    var acceptDeferredImports = false
    @Flag(help: "Refuse uploads that put imports of other accounts out of force.") var refuseBreakingUploads = false
    @Flag(help: "Accept new tokens of the operator over HTTP.") var acceptOperatorUploads = false
    @Option(help: ArgumentHelp("Sign accounts that sign themselves with this seed of the operator.", valueName: "file"))
    var selfSignedKey: String?
    @Option(
        help: ArgumentHelp(
            "The accounts that may be signed so before they are known: their keys, one a line.", valueName: "file"))
    var selfSignedApproved: String?
    @Option(
        help: ArgumentHelp(
            "Exchange tokens by this configuration of audiences, issuers and roles (Docs/Identity.md).",
            valueName: "file"))
    var identity: String?

    var given: GivenSettings {
        var given = GivenSettings()
        given.add(.operator, `operator`)
        given.add(.data, data)
        given.add(.listen, listen)
        given.add(.store, store)
        given.add(.policy, policy)
        given.add(.acceptDeferredImports, if: acceptDeferredImports)
        given.add(.refuseBreakingUploads, if: refuseBreakingUploads)
        given.add(.acceptOperatorUploads, if: acceptOperatorUploads)
        given.add(.selfSignedKey, selfSignedKey)
        given.add(.selfSignedApproved, selfSignedApproved)
        given.add(.identity, identity)
        return given
    }
}

/// Settings of access.
struct AccessOptions: ParsableArguments {
    @Flag(help: "Take no uploads.") var readOnly = false
    @Option(help: ArgumentHelp("The credentials that callers may show (Docs/AccountServer.md).", valueName: "file"))
    var credentials: String?
    @Option(
        help: ArgumentHelp(
            "What needs a credential: read, list, upload, delete, operator, metrics or exchange; may be repeated.",
            valueName: "action"))
    var restrict: [String] = []
    @Option(
        help: ArgumentHelp(
            "The server's certificate chain; its files are read again when they change.", valueName: "file"))
    var tlsCert: String?
    @Option(help: ArgumentHelp("The certificate's private key.", valueName: "file")) var tlsKey: String?
    @Option(
        help: ArgumentHelp("Who signs the certificates of clients; with it clients may show one.", valueName: "file"))
    var tlsClientCa: String?
    @Option(
        help: ArgumentHelp("Uploads and exchanges over plain HTTP: loopback, refused, or unsafe.", valueName: "rule"))
    var plainHttp: String?
    @Option(help: ArgumentHelp("Reads a second and caller.", valueName: "number")) var readRate: String?
    @Option(help: ArgumentHelp("Uploads a second and caller.", valueName: "number")) var uploadRate: String?
    @Option(help: ArgumentHelp("Exchanges of tokens a second and caller.", valueName: "number"))
    var exchangeRate: String?
    @Option(help: ArgumentHelp("Connections at once.", valueName: "number")) var maxConnections: String?

    var given: GivenSettings {
        var given = GivenSettings()
        given.add(.readOnly, if: readOnly)
        given.add(.credentials, credentials)
        given.add(.restrict, all: restrict)
        given.add(.tlsCertificate, tlsCert)
        given.add(.tlsKey, tlsKey)
        given.add(.tlsClientCA, tlsClientCa)
        given.add(.plainHTTP, plainHttp)
        given.add(.readRate, readRate)
        given.add(.uploadRate, uploadRate)
        given.add(.exchangeRate, exchangeRate)
        given.add(.maximumConnections, maxConnections)
        return given
    }
}

/// Settings of the cluster that accounts are pushed to, or kept in.
struct ClusterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A server of the cluster; may be repeated.", valueName: "url"))
    var nats: [String] = []
    @Option(help: ArgumentHelp("Push accepted accounts as this user of the system account.", valueName: "file"))
    var creds: String?
    @Option(help: ArgumentHelp("Who signs the servers' certificates.", valueName: "file")) var natsCa: String?
    @Option(help: ArgumentHelp("With --store jetstream: the bucket.", valueName: "name")) var natsBucket: String?
    @Option(help: ArgumentHelp("With --store jetstream: on how many servers it lies.", valueName: "number"))
    var natsReplicas: String?
    @Option(
        help: ArgumentHelp("With --store jetstream: the creds of a user of the bucket's account.", valueName: "file"))
    var bucketCreds: String?

    var given: GivenSettings {
        var given = GivenSettings()
        given.add(.nats, all: nats)
        given.add(.creds, creds)
        given.add(.natsCA, natsCa)
        given.add(.natsBucket, natsBucket)
        given.add(.natsReplicas, natsReplicas)
        given.add(.bucketCreds, bucketCreds)
        return given
    }
}

/// Settings of operation.
struct OperationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Settings in a file: a JSON object of the flags' names.", valueName: "file"))
    var config: String?
    @Flag(help: "Read and check everything that is configured, and end.") var checkConfig = false
    @Option(help: ArgumentHelp("The seed of a server key that signs the journal's head.", valueName: "file"))
    var journalKey: String?
    @Option(help: ArgumentHelp("Bytes of one file of the journal.", valueName: "number")) var journalSegmentSize:
        String?
    @Option(help: ArgumentHelp("Days that files of the journal are kept; for ever unless given.", valueName: "number"))
    var journalKeepDays: String?
    @Option(
        help: ArgumentHelp(
            "The secret by which the server knows what it stored; in the data folder unless given.", valueName: "file"))
    var sealKey: String?
    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?
    @Option(help: ArgumentHelp("text or json.", valueName: "format")) var logFormat: String?

    var given: GivenSettings {
        var given = GivenSettings()
        given.add(.journalKey, journalKey)
        given.add(.journalSegment, journalSegmentSize)
        given.add(.journalKeep, journalKeepDays)
        given.add(.sealKey, sealKey)
        given.add(.logLevel, logLevel)
        given.add(.logFormat, logFormat)
        return given
    }
}
