/// How a connection stands, or stood when it ended. Who it is is told by keys and names; the token and the signature by
/// which it came in are not here, so that no page can show them (the field's pages did: a bearer's token is a password).
public struct ConnectionSurvey: Sendable {
    /// Its number, which no other connection of this broker has had.
    public var number: UInt64
    /// Where it comes from.
    public var address: String
    /// Its port there.
    public var port: Int
    /// When it came.
    public var started: SurveyTime
    /// When it last sent or was sent a message, or changed its subscriptions.
    public var lastActivity: SurveyTime
    /// When and why it ended; nil while it is there.
    public var end: End?
    /// How long its last PONG took, in nanoseconds; nil before the first.
    public var roundTrip: Int64?
    /// Bytes that wait to be sent to it.
    public var pendingBytes = 0
    /// What it sent, and was sent.
    public var traffic = TrafficSurvey()
    /// Subscriptions now.
    public var subscriptionCount = 0
    /// Its subscriptions, where they were asked for.
    public var subscriptions: [SubscriptionSurvey] = []
    /// What it calls itself; empty for nothing.
    public var name = ""
    /// What its client is written in; empty for nothing.
    public var language = ""
    /// Its client's version; empty for nothing.
    public var version = ""
    /// Its TLS; nil for none.
    public var tls: TLS?
    /// Whose it is; nil before it has proved that.
    public var user: User?

    /// When and why a connection ended.
    public struct End: Hashable, Sendable {
        /// When.
        public var time: SurveyTime
        /// Why, in the words of the field: `Client Closed`, `Slow Consumer (Pending Bytes)`.
        public var reason: String

        /// An end.
        public init(time: SurveyTime, reason: String) { (self.time, self.reason) = (time, reason) }
    }

    /// What a connection agreed upon for TLS.
    public struct TLS: Hashable, Sendable {
        /// `1.3` or `1.2`.
        public var version: String
        /// The cipher suite.
        public var cipher: String

        /// TLS of a version.
        public init(version: String, cipher: String) { (self.version, self.cipher) = (version, cipher) }
    }

    /// Whose a connection is.
    public struct User: Hashable, Sendable {
        /// The user's public key, as text.
        public var key: String
        /// The name in its token.
        public var name: String
        /// The account's public key, as text.
        public var account: String
        /// The name in the account's token.
        public var accountName: String
        /// The public key that signed the user's token, as text.
        public var issuer: String

        /// A user of an account.
        public init(key: String, name: String, account: String, accountName: String, issuer: String) {
            (self.key, self.name, self.account, self.accountName) = (key, name, account, accountName)
            self.issuer = issuer
        }
    }

    /// A connection that has just come.
    public init(number: UInt64, address: String, port: Int, started: SurveyTime) {
        (self.number, self.address, self.port) = (number, address, port)
        (self.started, lastActivity) = (started, started)
    }
}

/// A subscription of a connection.
public struct SubscriptionSurvey: Hashable, Sendable {
    /// Its subject, which may have wildcards.
    public var subject: String
    /// Its queue group; nil for none.
    public var queue: String?
    /// What the client calls it.
    public var id: String
    /// Messages that were delivered to it.
    public var messages: UInt64
    /// Messages after which it ends; nil for none.
    public var limit: UInt64?

    /// A subscription.
    public init(subject: String, queue: String? = nil, id: String, messages: UInt64 = 0, limit: UInt64? = nil) {
        (self.subject, self.queue, self.id, self.messages, self.limit) = (subject, queue, id, messages, limit)
    }
}
