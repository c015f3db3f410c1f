/// How the account server speaks HTTP. Every limit has a default; sizes are in bytes, times in seconds.
public struct HTTPSettings: Sendable {
    /// What is done with uploads that come over plain HTTP.
    public enum PlainHTTP: Hashable, Sendable {
        /// They are refused (U-denied).
        case readOnly
        /// They are taken from this machine, and refused (U-denied) from elsewhere.
        case uploadsFromLoopback
        /// They are taken. Somebody in between can read credentials and swallow an upload.
        case unsafeUploads
    }

    /// Whether callers on this machine are rationed and counted as others are.
    public enum LoopbackCallers: Hashable, Sendable {
        /// They are not: whoever is on this machine can do worse.
        case exempt
        /// They are. Right where a proxy on this machine stands for everybody.
        case limited
    }

    /// How often a caller may ask.
    public struct Budget: Hashable, Sendable {
        /// Requests a second, in the long run.
        public let perSecond: Double
        /// Requests at once, after a time without any.
        public let burst: Double

        /// A budget; both at least one request a day, and one at once.
        public init(perSecond: Double, burst: Double) {
            self.perSecond = max(perSecond, 1.0 / 86_400)
            self.burst = max(burst, 1)
        }
    }

    /// The address to listen at.
    public var host = "127.0.0.1"
    /// The port to listen at; 0 lets the system choose (`AccountHTTPServer.port`).
    public var port = 9090
    /// The certificate and what goes with it; nil speaks plain HTTP.
    public var tls: TLSFiles?
    /// What is done with uploads over plain HTTP.
    public var plainHTTP = PlainHTTP.uploadsFromLoopback
    /// Who may do what.
    public var access = AccessPolicy()

    /// The largest token that is taken (T-size); the policy of the judgement has the same.
    public var tokenBytes = 1 << 20
    /// The largest pack that is taken, over all of its lines.
    public var packBytes = 64 << 20
    /// How many lines a pack may have that is taken, and a pack that is handed out.
    public var packLines = 1_000_000
    /// The largest form that is taken: two tokens and their proof.
    public var formBytes = 128 << 10
    /// The longest target of a request, path and query.
    public var targetBytes = 2048
    /// The largest header field.
    public var fieldBytes = 8 << 10
    /// All header fields of a request, together.
    public var headerBytes = 16 << 10
    /// How many header fields a request may have.
    public var headerCount = 64

    /// How many connections are open at once.
    public var connections = 10_000
    /// How many of them from one address, or one network of 64 bits in version 6.
    public var connectionsPerAddress = 512
    /// How many requests a connection may bring, after which it is closed.
    public var requestsPerConnection = 1_000_000
    /// How long a request's head may take from its first byte, and a new connection until its first head.
    public var headerTimeout = 10.0
    /// How long a body may take, beside a second for each `bodyRate` bytes.
    public var bodyTimeout = 20.0
    /// The bytes a second that a body may come at in the long run.
    public var bodyRate = 16.0 * 1024
    /// How long a connection may be open without a request.
    public var idleTimeout = 75.0
    /// How long a reader may leave what was sent to it unread.
    public var writeTimeout = 30.0
    /// How long a closing connection is read from, so that the last answer arrives.
    public var lingerTimeout = 2.0

    /// How often a caller may read; nil for as often as it likes.
    public var reads: Budget? = Budget(perSecond: 2000, burst: 4000)
    /// How often a caller may upload, delete or ask for a pack; nil for as often as it likes.
    public var uploads: Budget? = Budget(perSecond: 50, burst: 500)
    /// How often a caller may ask for a token in exchange; nil for as often as it likes. Each request costs an entry of
    /// the journal.
    public var exchanges: Budget? = Budget(perSecond: 10, burst: 50)
    /// How many callers are kept account of.
    public var rationedCallers = 20_000
    /// Whether callers on this machine are rationed and counted.
    public var loopbackCallers = LoopbackCallers.exempt

    /// How long an answer may be kept by whoever asked, at most; less when the token expires before.
    public var cacheSeconds: Int64 = 60
    /// How often files of certificates and credentials are looked at for changes; nil for never.
    public var reloadInterval: Double? = 15
    /// How long a shutdown waits for requests that have begun; then it closes their connections.
    public var shutdownTimeout = 30.0

    /// The defaults.
    public init() {}
}
