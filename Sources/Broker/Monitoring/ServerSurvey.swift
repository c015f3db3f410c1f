/// How a broker by itself stands: who it is, how it serves, what it has done. Nothing in it is secret.
public struct ServerSurvey: Sendable {
    /// Whether it does its work.
    public enum Health: Hashable, Sendable {
        case good
        /// It does not, or no longer takes clients: one line that says why.
        case poor(String)
    }

    /// Its public key, as text.
    public var key: String
    /// What it is called.
    public var name: String
    /// Its version.
    public var version: String
    /// Where clients reach it.
    public var address: ListenAddress
    /// Where monitoring is reached; nil for nowhere.
    public var monitoring: ListenAddress?
    /// What it admits.
    public var limits = BrokerLimits()
    /// When it acts by itself.
    public var times = BrokerTimes()
    /// Whether its clients have to speak TLS.
    public var tls = TLSUse.none
    /// The servers' own account, as text; nil for none.
    public var systemAccount: String?
    /// Whom it trusts.
    public var operators: [OperatorSurvey] = []
    /// When it started.
    public var started: SurveyTime
    /// When it took its configuration.
    public var configured: SurveyTime
    /// Connections now.
    public var connections = 0
    /// Connections since the start.
    public var totalConnections: UInt64 = 0
    /// Subscriptions now, of all accounts, those of the broker itself among them.
    public var subscriptions = 0
    /// What its clients sent and were sent.
    public var traffic = TrafficSurvey()
    /// Connections that were closed because they did not read.
    public var slowConsumers: UInt64 = 0
    /// Connections that were closed because they did not answer PINGs.
    public var staleConnections: UInt64 = 0
    /// Subscriptions that were made since the start, and those that ended.
    public var (inserts, removes): (UInt64, UInt64) = (0, 0)
    /// What its process takes; nil where it is not told.
    public var process: ProcessSurvey?
    /// Whether it does its work.
    public var health = Health.good

    /// Whether clients speak TLS.
    public enum TLSUse: Hashable, Sendable {
        case none, offered, required
    }

    /// A server that has done nothing yet.
    public init(key: String, name: String, version: String, address: ListenAddress, started: SurveyTime) {
        (self.key, self.name, self.version, self.address) = (key, name, version, address)
        (self.started, configured) = (started, started)
    }
}

/// An operator that is trusted.
public struct OperatorSurvey: Hashable, Sendable {
    /// Its public key, as text.
    public var key: String
    /// Its name.
    public var name: String

    /// An operator.
    public init(key: String, name: String) { (self.key, self.name) = (key, name) }
}

/// Messages and bytes of payload, both ways, as the server sees them.
public struct TrafficSurvey: Hashable, Sendable {
    /// Messages that came from clients.
    public var inMessages: UInt64 = 0
    /// Their bytes.
    public var inBytes: UInt64 = 0
    /// Messages that went to clients.
    public var outMessages: UInt64 = 0
    /// Their bytes.
    public var outBytes: UInt64 = 0

    /// Nothing yet.
    public init() {}

    /// Traffic.
    public init(inMessages: UInt64, inBytes: UInt64, outMessages: UInt64, outBytes: UInt64) {
        (self.inMessages, self.inBytes, self.outMessages, self.outBytes) = (inMessages, inBytes, outMessages, outBytes)
    }
}
