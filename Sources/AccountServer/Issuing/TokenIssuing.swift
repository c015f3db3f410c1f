/// What the token endpoint stands on: judges requests for tokens, and signs. The server carries the requests, writes down
/// what came of each, and hands out what is in its journal.
public protocol TokenIssuing: Sendable {
    /// The audiences that tokens may be asked for, as one JSON object: what `/.well-known/credence-audiences` answers.
    var audiences: [UInt8] { get }

    /// Judges a request for a token by its form, which is not read yet (RFC 8693, section 2.1).
    func issue(form: [UInt8]) async -> TokenIssue
}

/// What became of a request for a token.
public enum TokenIssue: Sendable {
    /// A token was signed. It is handed out once it is written down, and not at all when it cannot be.
    case issued(Issued)
    case refused(Refused)

    /// Something that is said of a request.
    public struct Line: Hashable, Sendable {
        /// The code of a rule.
        public let rule: String
        /// Where it failed: a parameter, or a claim of a token in one.
        public let at: String
        /// In one line, without a token.
        public let message: String

        /// A line.
        public init(rule: String, at: String, message: String) {
            (self.rule, self.at, self.message) = (rule, at, message)
        }
    }

    /// Whom it was about, as far as it was verified.
    public struct Party: Hashable, Sendable {
        /// The account, its key or its name; empty when it is not known.
        public let account: String
        /// The role by which a foreign token was taken; empty for none.
        public let role: String

        /// A party; nobody unless said.
        public init(account: String = "", role: String = "") { (self.account, self.role) = (account, role) }
    }

    /// A token, and what is said of it.
    public struct Issued: Sendable {
        /// The token.
        public let token: String
        /// For whom, and by what.
        public let party: Party
        /// For how long it is valid, in seconds.
        public let lifetime: Int64
        /// What it allows.
        public let scope: String
        /// What was remarked beside it.
        public let warnings: [Line]

        /// A token.
        public init(token: String, party: Party, lifetime: Int64, scope: String, warnings: [Line]) {
            (self.token, self.party, self.lifetime) = (token, party, lifetime)
            (self.scope, self.warnings) = (scope, warnings)
        }
    }

    /// Why there is none.
    public struct Refused: Sendable {
        /// The code of an error, as clients of OAuth know them (RFC 6749, section 5.2).
        public let error: String
        /// Every rule that failed; never empty.
        public let failures: [Line]
        /// What was remarked beside them.
        public let warnings: [Line]
        /// For whom, and by what.
        public let party: Party

        /// A refusal.
        public init(error: String, failures: [Line], warnings: [Line] = [], party: Party = Party()) {
            (self.error, self.failures, self.warnings, self.party) = (error, failures, warnings, party)
        }

        /// Whether the same request may be answered otherwise later.
        public var isPassing: Bool { error == "temporarily_unavailable" }
    }
}
