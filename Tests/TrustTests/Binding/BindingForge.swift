import NKeys
import Testing

@testable import Trust

/// Accounts from the text of their claims, under one operator of the corpus.
///
/// What is about imports and not about signatures is told that the account tokens' signatures are known to be good,
/// which a `TrustStore` says of a text that it has seen before; so thousands of worlds cost no signing.
struct BindingForge {
    static let now = ChainWorld.moment(1_800_000_000)
    static let shared = Result { try BindingForge() }

    let `operator`: KeyPair
    /// The account keys of the corpus, in the order of their texts.
    let accounts: [KeyPair]
    let chain: ChainVerifier
    /// Under an operator that demands signing keys.
    let strictChain: ChainVerifier

    init() throws {
        let pairs = SigningCorpus.keys.sorted { $0.key < $1.key }.map(\.value)
        accounts = pairs.filter { $0.publicKey.role == .account }
        `operator` = try #require(pairs.first { $0.publicKey.role == .operator })
        try #require(accounts.count > 10, "the corpus was not found")
        chain = try Self.chain(`operator`)
        strictChain = try Self.chain(`operator`, #","strict_signing_key_usage":true"#)
    }

    private static func chain(_ pair: KeyPair, _ content: String = "") throws -> ChainVerifier {
        // An operator that demands signing keys needs one: another operator key of the corpus.
        let signer = try #require(
            SigningCorpus.keys.sorted { $0.key < $1.key }.map(\.value).last { $0.publicKey.role == .operator })
        let token = try ChainWorld.mint(
            "operator", by: pair, for: pair.publicKey, nats: "\"signing_keys\":[\"\(signer.publicKey)\"]\(content)")
        let verifier = TokenVerifier(policy: .strict)
        let anchor = try #require(verifier.verify(token, as: OperatorClaims.self, at: now).proof)
        return ChainVerifier(anchors: TrustAnchors([anchor]), verifier: verifier)
    }

    /// An account token whose signature is not looked at.
    static func unsigned(_ payload: String) -> String {
        let parts = [#"{"typ":"JWT","alg":"ed25519-nkey"}"#, payload].map {
            String(decoding: Base64URL.encode(Array($0.utf8)), as: UTF8.self)
        }
        return parts.joined(separator: ".") + "." + String(repeating: "A", count: 86)
    }

    func payload(of key: PublicKey, issuedAt: Int64 = now.seconds - 60, by issuer: PublicKey? = nil, _ nats: String)
        -> String
    {
        """
        {"iat":\(issuedAt),"iss":"\(issuer ?? `operator`.publicKey)","sub":"\(key)","nats":{"limits":\
        {\(ChainWorld.noLimits)}\(nats.isEmpty ? "" : "," + nats),"type":"account","version":2}}
        """
    }

    func verdict(
        of key: PublicKey, issuedAt: Int64 = now.seconds - 60, by issuer: PublicKey? = nil, _ nats: String,
        chain: ChainVerifier? = nil
    ) -> Verdict<TrustedAccount> {
        var text = Self.unsigned(payload(of: key, issuedAt: issuedAt, by: issuer, nats))
        var signature = KnownSignature.valid
        return text.withUTF8 {
            (chain ?? self.chain).judgeAccount($0, for: key, at: Self.now, signature: &signature).verdict
        }
    }

    /// The account; `nats` are the members of its claims beside the limits.
    func account(_ key: PublicKey, issuedAt: Int64 = now.seconds - 60, _ nats: String) throws -> TrustedAccount {
        let verdict = verdict(of: key, issuedAt: issuedAt, nats)
        return try #require(verdict.proof, "an account of the test is refused: \(verdict.failures) in \(nats)")
    }

    /// An account with the verdicts on its imports, as far as two accounts and a token tell.
    func judged(_ account: TrustedAccount, among accounts: [TrustedAccount]) -> JudgedImports {
        let known = Dictionary(accounts.map { ($0.key, $0) }) { first, _ in first }
        return BindingVerifier(verifier: chain.verifier).imports(of: account, at: Self.now) {
            known[$0].map(Exporter.trusted) ?? .unknown
        }
    }

    /// Accounts with the verdicts on their imports from one another.
    func judged(_ accounts: [TrustedAccount]) -> [JudgedImports] {
        let known = Dictionary(accounts.map { ($0.key, $0) }) { first, _ in first }
        let binder = BindingVerifier(verifier: chain.verifier)
        return accounts.map { account in
            binder.imports(of: account, at: Self.now) { known[$0].map(Exporter.trusted) ?? .unknown }
        }
    }

    /// The accounts in force.
    func inForce(_ accounts: [TrustedAccount]) -> [AccountInForce] {
        AccountsInForce.resolve(judged(accounts), policy: .strict)
    }

    /// A key of nobody, of which there are as many as wanted.
    static func key(_ number: Int) throws -> PublicKey {
        let bytes = (0..<32).map { place in place < 4 ? UInt8(truncatingIfNeeded: number >> (24 - 8 * place)) : 7 }
        return try PublicKey(role: .account, rawBytes: bytes)
    }
}
