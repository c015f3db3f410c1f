import NKeys

/// What a user token says.
public struct UserClaims: TokenClaims, Hashable {
    /// The user type.
    public static var type: TokenType { .user }
    /// What every token states.
    public var common: CommonClaims
    /// `issuer_account`: the account, when one of its signing keys signed; nil when absent.
    public var issuerAccount: PublicKey?
    /// `pub`, `sub`, `resp`.
    public var permissions = PermissionClaims()
    /// The user's limits.
    public var limits: UserLimits
    /// `tags`.
    public var tags: [String] = []
    /// Members that this library does not know.
    public var unknown: [UnknownMember] = []

    /// A user with limits and no permissions of its own.
    public init(common: CommonClaims, limits: UserLimits = .unlimited) {
        self.common = common
        self.limits = limits
    }
}
