import NKeys
import Trust

/// The proof, sent with a request for an exchange as `credence_proof`, that the caller holds the key for which the new
/// user token is asked.
///
/// A generic nkey token of version 2 that the key signs about itself, for one minute at most, about one subject token,
/// one audience and one service:
///
///     {"iss": U…, "sub": U…, "aud": SERVICE, "iat": …, "exp": …,
///      "nats": {"proof": "token-exchange", "subject_token_sha256": BASE64URL, "audience": NAME, "nonce": …, "version": 2}}
///
/// So a proof that was overheard serves no other request, and a token that was stolen serves nobody without the key.
public struct ExchangeProof: Hashable, Sendable {
    /// The longest time between `iat` and `exp`, in seconds.
    public static let maximumLifetime: Int64 = 60
    /// The least and the most bytes of `nonce`.
    static let nonceBytes = 16...256
    /// The longest proof, in bytes: more than three names of the greatest length.
    static let maximumBytes = 4096

    /// The key that was proved: the new user's.
    public let key: PublicKey
    /// When the proof was made.
    public let issuedAt: UnixTime
    /// When it ends.
    public let expires: UnixTime
    /// The hash of its text, by which it is known again.
    public let digest: [UInt8]

    /// Makes a proof, valid for 60 seconds from `now`.
    ///
    /// - Parameters:
    ///   - token: the subject token that is sent along.
    ///   - audience: the audience that is asked for.
    ///   - service: a name of the service that is asked, as its configuration says.
    ///   - signer: signs with the key of the user that is asked for.
    public static func text(
        for token: String, audience: AudienceName, service: AudienceName, signer: TokenSigner, at now: UnixTime
    ) throws(SigningError) -> String {
        var random = SystemRandomNumberGenerator()
        let nonce = (0..<24).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        var content = JSONWriter(escapes: .tokens)
        content.object { json in
            json.member("proof", Self.purpose)
            json.member("subject_token_sha256", hash(of: token))
            json.member("audience", audience.text)
            json.member("nonce", String(decoding: Base64URL.encode(nonce), as: UTF8.self))
        }
        let common = CommonClaims(
            issuer: signer.key, subject: signer.key, audience: service.text,
            expires: now.advanced(by: maximumLifetime))
        return try signer.sign(GenericClaims(common: common, content: content.text), at: now).text
    }

    /// Judges a proof (X-proof): every T rule, and that it is about this token, this audience and one of these names.
    ///
    /// That it is taken once is another's to see to: `ProofMemory`.
    /// - Complexity: linear in the token and the proof; one signature check.
    public static func judge(
        _ text: String, for token: String, audience: AudienceName, names: [AudienceName], verifier: TokenVerifier,
        at now: UnixTime
    ) -> IdentityVerdict<ExchangeProof> {
        guard text.utf8.count <= maximumBytes else {
            return .refused(refusal("the proof is longer than \(maximumBytes) bytes"))
        }
        let verified: VerifiedToken<GenericClaims>
        switch verifier.verify(text, as: GenericClaims.self, at: now) {
        case .accepted(let token, _): verified = token
        case .refused(let why):
            let findings = why.failures.map { IdentityFinding($0, in: place) }
            return .refused(
                IdentityRefusal(
                    IdentityFinding(.exchangeProof, at: place, "the proof is no valid token of the key"), findings))
        }
        guard let expires = verified.claims.common.expires, let issuedAt = verified.claims.common.issuedAt else {
            return .refused(refusal("the proof has no `exp`"))
        }
        if let fault = fault(in: verified, for: token, audience: audience, names: names) {
            return .refused(refusal(fault))
        }
        return .accepted(
            ExchangeProof(
                key: verified.subject, issuedAt: issuedAt, expires: expires,
                digest: SHA256.hash(text.utf8)),
            warnings: [])
    }

    // MARK: What a proof says

    static let place = "credence_proof"
    private static let purpose = "token-exchange"

    private static func refusal(_ message: String) -> IdentityRefusal {
        IdentityRefusal(.exchangeProof, at: place, message)
    }

    private static func hash(of token: String) -> String {
        String(decoding: Base64URL.encode(SHA256.hash(token.utf8)), as: UTF8.self)
    }

    /// What stands against a token of the key as a proof; nil when nothing does.
    private static func fault(
        in proof: VerifiedToken<GenericClaims>, for token: String, audience: AudienceName, names: [AudienceName]
    ) -> String? {
        let common = proof.claims.common
        if common.issuer != common.subject || common.subject.role != .user {
            return "`iss` and `sub` of a proof are the one user key that it proves"
        }
        guard let service = common.audience, names.contains(where: { $0.text == service }) else {
            return "the proof is for another service: `aud` has to be a name of this one"
        }
        guard let expires = common.expires, let issuedAt = common.issuedAt else { return "the proof has no `exp`" }
        if expires.seconds - issuedAt.seconds > maximumLifetime {
            return "a proof is valid for \(maximumLifetime) seconds at most"
        }
        guard case .object(let members)? = try? JSONTree(Array(proof.claims.content.utf8)) else {
            return "`nats` of the proof cannot be read"
        }
        var texts: [String: String] = [:]
        for member in members {
            switch member.value {
            case .string(let text): texts[member.name] = text
            case .integer(2) where member.name == "version": continue
            default: return "`nats` of the proof holds what is not known here"
            }
        }
        if texts["proof"] != purpose { return "`nats.proof` is not `\(purpose)`" }
        guard let sent = texts["subject_token_sha256"],
            SHA256.areEqual(Array(sent.utf8), Array(hash(of: token).utf8))
        else { return "the proof is for another subject token" }
        if texts["audience"] != audience.text { return "the proof is for another audience" }
        guard let nonce = texts["nonce"], nonceBytes.contains(nonce.utf8.count) else {
            return "`nats.nonce` has \(nonceBytes.lowerBound) to \(nonceBytes.upperBound) bytes"
        }
        if texts.count != 4 { return "`nats` of the proof holds what is not known here" }
        return nil
    }
}
