/// Who can say how a broker stands: the broker itself, for its monitoring.
public protocol BrokerSurveying: Sendable {
    /// How it stands now, as far as the scope asks. Parts that are not asked for are left empty.
    ///
    /// A survey is no snapshot of one moment: connections go on while they are looked at.
    func survey(of scope: SurveyScope) async -> BrokerSurvey
}

/// What a survey is to hold. The less, the cheaper: connections and subscriptions are many.
public struct SurveyScope: Hashable, Sendable {
    /// Which connections.
    public enum Connections: Hashable, Sendable {
        case none
        /// Every one.
        case all
        /// The one of this number.
        case one(UInt64)
    }

    /// Which of them, by whether they are there still.
    public enum States: Hashable, Sendable {
        case open
        /// Those that ended, as many as the broker remembers.
        case closed
        case any
    }

    /// What of subscriptions.
    public enum Subscriptions: Hashable, Sendable {
        /// How many each connection has.
        case counted
        /// Each by itself.
        case listed
    }

    /// Which accounts.
    public enum Accounts: Hashable, Sendable {
        case none
        /// Every one that is in force, with its counters.
        case all
        /// The one of this key, with its exports and imports.
        case one(String)
    }

    /// Which connections.
    public var connections = Connections.none
    /// Which of them, by whether they are there still.
    public var states = States.open
    /// What of their subscriptions.
    public var subscriptions = Subscriptions.counted
    /// Which accounts.
    public var accounts = Accounts.none

    /// The server by itself.
    public init() {}
}

/// How a broker stands.
public struct BrokerSurvey: Sendable {
    /// The server by itself.
    public var server: ServerSurvey
    /// The connections that were asked for, in any order.
    public var connections: [ConnectionSurvey] = []
    /// The accounts that were asked for, in any order.
    public var accounts: [AccountSurvey] = []

    /// A survey of the server alone.
    public init(server: ServerSurvey) { self.server = server }
}
