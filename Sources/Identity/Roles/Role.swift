import NKeys
import Trust

/// A line of the table by which people and services that a foreign issuer vouches for become users: whom it takes, and
/// what they get.
public struct Role: Sendable {
    /// The account in which users of the role are.
    public enum Target: Hashable, Sendable {
        /// An account of our operator.
        case account(PublicKey)
        /// An account of a server that is configured without an operator, by its name in the server's configuration.
        case named(String)
    }

    /// Its name, for the log and the journal.
    public var name: String
    /// The issuer whose tokens it takes.
    public var issuer: String
    /// What the token's claims have to be; all of it.
    public var conditions: [ClaimCondition] = []
    /// The audiences for which users may be asked for. Empty: none but for an authorization request, which has none.
    public var audiences: Set<AudienceName> = []
    /// Where the users are.
    public var target: Target
    /// The key that signs them: one of the account's signing keys, with a role template or without.
    public var signingKey: PublicKey
    /// The key that signs users with fewer permissions than those of a scoped key; without a template.
    public var narrowingKey: PublicKey?
    /// What the user is called.
    public var userName = ClaimTemplate.subject
    /// The user's tags.
    public var tags: [ClaimTemplate] = []
    /// Permissions of the users of a key without a template.
    public var permissions = PermissionClaims()
    /// For how long users are valid, in seconds.
    public var lifetime: Int64 = 600
    /// Users that may act for whom the role takes.
    public var delegates: Set<PublicKey> = []

    /// A role that takes every token of the issuer.
    public init(_ name: String, issuer: String, target: Target, signingKey: PublicKey) {
        (self.name, self.issuer, self.target, self.signingKey) = (name, issuer, target, signingKey)
    }
}
