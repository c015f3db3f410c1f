import NKeys

/// One account as a source has it: its token, and where the source knows users, theirs. Nothing of it is judged yet.
public struct AuditEntry: Sendable {
    /// What the account is called where it is kept: the name of its folder, or its key.
    public var name: String
    /// The key that the token is filed under; nil where tokens are filed under names.
    public var filedUnder: PublicKey?
    /// Where the token is kept.
    public var origin: Origin
    /// The token; nil when it cannot be read.
    public var token: [UInt8]?
    /// The tokens of the account's users; nil when the source knows none.
    public var users: [StoredToken]?
    /// The tokens in creds files of the account's users.
    public var credentials: [StoredToken] = []
    /// What could not be read.
    public var faults: [AuditFault] = []

    /// An account.
    public init(
        name: String, filedUnder: PublicKey? = nil, origin: Origin, token: [UInt8]?, users: [StoredToken]? = nil
    ) {
        self.name = name
        self.filedUnder = filedUnder
        self.origin = origin
        self.token = token
        self.users = users
    }
}

/// The token of a user as a source has it.
public struct StoredToken: Sendable {
    /// What the user is called where the token is kept.
    public var name: String
    /// Where it is kept.
    public var origin: Origin
    /// The token.
    public var token: [UInt8]

    /// A token.
    public init(name: String, origin: Origin, token: [UInt8]) {
        self.name = name
        self.origin = origin
        self.token = token
    }
}

/// Something that a source could not read.
public struct AuditFault: Sendable {
    /// What kind of fault: `packLine` or `unreadable`.
    public var rule: AuditRule
    /// Where.
    public var origin: Origin
    /// What is wrong: one line in lower case, without a secret.
    public var message: String
    /// What to do about it, where there is more to say than for every such fault.
    public var hint: String?

    /// A fault.
    public init(_ rule: AuditRule, in origin: Origin, _ message: String, hint: String? = nil) {
        self.rule = rule
        self.origin = origin
        self.message = message
        self.hint = hint
    }

    /// The finding that it is.
    public func finding(of subject: AuditFinding.Subject = AuditFinding.Subject()) -> AuditFinding {
        AuditFinding(.audit(rule), of: subject, at: .whole, in: origin, message, hint: hint)
    }
}
