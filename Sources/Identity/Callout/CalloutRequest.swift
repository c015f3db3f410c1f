import NKeys
import Trust

/// A request of a server that holds by every T and Q rule: who asks, and how the answer is sealed.
struct CalloutRequest: Sendable {
    /// The claim `aud` of every request.
    static let audience = "nats-authorization-request"
    /// The header with the server's key for sealing.
    static let keyHeader = "Nats-Server-Xkey"
    /// How what is sealed begins.
    private static let sealedPrefix = Array("xkv1".utf8)

    let claims: AuthorizationRequestClaims
    /// To whom the answer is sealed; nil when the request was not.
    let sealedTo: PublicKey?
    /// When the server stops waiting for the answer.
    let expires: UnixTime

    /// Opens and judges a request. The server's own key signs it, which nobody else has; that it is one of those that are to
    /// be answered is said by the configuration, or else by who may publish on the subject: servers alone.
    static func judge(
        _ payload: [UInt8], serverKey: String?, by settings: CalloutSettings, at now: UnixTime
    ) -> Result<CalloutRequest, IdentityRefusal> {
        do throws(IdentityRefusal) {
            return .success(try CalloutRequest(payload, serverKey: serverKey, by: settings, at: now))
        } catch {
            return .failure(error)
        }
    }

    private init(
        _ payload: [UInt8], serverKey: String?, by settings: CalloutSettings, at now: UnixTime
    ) throws(IdentityRefusal) {
        let (text, sender) = try Self.opened(payload, serverKey, settings)
        let verifier = TokenVerifier(policy: settings.signer.policy, zones: settings.signer.zones)
        let verdict = text.withUnsafeBufferPointer {
            verifier.verify(utf8: $0, as: AuthorizationRequestClaims.self, at: now)
        }
        guard let claims = verdict.proof?.claims else {
            let findings = verdict.failures.map { finding in
                // The server has gone on: what it waited for is of no use to it.
                finding.rule == .tokenExpired
                    ? IdentityFinding(.authorizationTime, at: "request.exp", finding.message)
                    : IdentityFinding(finding, in: "request")
            }
            guard let first = findings.first else { throw Self.refusal("request", "it could not be judged") }
            throw IdentityRefusal(first, Array(findings.dropFirst()))
        }
        if let fault = Self.fault(in: claims, sender, settings) { throw fault }
        guard let expires = claims.common.expires else {
            throw IdentityRefusal(
                .authorizationTime, at: "request.exp", "it does not say until when it is to be answered")
        }
        (self.claims, sealedTo, self.expires) = (claims, sender, expires)
    }

    private static func opened(
        _ payload: [UInt8], _ serverKey: String?, _ settings: CalloutSettings
    ) throws(IdentityRefusal) -> (text: [UInt8], sender: PublicKey?) {
        guard payload.starts(with: sealedPrefix) else {
            if settings.sealing != nil, settings.unsealed == .refused {
                throw refusal("request", "it is not sealed: give the account the key, or accept what is not sealed")
            }
            return (payload, nil)
        }
        guard let sealing = settings.sealing else {
            throw refusal("request", "it is sealed, and no key is configured: give `xkey`")
        }
        // A token may be as long as the policy says, and sealing adds a little.
        guard payload.count <= settings.signer.policy.maximumTokenSize + SharedKey.overhead else {
            throw refusal("request", "it is longer than a token may be")
        }
        let key: PublicKey
        do throws(KeyTextError) { key = try PublicKey(serverKey ?? "", role: .curve) } catch {
            throw refusal("header.\(keyHeader)", "it has no key that the request could be opened with")
        }
        do throws(KeyUseError) { return (try sealing.open(payload, from: key), key) } catch {
            throw refusal("request", "it was not sealed by that key to this service's")
        }
    }

    private static func fault(
        in claims: AuthorizationRequestClaims, _ sender: PublicKey?, _ settings: CalloutSettings
    ) -> IdentityRefusal? {
        if claims.common.audience != audience {
            return refusal("request.aud", "it is not meant for an authorization service")
        }
        if claims.common.subject != settings.account {
            return refusal("request.sub", "it is about another account than the one that is answered for")
        }
        if claims.server.id != claims.common.issuer.text {
            return refusal("request.server_id.id", "it is not the server that signed")
        }
        if let known = settings.knownServers, !known.contains(claims.common.issuer) {
            return refusal("request.iss", "the server is none of those that are answered")
        }
        if let sender, claims.server.sealingKey != sender {
            return refusal("request.server_id.xkey", "it is not the key that sealed")
        }
        if claims.clientDetails.kind != "Client" {
            return refusal("request.client_info.kind", "only clients are answered for")
        }
        return nil
    }

    private static func refusal(_ place: String, _ message: String) -> IdentityRefusal {
        IdentityRefusal(.authorizationRequest, at: place, message)
    }
}
