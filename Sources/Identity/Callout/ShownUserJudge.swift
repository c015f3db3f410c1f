import NKeys
import Trust

/// Judges a user token of ours that a client showed: it holds by every rule as if the client connected with it, is meant for
/// one of our names, and the client proved that it has the user's key.
///
/// So an audience counts where servers do not look at it.
struct ShownUserJudge: Sendable {
    let settings: CalloutSettings
    let accounts: any IssuingAccounts
    let names: [AudienceName]

    /// A user that may come in, and what the same user is under another key.
    struct Shown: Sendable {
        let user: TrustedUser
        let order: UserOrder
        let chain: ChainVerifier
    }

    func judge(_ request: CalloutRequest, at now: UnixTime) async -> Result<Shown, IdentityRefusal> {
        let (options, client) = (request.claims.connectOptions, request.claims.clientDetails)
        var policy = settings.signer.policy
        policy.audiences = Set(names.map(\.text))
        policy.audienceDemand = .required
        let verifier = TokenVerifier(policy: policy, zones: settings.signer.zones)
        let verdict = verifier.verify(options.token, as: UserClaims.self, at: now)
        guard let token = verdict.proof else { return .failure(Self.refusal(verdict.failures)) }
        let key = token.claims.issuerAccount ?? token.issuer
        guard let account = await accounts.account(key, at: now), let `operator` = await accounts.operator(at: now)
        else {
            return .failure(Self.refusal(.exchangeUnavailable, "its account `\(key)` is not known, or not in force"))
        }
        let chain = ChainVerifier(anchors: TrustAnchors([`operator`]), verifier: verifier)
        let judged = chain.account(account.text, for: key, at: now)
        guard let trusted = judged.proof else { return .failure(Self.refusal(judged.failures)) }
        guard let kind = Self.kind(client.type) else {
            return .failure(Self.refusal(.authorizationCredential, "the kind of connection is not known"))
        }
        let connection = ConnectionContext(
            host: client.host, kind: kind, nonce: Array(client.nonce.utf8), signature: options.signature, usage: nil)
        let found = chain.user(token.text, of: trusted, connection: connection, at: now)
        guard let user = found.proof else { return .failure(Self.refusal(found.failures)) }
        // A signature over no nonce proves nothing, and neither does whoever copied a bearer's token.
        guard !user.isBearer, !client.nonce.isEmpty else {
            return .failure(
                Self.refusal([
                    Finding(.userProof, at: "sig", .text("a bearer, or a client without a nonce, has proved nothing"))
                ]))
        }
        return .success(Shown(user: user, order: order(user, request.claims.userKey, at: now), chain: chain))
    }

    /// The same user for the key that the server made.
    private func order(_ user: TrustedUser, _ key: PublicKey, at now: UnixTime) -> UserOrder {
        let latest = now.advanced(by: settings.maximumLifetime)
        var order = UserOrder(
            key: key, target: .account(user.account.key), signingKey: user.claims.common.issuer,
            name: user.claims.common.name, expires: min(user.expires ?? latest, latest))
        order.tags = user.claims.tags
        order.audience = user.claims.common.audience
        order.permissions = user.claims.permissions
        order.limits = user.claims.limits
        return order
    }

    /// Why the user that was issued is not the same: a role's template may hold the user's key, which is another now.
    static func difference(_ issued: VerifiedToken<UserClaims>, from shown: Shown, at now: UnixTime) -> IdentityRefusal?
    {
        guard let user = shown.chain.user(issued.text, of: shown.user.account, at: now).proof else {
            return refusal(.exchangeUnavailable, "the user that was issued does not hold")
        }
        guard user.permissions == shown.user.permissions, user.limits == shown.user.limits else {
            return refusal(
                .exchangeUnavailable, "its role depends on the user's key, and would be another for the connection's")
        }
        return nil
    }

    private static func kind(_ type: String) -> ConnectionType? {
        switch type {
        case "nats": .standard
        case "websocket": .webSocket
        case "mqtt": .mqtt
        default: nil
        }
    }

    private static func refusal(_ rule: IdentityRule, _ message: String) -> IdentityRefusal {
        IdentityRefusal(rule, at: "connect_opts.jwt", message)
    }

    private static func refusal(_ findings: [Finding]) -> IdentityRefusal {
        let findings = findings.map { IdentityFinding($0, in: "connect_opts.jwt") }
        guard let first = findings.first else {
            return refusal(.exchangeUnavailable, "it was refused without a reason")
        }
        return IdentityRefusal(first, Array(findings.dropFirst()))
    }
}
