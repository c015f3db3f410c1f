import NKeys
import Trust

/// One question to an authorization service: written, and its answer judged, on any thread.
struct AuthorizationQuestion: Sendable {
    /// The account whose service is asked.
    let account: TrustedAccount
    let service: ExternalAuthorization
    let identity: BrokerIdentity
    let verifier: TokenVerifier
    let server: CalloutServer
    let client: CalloutClient
    let options: CalloutConnectOptions
    let tls: CalloutTLS?
    let nonce: [UInt8]
    let now: UnixTime
    /// How long it may take.
    let seconds: Int64

    /// What is sent.
    struct Written: Sendable {
        let payload: [UInt8]
        /// Made for this question: the user in the answer must be for this key.
        let userKeys: KeyPair
    }

    /// What an answer comes to.
    enum Verdict: Sendable {
        case granted(DerivedUser)
        case refused([Finding])
    }

    /// Signs the question, and seals it where the account has a key for that; nil for want of locked memory.
    func written() -> Written? {
        guard let userKeys = try? KeyPair.generate(.user) else { return nil }
        var claims = AuthorizationRequestClaims(
            common: CommonClaims(
                issuer: identity.key.publicKey, subject: account.key, audience: AuthorizationService.audience,
                expires: now.advanced(by: seconds)), userKey: userKeys.publicKey)
        claims.server = server
        claims.clientDetails = client
        claims.connectOptions = options
        claims.clientTLS = tls
        guard let token = try? TokenSigner(identity.key, policy: verifier.policy).sign(claims, at: now) else {
            return nil
        }
        let text = Array(token.text.utf8)
        guard let recipient = service.sealingKey else { return Written(payload: text, userKeys: userKeys) }
        guard let sealed = try? identity.sealing.seal(text, to: recipient) else { return nil }
        return Written(payload: sealed, userKeys: userKeys)
    }

    /// Judges an answer: who signed it, for which server and for which client, and whether it grants anything.
    func judge(_ payload: [UInt8], for userKeys: KeyPair, at now: UnixTime) -> Verdict {
        let text: [UInt8]
        if let sender = service.sealingKey {
            // Whoever has a key for sealing seals: an answer in the clear has been read on its way.
            guard let opened = try? identity.sealing.open(payload, from: sender) else {
                return Self.refusal(.userProof, "response", "it is not sealed by the account's key to this server")
            }
            text = opened
        } else {
            text = payload
        }
        let verdict = text.withUnsafeBufferPointer {
            verifier.verify(utf8: $0, as: AuthorizationResponseClaims.self, at: now)
        }
        guard let response = verdict.proof?.claims else { return .refused(verdict.failures) }
        if let fault = fault(in: response, for: userKeys.publicKey) { return fault }
        guard response.error.isEmpty else {
            let said = response.error.unicodeScalars.prefix(256).map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
            return Self.refusal(
                .userProof, "response.error",
                "the authorization service refused: \(String(String.UnicodeScalarView(said)))")
        }
        guard let signature = try? userKeys.sign(nonce) else {
            return Self.refusal(.userProof, "response", "the nonce could not be signed")
        }
        return .granted(
            DerivedUser(
                token: response.token, signature: String(decoding: Base64URL.encode(signature.rawBytes), as: UTF8.self),
                key: userKeys.publicKey, account: account.key, service: service))
    }

    private func fault(in response: AuthorizationResponseClaims, for user: PublicKey) -> Verdict? {
        let (issuer, claims) = (response.common.issuer, account.claims)
        if let named = response.issuerAccount, named != account.key {
            return Self.refusal(.userSigner, "response.issuer_account", "it is not the account that was asked")
        }
        if issuer == account.key {
            if account.strictSigningKeys {
                return Self.refusal(
                    .userSigner, "response.iss", "an identity key signs nothing under strict signing keys")
            }
        } else {
            guard let key = claims.signingKey(issuer) else {
                return Self.refusal(.userSigner, "response.iss", "the signer is no key of the account that was asked")
            }
            if key.scope != nil {
                return Self.refusal(.userSigner, "response.iss", "a scoped key signs users and nothing else")
            }
        }
        if response.common.audience != identity.id {
            return Self.refusal(.userAudience, "response.aud", "the answer is for another server")
        }
        if response.common.subject != user {
            return Self.refusal(.userProof, "response.sub", "the answer is for another client")
        }
        if response.token.isEmpty == response.error.isEmpty {
            return Self.refusal(.tokenContent, "response", "an answer has a user or a reason, and not both")
        }
        return nil
    }

    private static func refusal(_ rule: Rule, _ place: Place, _ why: String) -> Verdict {
        .refused([Finding(rule, at: place, .text(why))])
    }
}

/// A user that an authorization service has returned, not judged yet.
struct DerivedUser: Sendable {
    let token: String
    /// The broker's own proof, with the key that it made for the question.
    let signature: String
    let key: PublicKey
    /// The account whose service said it.
    let account: PublicKey
    let service: ExternalAuthorization

    /// Whether the service may put users into `target`.
    func mayEnter(_ target: PublicKey) -> Bool {
        target == account || service.allowsAnyAccount || service.accounts.contains(target)
    }
}
