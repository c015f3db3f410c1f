import NKeys

/// How to reach servers, and as whom.
public struct ConnectionSettings: Sendable {
    /// Where the credentials come from.
    public enum Credentials: Sendable {
        /// None are shown.
        case none
        /// Always these.
        case fixed(CredentialsFile)
        /// What this gives, asked anew for each connection, so that creds that were replaced are picked up. It is called
        /// on a thread that may wait.
        case read(@Sendable () throws(NATSFault) -> CredentialsFile)
        /// A user's key without a token, for servers that know it by their own configuration.
        case key(KeyPair)
        /// A name and a password, for such servers. They go over the connection: use TLS.
        case password(user: String, @Sendable () throws(NATSFault) -> String)
    }

    /// When credentials are refused on the way back to a server.
    public enum WhenRefused: Hashable, Sendable {
        /// The connection closes once every server has refused them twice in a row.
        case close
        /// It goes on trying: somebody may replace the creds.
        case keepTrying
    }

    /// How a connection that was lost comes back. Waits grow from the first to the longest by doubling with each round
    /// over the servers, and each is shortened by chance by up to half.
    public struct Reconnection: Hashable, Sendable {
        /// The first wait.
        public var firstWait: Duration = .milliseconds(100)
        /// The longest.
        public var longestWait: Duration = .seconds(5)
        /// Rounds over all servers before the connection closes; nil for never. 0 for no reconnection.
        public var rounds: Int?
        /// What a refusal means.
        public var whenRefused = WhenRefused.close

        /// For ever, unless the credentials are refused.
        public init() {}
    }

    /// The servers to begin with, in any order. Others of their cluster are learnt from them.
    public var servers: [ServerAddress]
    /// As whom.
    public var credentials: Credentials
    /// TLS; nil for TLS only where an address or the server asks for it, with the system's roots.
    public var tls: TLSSettings?
    /// What the connection is called in the server's lists; nil for nothing.
    public var name: String?
    /// What the subjects of answers begin with; a user must be permitted to subscribe below it.
    public var inboxPrefix = "_INBOX"
    /// From the first byte sent until the server has taken the credentials, for each server.
    public var connectTimeout: Duration = .seconds(5)
    /// Between two pings.
    public var pingInterval: Duration = .seconds(20)
    /// As many pings without an answer as end the connection when the next is due.
    public var pingLimit = 2
    /// How a connection that was lost comes back.
    public var reconnection = Reconnection()
    /// How much may wait.
    public var limits = ConnectionLimits()

    /// Settings for these servers.
    public init(servers: [ServerAddress], credentials: Credentials = .none, tls: TLSSettings? = nil) {
        (self.servers, self.credentials, self.tls) = (servers, credentials, tls)
    }
}

/// How much of what may wait, so that no peer can fill the memory.
public struct ConnectionLimits: Hashable, Sendable {
    /// Bytes that wait for a connection to come back.
    public var outbox = 8 << 20
    /// Requests without an answer.
    public var requests = 65_536
    /// Bytes that wait for the socket before a publisher is made to wait.
    public var socket = 1 << 20
    /// The longest message that is taken, whatever the server announces. In bytes.
    public var payload = 64 << 20
    /// Servers learnt from others.
    public var learntServers = 256

    /// The usual limits.
    public init() {}
}

/// What is asked of TLS.
public struct TLSSettings: Hashable, Sendable {
    /// When TLS begins.
    public enum Start: Hashable, Sendable {
        /// After the server has announced itself, as servers do it by default.
        case afterAnnouncement
        /// At once (`handshake_first`): nothing is said in the clear.
        case atOnce
    }

    /// Who is trusted to name servers.
    public enum Roots: Hashable, Sendable {
        /// Those that the system trusts.
        case system
        /// The certificates in this file, in PEM, and no others.
        case file(String)
    }

    /// The client's own certificate.
    public struct ClientCertificate: Hashable, Sendable {
        /// The file with the certificate and those that lead from it to a root, in PEM.
        public var certificates: String
        /// The file with the key, in PEM.
        public var key: String

        /// A certificate and its key.
        public init(certificates: String, key: String) { (self.certificates, self.key) = (certificates, key) }
    }

    /// When TLS begins.
    public var start = Start.afterAnnouncement
    /// Who is trusted to name servers.
    public var roots = Roots.system
    /// The client's own certificate; nil for none. Files are read anew for each connection.
    public var identity: ClientCertificate?
    /// The name that certificates must have; nil for the host of the address.
    public var serverName: String?

    /// TLS in the usual way, required.
    public init() {}
}
