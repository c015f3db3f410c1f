/// Who may do what, of those who reach the server.
///
/// What an upload says is judged by its signatures, whoever brings it; access is about who may try.
public struct AccessPolicy: Hashable, Sendable {
    /// What callers do.
    public enum Action: String, CaseIterable, Hashable, Sendable {
        /// Reads one account, an activation, or the operator.
        case read
        /// Reads all accounts at once.
        case list
        /// Brings an account token, a pack or an activation, or has an account announced.
        case upload
        /// Deletes accounts.
        case delete
        /// Brings a new operator token.
        case `operator`
        /// Reads the server's metrics.
        case metrics
        /// Asks for a token in exchange for another.
        case exchange
    }

    /// Who may do something.
    public enum Audience: Hashable, Sendable {
        /// Everybody.
        case everyone
        /// Whose credential is allowed it (`CallerCredentials`).
        case named
    }

    /// Whether anything may change.
    public enum Changes: Hashable, Sendable {
        /// As each action's audience says.
        case allowed
        /// Nothing may (U-read-only).
        case refused
    }

    /// Who may do what. By default everybody may do everything but replace the operator's token and read all accounts at
    /// once: uploads prove themselves, and who asks for an account knows its key.
    public var audiences: [Action: Audience] = [.operator: .named, .list: .named]
    /// Whether anything may change.
    public var changes = Changes.allowed

    /// The defaults.
    public init() {}

    /// Who may do `action`.
    public func audience(of action: Action) -> Audience { audiences[action] ?? .everyone }
}

extension AccessPolicy.Action {
    /// Whether it changes what is kept.
    var isChange: Bool { self == .upload || self == .delete || self == .operator }
}
