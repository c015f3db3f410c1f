import Trust

/// A decision on an operation, as it is written down: what decided it, and whose tokens; no token itself.
struct DecisionRecord: Sendable {
    enum Operation: String, Sendable { case publish, subscribe }

    let operation: Operation
    let isAllowed: Bool
    let subject: String
    let queue: String?
    /// What decided; nil where it was no entry of a list.
    let cause: PermissionCause?
    /// Why, where it was not permissions: a reserved subject, no subject.
    let note: String?
    let session: UInt64
    /// The user's key and its token's `jti`.
    let user: String
    let userToken: String
    /// The account's key and its token's `jti`.
    let account: String
    let accountToken: String
}
