import Trust

/// A token of a foreign issuer that passed every F rule.
public struct VerifiedForeignToken: Sendable {
    /// `iss`.
    public let issuer: String
    /// `sub`.
    public let subject: String
    /// `aud`, one or several.
    public let audiences: [String]
    /// When it was issued.
    public let issuedAt: UnixTime
    /// When it ends.
    public let expires: UnixTime
    /// `jti`; nil when absent.
    public let identifier: String?
    /// All claims.
    public let claims: ForeignClaims
}

/// Verifies tokens of foreign issuers.
public final class ForeignTokenVerifier: Sendable {
    /// A verifier of the tokens of these issuers.
    public init(_ issuers: [ForeignIssuer]) {}

    /// Judges a token by every F rule.
    public func verify(_ token: String, at now: UnixTime) async -> IdentityVerdict<VerifiedForeignToken> {
        .refused(IdentityRefusal(.foreignIssuer, at: "iss", "the issuer is not configured"))
    }
}
