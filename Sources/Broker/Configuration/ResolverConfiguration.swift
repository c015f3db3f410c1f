/// Where a configuration says that accounts come from.
public enum ResolverConfiguration: Hashable, Sendable {
    /// `MEMORY`: what is preloaded.
    case memory
    /// `full`: a folder of this broker's own.
    case full(ResolverFolder)
    /// `cache`: a folder that a server fills from others of its cluster. This broker has no others.
    case cache(ResolverFolder)
    /// `URL(…)`: an account server.
    case url(ResolverURL)
    /// `jetstream`: the bucket of an account server.
    case bucket(ResolverBucket)
}

/// A folder of account tokens, a file `KEY.jwt` for each.
public struct ResolverFolder: Hashable, Sendable {
    /// Whether accounts can be deleted.
    public enum Deletions: Hashable, Sendable {
        case refused
        case allowed
    }

    /// The folder; made when missing. Beside the working folder, as with the server.
    public var path: String
    /// `allow_delete`.
    public var deletions = Deletions.refused
    /// `limit`: how many accounts it takes; nil for no limit.
    public var limit: Int?

    /// A folder.
    public init(_ path: String) { self.path = path }
}

/// An account server.
public struct ResolverURL: Hashable, Sendable {
    /// What an account's key is appended to; ends in `/`.
    public var base: String
    /// `resolver_tls`: a PEM file of the authorities that its certificate is judged by; nil for the system's.
    public var authorities: String?
    /// `resolver_tls`: the certificate and key that are shown to it.
    public var certificate: (chain: String, key: String)? {
        get { certificateFiles.map { ($0.chain, $0.key) } }
        set { certificateFiles = newValue.map { CertificateFiles(chain: $0.chain, key: $0.key) } }
    }
    /// How long it has to answer, all in all.
    public var timeout = Duration.milliseconds(1_900)

    private var certificateFiles: CertificateFiles?

    private struct CertificateFiles: Hashable {
        var chain: String
        var key: String
    }

    /// An account server.
    public init(_ base: String) { self.base = base.hasSuffix("/") ? base : base + "/" }
}

/// The bucket in which an account server keeps its accounts.
public struct ResolverBucket: Hashable, Sendable {
    /// Its name.
    public var name = "credence_accounts"
    /// The servers on which it lies.
    public var servers: [String]
    /// The creds of a user of its account.
    public var creds: String
    /// On how many servers it lies, where it has to be made.
    public var replicas = 3
    /// A PEM file of the authorities that the servers' certificates are judged by; nil for the system's.
    public var authorities: String?
    /// The folder for the journal of what this broker takes; nil: it takes nothing, and only reads.
    public var journal: String?

    /// A bucket.
    public init(servers: [String], creds: String) { (self.servers, self.creds) = (servers, creds) }
}
