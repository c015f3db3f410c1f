import NKeys
import Trust

/// The roles of a configuration. The first that takes a token decides.
public struct RoleTable: Sendable {
    /// The roles, in their order.
    public let roles: [Role]

    /// These roles.
    public init(_ roles: [Role]) { self.roles = roles }

    /// What the bearer of the token gets; with `audience`, where the role admits it (X-audience); refused by X-role when
    /// no role takes the token.
    public func grant(
        _ token: VerifiedForeignToken, for audience: AudienceName?
    ) -> IdentityVerdict<RoleGrant> {
        .refused(IdentityRefusal(.exchangeRole, at: "subject_token", "no role takes this token"))
    }
}

/// What a role gives to the bearer of one token.
public struct RoleGrant: Sendable {
    /// The role.
    public let role: Role
    /// What the user is called.
    public let userName: String
    /// The user's tags.
    public let tags: [String]
    /// When the foreign token ends.
    public let sourceExpires: UnixTime
}
