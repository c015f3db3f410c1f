import AccountServer
import Glibc
import Logging
import NKeys
import Trust

/// What an account server was told, read and put together: the files that it names are not opened yet.
struct AccountServerConfiguration {
    /// Where accounts are kept.
    enum Store {
        case sqlite, folder, memory, jetstream
    }

    /// How log lines are written.
    enum LogFormat {
        case text, json
    }

    var operatorFile: String
    /// Where data lies; nil only for a server that keeps nothing.
    var data: String
    var store = Store.sqlite
    var policy = Policy.strict
    var unknownExporters = UploadJudge.UnknownExporters.refused
    var brokenDependents = UploadJudge.BrokenDependents.named
    var operatorUploads = AccountServiceSettings.OperatorUploads.refused
    var selfSignedKey: String?
    var selfSignedApproved: String?
    var http = HTTPSettings()
    var credentials: String?
    var servers: [String] = []
    var creds: String?
    var serversCA: String?
    var bucket = "credence_accounts"
    var replicas = 3
    var bucketCreds: String?
    var journalKey: String?
    var journalSegmentBytes = 64 << 20
    var journalKeepDays: Int?
    var sealKey: String?
    /// The configuration of issuers and roles, for a server that exchanges tokens.
    var identity: String?
    var logLevel = Logger.Level.info
    var logFormat = LogFormat.text

    /// Puts together what was said.
    ///
    /// - Throws: `CommandFailure` that names the setting and who gave it.
    init(_ settings: ServerSettings) throws(CommandFailure) {
        guard let operatorFile = settings.text(.operator) else {
            throw CommandFailure(
                .usage, "no operator's token is given", hint: "give its file with --operator, or in the configuration")
        }
        guard let data = settings.text(.data) else {
            throw CommandFailure(
                .usage, "no folder for the data is given", hint: "give one with --data; it is made if missing")
        }
        (self.operatorFile, self.data) = (operatorFile, data)
        try readJudgement(settings)
        try readAccess(settings)
        try readCluster(settings)
        journalKey = settings.text(.journalKey)
        journalSegmentBytes =
            try settings.number(.journalSegment, in: 1 << 16...Int(Int32.max)) ?? journalSegmentBytes
        journalKeepDays = try settings.number(.journalKeep, in: 1...36_500)
        sealKey = settings.text(.sealKey)
        identity = settings.text(.identity)
        let levels = Dictionary(uniqueKeysWithValues: Logger.Level.allCases.map { ($0.rawValue, $0) })
        logLevel = try settings.choice(.logLevel, levels) ?? logLevel
        logFormat = try settings.choice(.logFormat, ["text": .text, "json": .json]) ?? logFormat
    }

    private mutating func readJudgement(_ settings: ServerSettings) throws(CommandFailure) {
        store =
            try settings.choice(
                .store, ["sqlite": .sqlite, "folder": .folder, "memory": .memory, "jetstream": .jetstream]) ?? store
        policy = try settings.choice(.policy, ["strict": .strict, "compatible": .compatible]) ?? policy
        if try settings.isOn(.acceptDeferredImports) { unknownExporters = .deferred }
        if try settings.isOn(.refuseBreakingUploads) { brokenDependents = .refused }
        if try settings.isOn(.acceptOperatorUploads) { operatorUploads = .accepted }
        selfSignedKey = settings.text(.selfSignedKey)
        selfSignedApproved = settings.text(.selfSignedApproved)
        if selfSignedApproved != nil, selfSignedKey == nil {
            throw settings.fault(
                .selfSignedApproved, "nothing is signed without a key", hint: "give the key with --self-signed-key")
        }
    }

    private mutating func readAccess(_ settings: ServerSettings) throws(CommandFailure) {
        if let listen = settings.text(.listen) {
            guard let (host, port) = Self.address(listen) else {
                throw settings.fault(
                    .listen, "`\(listen)` is no ADDRESS:PORT", hint: "such as 127.0.0.1:9090 or [::]:9090")
            }
            (http.host, http.port) = (host, port)
        }
        if try settings.isOn(.readOnly) { http.access.changes = .refused }
        credentials = settings.text(.credentials)
        for name in settings.list(.restrict) {
            guard let action = AccessPolicy.Action(rawValue: name) else {
                let known = AccessPolicy.Action.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
                throw settings.fault(.restrict, "`\(name)` is none of \(known)")
            }
            http.access.audiences[action] = .named
        }
        if !settings.list(.restrict).isEmpty, credentials == nil {
            throw settings.fault(
                .restrict, "nobody could show a credential", hint: "name the file of credentials with --credentials")
        }
        http.plainHTTP =
            try settings.choice(
                .plainHTTP,
                ["refused": .readOnly, "loopback": .uploadsFromLoopback, "unsafe": .unsafeUploads]) ?? http.plainHTTP
        try readTLS(settings)
        http.tokenBytes = policy.maximumTokenSize
        if let rate = try settings.number(.readRate, in: 1...1_000_000) {
            http.reads = .init(perSecond: Double(rate), burst: 2 * Double(rate))
        }
        if let rate = try settings.number(.uploadRate, in: 1...1_000_000) {
            http.uploads = .init(perSecond: Double(rate), burst: 10 * Double(rate))
        }
        if let rate = try settings.number(.exchangeRate, in: 1...1_000_000) {
            http.exchanges = .init(perSecond: Double(rate), burst: 5 * Double(rate))
        }
        if let count = try settings.number(.maximumConnections, in: 1...1_000_000) {
            http.connections = count
            http.connectionsPerAddress = min(http.connectionsPerAddress, count)
        }
    }

    private mutating func readTLS(_ settings: ServerSettings) throws(CommandFailure) {
        switch (settings.text(.tlsCertificate), settings.text(.tlsKey)) {
        case (nil, nil):
            if settings.text(.tlsClientCA) != nil {
                throw settings.fault(
                    .tlsClientCA, "clients show certificates only over TLS", hint: "give --tls-cert and --tls-key")
            }
        case (let chain?, let key?):
            let clients = settings.text(.tlsClientCA).map { TLSFiles.ClientCertificates.asked(authorities: $0) }
            http.tls = TLSFiles(certificateChain: chain, privateKey: key, clientCertificates: clients ?? .notAsked)
        case (nil, _): throw settings.fault(.tlsKey, "a key needs its certificate", hint: "give --tls-cert")
        case (_, nil): throw settings.fault(.tlsCertificate, "a certificate needs its key", hint: "give --tls-key")
        }
    }

    private mutating func readCluster(_ settings: ServerSettings) throws(CommandFailure) {
        servers = settings.list(.nats)
        creds = settings.text(.creds)
        serversCA = settings.text(.natsCA)
        if store == .jetstream, servers.isEmpty {
            throw settings.fault(.store, "a bucket lies on servers", hint: "name one with --nats")
        }
        bucketCreds = settings.text(.bucketCreds)
        if store == .jetstream, bucketCreds == nil {
            throw settings.fault(
                .store, "a bucket belongs to an account",
                hint: "give the creds of a user of it, who may use JetStream, with --bucket-creds")
        }
        if creds != nil, servers.isEmpty {
            throw settings.fault(.creds, "no server is named", hint: "name one with --nats")
        }
        if let bucket = settings.text(.natsBucket) { self.bucket = bucket }
        replicas = try settings.number(.natsReplicas, in: 1...5) ?? replicas
    }

    /// Takes `127.0.0.1:9090`, `[::1]:9090` or `name:9090` apart.
    static func address(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        return host.isEmpty ? nil : (String(host), Int(port))
    }
}
