import NKeys
import Testing

@testable import Trust

/// One operator, one account and one user, from which tests draw tokens: the text of a member is given as it
/// stands in JSON, and what a test does not say is as harmless as can be.
struct ChainWorld {
    let `operator` = ChainWorld.pair(.operator)
    let operatorSigner = ChainWorld.pair(.operator)
    let account = ChainWorld.pair(.account)
    let accountSigner = ChainWorld.pair(.account)
    /// Signs users of the role that an account token lists with `scope`.
    let scoped = ChainWorld.pair(.account)
    let user = ChainWorld.pair(.user)
    let now = ChainWorld.moment(1_800_000_000)
    let nonce = Array("nonce".utf8)
    static let noLimits =
        #""subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,"leaf":-1"#
    static let noUserLimits = #""subs":-1,"data":-1,"payload":-1"#

    static func pair(_ role: KeyRole) -> KeyPair {
        do { return try KeyPair.generate(role) } catch { preconditionFailure("no key: \(error)") }
    }

    static func moment(_ seconds: Int64) -> UnixTime { UnixTime(seconds) ?? .zero }

    /// A token of version 2 that `issuer` signs.
    static func mint(
        _ type: String, by issuer: KeyPair, for subject: PublicKey, claims: [String: String] = [:], nats: String
    ) throws -> String {
        var members = ["iss": "\"\(issuer.publicKey)\"", "sub": "\"\(subject)\"", "iat": "1799990000"]
        members.merge(claims) { $1 }
        let top = members.filter { !$0.value.isEmpty }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        let content = (nats.isEmpty ? [] : [nats]) + ["\"type\":\"\(type)\"", "\"version\":2"]
        let payload = "{\(top),\"nats\":{\(content.joined(separator: ","))}}"
        let header = #"{"typ":"JWT","alg":"ed25519-nkey"}"#
        let signed = [header, payload].map { String(decoding: Base64URL.encode(Array($0.utf8)), as: UTF8.self) }
            .joined(separator: ".")
        let signature = try issuer.sign(Array(signed.utf8))
        return signed + "." + String(decoding: Base64URL.encode(signature.rawBytes), as: UTF8.self)
    }

    func operatorToken(claims: [String: String] = [:], _ nats: String = "") throws -> String {
        let keys = "\"signing_keys\":[\"\(operatorSigner.publicKey)\"]"
        return try Self.mint(
            "operator", by: self.operator, for: self.operator.publicKey, claims: claims,
            nats: nats.isEmpty ? keys : keys + "," + nats)
    }

    /// `template` is the scoped key's template; `nats` are further members.
    func accountToken(
        by issuer: KeyPair? = nil, claims: [String: String] = [:], limits: String = noLimits, template: String = "",
        _ nats: String = ""
    ) throws -> String {
        let scope = """
            {"kind":"user_scope","key":"\(scoped.publicKey)","role":"reader","template":{\(template)}}
            """
        let keys = "\"signing_keys\":[\"\(accountSigner.publicKey)\",\(scope)]"
        return try Self.mint(
            "account", by: issuer ?? operatorSigner, for: account.publicKey, claims: claims,
            nats: ["\"limits\":{\(limits)}", keys, nats].filter { !$0.isEmpty }.joined(separator: ","))
    }

    /// A user of the account's identity key, or of `issuer` with `issuer_account`.
    func userToken(
        by issuer: KeyPair? = nil, claims: [String: String] = [:], limits: String = noUserLimits, _ nats: String = ""
    ) throws -> String {
        let named = issuer == nil ? "" : "\"issuer_account\":\"\(account.publicKey)\""
        return try Self.mint(
            "user", by: issuer ?? account, for: user.publicKey, claims: claims,
            nats: [named, limits, nats].filter { !$0.isEmpty }.joined(separator: ","))
    }

    func scopedUserToken(claims: [String: String] = ["name": "\"joe\""], _ nats: String = "") throws -> String {
        try userToken(by: scoped, claims: claims, limits: "", nats)
    }

    func chain(
        operators: [String]? = nil, policy: Policy = .strict, zones: any TimeZones = NoTimeZones(),
        pinned: Set<PublicKey>? = nil, systemAccount: PublicKey? = nil
    ) throws -> ChainVerifier {
        let verifier = TokenVerifier(policy: policy, zones: zones)
        let tokens = try operators ?? [operatorToken()]
        let anchors = TrustAnchors(tokens.compactMap { verifier.verify($0, as: OperatorClaims.self, at: now).proof })
        try #require(anchors.operators.count == tokens.count, "an operator token of the test is not valid")
        return ChainVerifier(anchors: anchors, verifier: verifier, pinned: pinned, systemAccount: systemAccount)
    }

    func connection(
        host: String = "192.0.2.10", _ kind: ConnectionContext.Kind = .standard, signer: KeyPair? = nil,
        proxy: ConnectionContext.Proxy = .none, usage: ConnectionContext.Usage? = ConnectionContext.Usage()
    ) throws -> ConnectionContext {
        let signature = try (signer ?? user).sign(nonce)
        let text = String(decoding: Base64URL.encode(signature.rawBytes), as: UTF8.self)
        return ConnectionContext(host: host, kind: kind, nonce: nonce, signature: text, proxy: proxy, usage: usage)
    }

    /// The login of `user` in `account`, both as given or as the world has them.
    func login(
        _ user: String? = nil, account: String? = nil, connection: ConnectionContext? = nil,
        chain: ChainVerifier? = nil, at time: UnixTime? = nil
    ) throws -> Verdict<TrustedUser> {
        let accounts = MemoryAccountResolver([self.account.publicKey: try account ?? accountToken()])
        return try (chain ?? self.chain()).user(
            user ?? userToken(), resolver: accounts, connection: connection ?? self.connection(), at: time ?? now)
    }
}

extension Verdict {
    /// The codes of the failures with their places, as `C-user-proof at connection.sig`.
    var codes: [String] { failures.map { $0.place.path.isEmpty ? $0.rule.code : "\($0.rule.code) at \($0.place)" } }
}
