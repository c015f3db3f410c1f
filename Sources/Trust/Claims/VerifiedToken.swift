import NKeys

/// A token whose every T rule holds under the policy it was verified with. Only `TokenVerifier.verify` makes one.
public struct VerifiedToken<Claims: TokenClaims>: Sendable {
    /// What the token says.
    public let claims: Claims
    /// The token as received.
    public let text: String
    /// The shape of the token.
    public let version: TokenVersion

    fileprivate init(claims: Claims, text: String, version: TokenVersion) {
        self.claims = claims
        self.text = text
        self.version = version
    }

    /// The issuer.
    public var issuer: PublicKey { claims.common.issuer }
    /// The subject.
    public var subject: PublicKey { claims.common.subject }
}

/// Judges tokens by themselves, by the T rules.
public struct TokenVerifier: Sendable {
    /// How strictly the rules are applied.
    public var policy: Policy
    /// Where time zones come from.
    public var zones: any TimeZones

    /// A verifier. Without `zones` a token that names another zone than UTC is refused.
    public init(policy: Policy = .strict, zones: any TimeZones = NoTimeZones()) {
        self.policy = policy
        self.zones = zones
    }

    /// Judges `token` as a token of type `Claims`, at `now`.
    public func verify<Claims: TokenClaims>(
        _ token: String, as type: Claims.Type = Claims.self, at now: UnixTime
    ) -> Verdict<VerifiedToken<Claims>> {
        .refused(Refusal(Finding(.tokenSize, at: .whole, .nullEntry)))
    }

    /// Judges the bytes of a token, as above.
    public func verify<Claims: TokenClaims>(
        utf8 token: UnsafeBufferPointer<UInt8>, as type: Claims.Type = Claims.self, at now: UnixTime
    ) -> Verdict<VerifiedToken<Claims>> {
        .refused(Refusal(Finding(.tokenSize, at: .whole, .nullEntry)))
    }
}
