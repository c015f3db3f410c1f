import NKeys

/// Signs tokens with one key: a key pair, or a signer elsewhere (a key service, a hardware module, a person).
///
///     let signer = TokenSigner(operatorKeys)
///     let account = AccountClaims(subject: key, name: "ORDERS")
///     let token = try signer.sign(account, under: operatorToken, at: now)
///
/// Nothing is signed that this library would refuse: what was written is read again and judged by every T rule.
/// Whether the key may sign for whom it signs is judged by the forms of `sign` that take the token of the one above;
/// the plain form is for tokens that stand alone, such as operators.
public struct TokenSigner: Sendable {
    /// The key that signs.
    public let key: PublicKey
    /// The policy by which what was written is judged; it also bounds how far `iat` may be ahead of the clock.
    public var policy: Policy
    /// Where time zones come from.
    public var zones: any TimeZones
    private let signature: @Sendable ([UInt8]) throws -> Signature

    /// Signs with a key pair.
    public init(_ pair: KeyPair, policy: Policy = .strict, zones: any TimeZones = NoTimeZones()) {
        self.init(pair.publicKey, policy: policy, zones: zones) { try pair.sign($0) }
    }

    /// Signs with a signer elsewhere, which is handed the bytes to sign. Its answer is verified before use.
    public init(
        _ key: PublicKey, policy: Policy = .strict, zones: any TimeZones = NoTimeZones(),
        signature: @escaping @Sendable (_ message: [UInt8]) throws -> Signature
    ) {
        self.key = key
        self.policy = policy
        self.zones = zones
        self.signature = signature
    }

    /// Signs `claims`, setting `iss`, `iat` and `jti`. Costs one signature and one check of it.
    ///
    /// `iat` is now, or one second after `previous`, the `iat` of the token that is replaced: of two tokens with the
    /// same `iat` nobody can say which one counts (U-stale).
    public func sign<Claims: TokenClaims>(
        _ claims: Claims, replacing previous: UnixTime? = nil, at now: UnixTime
    ) throws(SigningError) -> VerifiedToken<Claims> {
        var claims = claims
        claims.common.issuer = key
        claims.common.issuedAt = try issueTime(after: previous, at: now)
        let text = try signedText(claims, at: now)
        // A token may be signed before it begins to be valid: it is judged as of then.
        let verifier = TokenVerifier(policy: policy, zones: zones)
        // What a signer elsewhere answered is checked here as well, once and under every policy.
        let verdict = verifier.verify(text, as: Claims.self, at: max(now, claims.common.notBefore ?? now))
        guard !(verdict.failures + verdict.warnings).contains(where: { $0.rule == .tokenSignature }) else {
            throw .wrongSignature
        }
        switch verdict {
        case .accepted(let token, _): return token
        case .refused(let refusal): throw .refused(refusal)
        }
    }

    /// The first moment from now on that is after `previous`.
    func issueTime(after previous: UnixTime?, at now: UnixTime) throws(SigningError) -> UnixTime {
        let time = max(now, previous?.advanced(by: 1) ?? now)
        guard time <= now.advanced(by: policy.issuedAtLeeway) else {
            throw .tooSoon(waitUntil: time.advanced(by: -policy.issuedAtLeeway))
        }
        return time
    }

    private func signedText<Claims: TokenClaims>(
        _ unnamed: Claims, at now: UnixTime
    ) throws(SigningError) -> String {
        var claims = unnamed
        try checkWritable(claims, at: now)
        if var generic = claims as? GenericClaims {
            generic.content = try versioned(generic.content)
            if let same = generic as? Claims { claims = same }
        }
        claims.common.id = ""
        guard let id = ClaimsEncoder.id(of: claims.common) else { throw .key(.memory) }
        claims.common.id = id
        guard let writable = claims as? any WritableClaims else {
            throw .refused(Refusal(Finding(.tokenType, at: .whole, .typeMismatch(expected: nil, found: Claims.type))))
        }
        var text = Self.header
        text.append(contentsOf: Base64URL.encode(ClaimsEncoder.payload(of: writable)))
        let signature = try sign(text)
        text.append(UInt8(ascii: "."))
        text.append(contentsOf: Base64URL.encode(signature.rawBytes))
        return String(decoding: text, as: UTF8.self)
    }

    /// `{"typ":"JWT","alg":"ed25519-nkey"}` and the dot behind it.
    private static let header =
        Base64URL.encode(Array(#"{"typ":"JWT","alg":"ed25519-nkey"}"#.utf8)) + [UInt8(ascii: ".")]

    private func sign(_ message: [UInt8]) throws(SigningError) -> Signature {
        do {
            return try self.signature(message)
        } catch let error as KeyUseError {
            throw .key(error)
        } catch {
            throw .signer(error)
        }
    }

    /// Refuses what cannot be written, or would be read as something else than was meant.
    private func checkWritable<Claims: TokenClaims>(_ claims: Claims, at now: UnixTime) throws(SigningError) {
        let lost = claims.unknown.filter { $0.container == nil }
        guard lost.isEmpty else { throw .wouldLose(lost.map(\.place)) }
        var judgement = Judgement(policy)
        if claims.common.expires == .zero {
            // Written, it would read as never.
            judgement.refuse(.tokenExpired, at: "exp", .expired(at: .zero, now: now))
        }
        if let audience = claims.common.audience {
            if audience == "*" {
                judgement.refuse(Self.audienceRule(for: claims), at: "aud", .audienceWildcard)
            } else if [.user, .activation].contains(Claims.type), let fault = AudienceFault(in: audience) {
                judgement.refuse(Self.audienceRule(for: claims), at: "aud", .audienceUnfit(fault))
            }
        }
        if let refusal = judgement.refusal { throw .refused(refusal) }
    }

    private static func audienceRule<Claims: TokenClaims>(for claims: Claims) -> Rule {
        switch Claims.type {
        case .activation: .activationAudience
        case .user: .userAudience
        default: .tokenContent
        }
    }

    /// The content of a generic token with the version that makes it one of version 2, as the Go library sets it.
    private func versioned(_ content: String) throws(SigningError) -> String {
        let bytes = Array(content.utf8)
        var hasVersion = false
        var isEmpty = true
        do throws(JSONReader.Fault) {
            try bytes.withUnsafeBufferPointer { buffer throws(JSONReader.Fault) in
                var reader = try JSONReader(PaddedBytes(UnsafeRawBufferPointer(buffer), count: buffer.count))
                var scope = try reader.beginText(known: [.version])
                while let name = try reader.nextMember(&scope) {
                    isEmpty = false
                    if name == .version { hasVersion = true }
                    try reader.skipValue()
                }
                try reader.endText()
            }
        } catch {
            let detail = Detail.json(segment: .payload, fault: .notAnObject, offset: error.offset)
            throw .refused(Refusal(Finding(.tokenJSON, at: "nats", detail)))
        }
        if hasVersion { return content }
        let end = bytes.lastIndex(of: UInt8(ascii: "}")) ?? bytes.count
        return String(decoding: bytes[..<end], as: UTF8.self) + (isEmpty ? "" : ",") + #""version":2}"#
    }
}
