/// What an account server can be told: by a flag, in the environment, or in a file, under one name.
///
/// The flag is `--name`, the variable `CREDENCE_NAME` in upper case with `_` for `-`, the member of the file `"name"`.
enum ServerSetting: String, CaseIterable {
    case `operator`, data, listen, store, policy, credentials, nats, creds, restrict, identity
    case readOnly = "read-only"
    case acceptDeferredImports = "accept-deferred-imports"
    case refuseBreakingUploads = "refuse-breaking-uploads"
    case acceptOperatorUploads = "accept-operator-uploads"
    case tlsCertificate = "tls-cert"
    case tlsKey = "tls-key"
    case tlsClientCA = "tls-client-ca"
    case plainHTTP = "plain-http"
    case journalKey = "journal-key"
    case journalSegment = "journal-segment-size"
    case journalKeep = "journal-keep-days"
    case natsCA = "nats-ca"
    case natsBucket = "nats-bucket"
    case natsReplicas = "nats-replicas"
    case bucketCreds = "bucket-creds"
    case selfSignedKey = "self-signed-key"
    case selfSignedApproved = "self-signed-approved"
    case sealKey = "seal-key"
    case readRate = "read-rate"
    case uploadRate = "upload-rate"
    case exchangeRate = "exchange-rate"
    case maximumConnections = "max-connections"
    case logLevel = "log-level"
    case logFormat = "log-format"

    /// What a setting holds.
    enum Kind {
        case text, flag, list
    }

    var kind: Kind {
        switch self {
        case .readOnly, .acceptDeferredImports, .refuseBreakingUploads, .acceptOperatorUploads: .flag
        case .nats, .restrict: .list
        default: .text
        }
    }

    /// The variable of the environment.
    var variable: String {
        Self.variablePrefix + String(rawValue.map { $0 == "-" ? "_" : Character($0.uppercased()) })
    }

    static let variablePrefix = "CREDENCE_SERVER_"
}

/// The settings that flags gave.
struct GivenSettings {
    private(set) var values: [ServerSetting: [String]] = [:]

    mutating func add(_ setting: ServerSetting, _ text: String?) {
        if let text { values[setting] = [text] }
    }

    mutating func add(_ setting: ServerSetting, if isGiven: Bool) {
        if isGiven { values[setting] = ["true"] }
    }

    mutating func add(_ setting: ServerSetting, all texts: [String]) {
        if !texts.isEmpty { values[setting] = texts }
    }

    mutating func merge(_ other: GivenSettings) { values.merge(other.values) { $1 } }
}
