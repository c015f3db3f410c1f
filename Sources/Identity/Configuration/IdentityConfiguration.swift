import NKeys

/// What the token endpoint and the authorization service are told, read from one file.
public struct IdentityConfiguration: Sendable {
    /// The names of this service, one of which a token has to be meant for.
    public var names: [AudienceName] = []
    /// The audiences that users may be asked for.
    public var audiences = AudienceRegistry()
    /// Foreign issuers.
    public var issuers: [ForeignIssuer] = []
    /// Whom they become.
    public var roles = RoleTable([])
    /// For how long tokens are issued at most, in seconds, whatever a role says.
    public var maximumLifetime: Int64 = 3600
    /// Paths of the seeds of signing keys.
    public var signingKeyFiles: [String] = []

    /// Nothing: no issuer, no role.
    public init() {}
}
