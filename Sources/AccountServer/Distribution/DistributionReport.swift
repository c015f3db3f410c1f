import NKeys

/// What is known of the servers that are told.
public struct DistributionReport: Hashable, Sendable {
    /// How the connection stands.
    public enum Connection: Hashable, Sendable {
        /// Nothing was tried yet.
        case notTried
        /// There is one.
        case connected
        /// There is none; why.
        case disconnected(String)
    }

    /// A server.
    public struct Server: Hashable, Sendable {
        /// How a server comes to accounts.
        public enum Resolver: String, Hashable, Sendable {
            /// It was not told anything yet.
            case unknown
            /// It stores all accounts.
            case full
            /// It stores accounts that it uses.
            case cache
            /// It stores none: `MEMORY` or `URL`. What is pushed holds until it ends.
            case none
        }

        /// The server's key. One that is started again has another.
        public let id: PublicKey
        /// Its name, as it says.
        public let name: String
        /// Its version, as it says.
        public let version: String
        /// How it comes to accounts.
        public let resolver: Resolver
        /// Whether it answers.
        public let isPresent: Bool
        /// Accounts of which it may lack the newest token.
        public let accountsBehind: Int
        /// Accounts that it stores and that are not kept here.
        public let strangers: Int
        /// Accounts that it uses by another token although it confirmed the newest.
        public let notInForce: Int
        /// What went wrong last; nil when all is well.
        public let lastFault: String?
    }

    /// How the connection stands.
    public let connection: Connection
    /// The servers that are known, in the order of their names.
    public let servers: [Server]
    /// Accounts that wait to be pushed.
    public let accountsWaiting: Int
    /// Deletions that not every server that stores accounts has confirmed.
    public let deletionsWaiting: Int

    /// Whether every server that answers has everything.
    public var isComplete: Bool {
        connection == .connected && accountsWaiting == 0 && deletionsWaiting == 0
            && servers.allSatisfy { !$0.isPresent || $0.accountsBehind == 0 }
    }

    /// Why servers lack something, in one line without a token; nil when they do not.
    public var hindrance: String? {
        switch connection {
        case .notTried: return "no server was reached yet"
        case .disconnected(let fault): return "no connection to the servers: \(fault)"
        case .connected: break
        }
        let behind = servers.count { $0.isPresent && $0.accountsBehind > 0 }
        if behind > 0 { return "\(behind) of \(servers.count) servers lack accounts" }
        return isComplete ? nil : "changes are on their way to the servers"
    }
}
