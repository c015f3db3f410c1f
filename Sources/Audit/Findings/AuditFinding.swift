import NKeys
import Trust

/// One thing that an audit found. It never holds a token or a seed.
public struct AuditFinding: Hashable, Sendable {
    /// Whom it is about.
    public struct Subject: Hashable, Sendable {
        /// The account, or for a fault of an operator that one; nil when it cannot be told.
        public var key: PublicKey?
        /// What people call it; empty when it has no name.
        public var name: String

        /// A subject.
        public init(key: PublicKey? = nil, name: String = "") {
            self.key = key
            self.name = name
        }
    }

    /// How bad it is.
    public let severity: Severity
    /// What was found.
    public let code: AuditCode
    /// Whom it is about.
    public let subject: Subject
    /// Where in the token: `imports[0].token`, `users[alice].iss`; the whole token when empty.
    public let place: Place
    /// Where the token is kept.
    public let origin: Origin
    /// One line for people: lower case, without a full stop, never a secret.
    public let message: String
    /// What to do about it, in one line.
    public let hint: String

    /// A finding; severity and hint are those of its code where none is given.
    public init(
        _ code: AuditCode, _ severity: Severity? = nil, of subject: Subject, at place: Place, in origin: Origin,
        _ message: String, hint: String? = nil
    ) {
        self.severity = severity ?? code.severity
        self.code = code
        self.subject = subject
        self.place = place
        self.origin = origin
        self.message = message
        self.hint = hint ?? code.hint
    }
}

extension AuditFinding {
    /// Worst first; then by code, account and place, so that two audits of one store read alike.
    public static func precedes(_ left: AuditFinding, _ right: AuditFinding) -> Bool {
        if left.severity != right.severity { return left.severity > right.severity }
        if left.code != right.code { return left.code.position < right.code.position }
        if left.subject.name != right.subject.name { return left.subject.name < right.subject.name }
        if left.subject.key != right.subject.key {
            return (left.subject.key?.text ?? "") < (right.subject.key?.text ?? "")
        }
        if left.origin != right.origin { return left.origin < right.origin }
        if left.place != right.place { return left.place.path < right.place.path }
        return left.message < right.message
    }
}

/// Where a token is kept: a file and perhaps a line in it.
public struct Origin: Hashable, Comparable, Sendable {
    /// The path, relative to what is audited; empty for that itself.
    public var file: String
    /// The line, from 1; nil when the token is the whole file.
    public var line: Int?

    /// A place.
    public init(file: String, line: Int? = nil) {
        self.file = file
        self.line = line
    }

    /// By file, then by line.
    public static func < (left: Origin, right: Origin) -> Bool {
        left.file == right.file ? (left.line ?? 0) < (right.line ?? 0) : left.file < right.file
    }
}
