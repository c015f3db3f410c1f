import NKeys

/// A token whose every T rule holds under the policy it was verified with. Only `TokenVerifier` makes one.
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
///
/// ```swift
/// let verifier = TokenVerifier(policy: .strict, zones: SystemZones())
/// switch verifier.verify(text, as: UserClaims.self, at: now) {
/// case .accepted(let token, let warnings): connect(token.claims)
/// case .refused(let refusal): log(refusal.failures.map(\.rule.code))
/// }
/// ```
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
    ///
    /// Every rule that can be judged is: a token that is expired and has a wrong signature says both.
    /// - Complexity: linear in the token's size; one signature check.
    public func verify<Claims: TokenClaims>(
        _ token: String, as type: Claims.Type = Claims.self, at now: UnixTime
    ) -> Verdict<VerifiedToken<Claims>> {
        var token = token
        return token.withUTF8 { verify(utf8: $0, as: type, at: now) }
    }

    /// Judges the bytes of a token, as above.
    public func verify<Claims: TokenClaims>(
        utf8 token: UnsafeBufferPointer<UInt8>, as type: Claims.Type = Claims.self, at now: UnixTime
    ) -> Verdict<VerifiedToken<Claims>> {
        var judge = TokenJudge(verifier: self, expected: .type(Claims.type), now: now)
        judge.judge(token)
        return Self.verdict(of: judge, on: String(decoding: token, as: UTF8.self))
    }

    /// Judges a token, and hands over what was read of it even when it is refused, so that a caller can go on to name
    /// further faults. What was read of a refused token proves nothing.
    func examine<Claims: TokenClaims>(
        _ token: String, as type: Claims.Type, at now: UnixTime, signature: inout KnownSignature
    ) -> (verdict: Verdict<VerifiedToken<Claims>>, read: Payload?) {
        var judge = TokenJudge(verifier: self, expected: .type(Claims.type), now: now, signature: signature)
        var text = token
        text.withUTF8 { judge.judge($0) }
        signature = judge.signature
        return (Self.verdict(of: judge, on: token), judge.read)
    }

    private static func verdict<Claims: TokenClaims>(
        of judge: TokenJudge, on text: @autoclosure () -> String
    ) -> Verdict<VerifiedToken<Claims>> {
        if let refusal = judge.judgement.refusal { return .refused(refusal) }
        guard let claims = judge.read?.claims(as: Claims.self), let version = judge.version else {
            let finding = Finding(.tokenType, at: "type", .typeMismatch(expected: Claims.type, found: .generic))
            return .refused(Refusal(finding))
        }
        return judge.judgement.verdict(VerifiedToken(claims: claims, text: text(), version: version))
    }

    /// Judges a token of any type, generic ones included, and tells what it is even when it is refused.
    public func report(utf8 token: UnsafeBufferPointer<UInt8>, at now: UnixTime) -> TokenReport {
        var judge = TokenJudge(verifier: self, expected: .any, now: now)
        judge.judge(token)
        return TokenReport(judge)
    }

    /// Judges a token of any type but generic; the verdict's proof is that it holds, not what it says.
    public func verifyKnown(utf8 token: UnsafeBufferPointer<UInt8>, at now: UnixTime) -> Verdict<TokenType> {
        var judge = TokenJudge(verifier: self, expected: .known, now: now)
        judge.judge(token)
        return judge.judgement.verdict(judge.type ?? .generic)
    }
}
