import Foundation
import NKeys
import SystemTimeZones
import Trust

/// A deployment with an account that has a role and a revoked user and lets no bearers in, beside another account; and
/// users of it whose tokens say what they should not.
struct HostileWorld {
    /// A user who tries to log in.
    struct Login {
        let name: String
        let token: String
        /// Answers for the login.
        let keys: KeyPair
        /// What it publishes and subscribes to, once in.
        var subject = "greeting"
        /// Whether the real server lets it in.
        let isLetIn: Bool
        /// The rules by which the library refuses it.
        let ours: [String]
        /// The row of Docs/Divergences.md, where the two differ.
        var divergence: String?
    }

    let deployment: Deployment
    /// The library judges as of this moment, the server as of its own clock.
    let now: UnixTime
    let `operator`: VerifiedToken<OperatorClaims>
    let account: VerifiedToken<AccountClaims>
    let accountKeys: KeyPair
    /// Signs for the role, `u.{{name()}}.>`.
    let roleKeys: KeyPair
    /// The other account's.
    let otherKeys: KeyPair
    let revoked: PublicKey
    private let operatorKeys: KeyPair
    private let good: TokenText
    private let goodKeys: KeyPair
    private let chain: ChainVerifier
    private let accounts: MemoryAccountResolver

    init() throws {
        deployment = try Deployment()
        for account in ["A", "B"] { try deployment.addAccount(account) }
        for user in ["good", "revoked"] { try deployment.addUser(user, to: "A") }
        let goodToken = try deployment.userToken("good", of: "A")
        good = try TokenText(goodToken)
        goodKeys = try deployment.keys(ofSubjectOf: goodToken)
        operatorKeys = try deployment.keys(ofSubjectOf: deployment.operatorToken())
        accountKeys = try deployment.keys(ofSubjectOf: deployment.accountToken("A"))
        otherKeys = try deployment.keys(ofSubjectOf: deployment.accountToken("B"))
        roleKeys = try KeyPair.generate(.account)
        let revokedToken = try TokenText(deployment.userToken("revoked", of: "A"))
        guard let subject = revokedToken.payload["sub"] as? String, let issuedAt = revokedToken.payload["iat"] as? Int
        else { throw Fault("a user token lacks `sub` or `iat`") }
        revoked = try PublicKey(subject)

        var text = try TokenText(deployment.accountToken("A"))
        let lists = ["allow": ["u.{{name()}}.>"]]
        text["signing_keys"] = [
            [
                "kind": "user_scope", "key": roleKeys.publicKey.text, "role": "one",
                "template": ["pub": lists, "sub": lists, "subs": -1, "data": -1, "payload": -1],
            ] as [String: Any]
        ]
        text["revocations"] = [subject: issuedAt]
        var limits = text["limits"] as? [String: Any] ?? [:]
        limits["disallow_bearer"] = true
        text["limits"] = limits
        let accountToken = try text.signed(by: operatorKeys)
        try deployment.replaceAccount("A", with: accountToken)

        guard let now = UnixTime(Int64(Date().timeIntervalSince1970)) else { throw Fault("the clock is not set") }
        self.now = now
        (chain, accounts) = try deployment.chain(at: now)
        guard let `operator` = chain.operator(try deployment.operatorToken(), at: now).proof,
            let account = chain.verifier.verify(accountToken, as: AccountClaims.self, at: now).proof
        else { throw Fault("operator or account is refused") }
        self.operator = `operator`
        self.account = account
    }

    /// Everyone who tries: each with one fault.
    func logins() throws -> [Login] {
        let hour: Int64 = 3_600
        let then = now.seconds
        var faults = [
            try login("as made", good.signed(by: accountKeys), isLetIn: true),
            Login(
                name: "another's seed", token: try good.signed(by: accountKeys), keys: try KeyPair.generate(.user),
                isLetIn: false, ours: ["C-user-proof"]),
            try login("expired", valid(from: then - 2 * hour, until: then - hour), "T-expired"),
            try login("not yet valid", changed { $0["nbf"] = then + hour }, "T-not-before"),
            Login(
                name: "revoked", token: try deployment.userToken("revoked", of: "A"),
                keys: try deployment.keys(ofSubjectOf: deployment.userToken("revoked", of: "A")), isLetIn: false,
                ours: ["C-user-revoked"]),
            try login("signed by another account", stolen(), "C-user-signer"),
            try login(
                "signed by the operator", good.signed(by: operatorKeys), "T-issuer", "C-account-unknown"),
            try login("changed after signing", forged(), "T-signature"),
            try login("a bearer", changed(nats: ["bearer_token": true], by: accountKeys), "C-user-bearer"),
            try login("of a role", role(name: "good"), subject: "u.good.x", isLetIn: true),
            try login(
                "of a role, with permissions of its own", role(name: "good", ["pub": ["allow": ["x"]]]),
                "C-user-scope"),
        ]
        // Where the real server lets in what it should not.
        faults += [
            try login(
                "of a role, named `*`", role(name: "*"), "C-template-value", subject: "u.another.x", isLetIn: true,
                divergence: "template-wildcard"),
            try login(
                "of a role, named with a dot", role(name: "a.b"), "C-template-value", subject: "u.a.b.x",
                isLetIn: true, divergence: "template-dot"),
            try login(
                "issued in an hour", changed { $0["iat"] = then + hour }, "T-issued-at", isLetIn: true,
                divergence: "token-iat-future"),
            Login(
                name: "an account as its own user",
                token: try changed { $0["sub"] = accountKeys.publicKey.text }, keys: accountKeys, isLetIn: true,
                ours: ["T-subject"], divergence: "token-subject-role"),
            try login(
                "an unknown member of the header", header("crit", ["x"]), "T-header", isLetIn: true,
                divergence: "token-header-members"),
            try login(
                "the algorithm in capitals", header("alg", "ED25519-NKEY"), "T-alg", isLetIn: true,
                divergence: "token-alg-case"),
            try login(
                "a deny that means nothing", changed(nats: ["pub": ["deny": ["a.>.b"]]], by: accountKeys),
                "T-content", isLetIn: true, divergence: "permission-skipped"),
        ]
        return faults
    }

    /// The codes of the rules by which the library refuses a login; none when it is let in.
    func judge(_ login: Login) throws -> [String] {
        let nonce = Array("Zl1rBX4gtSyuUVA".utf8)
        let signature = TokenText.base64URL(Data(try login.keys.sign(nonce).rawBytes))
        let connection = ConnectionContext(host: "127.0.0.1", nonce: nonce, signature: signature)
        let verdict = chain.user(login.token, resolver: accounts, connection: connection, at: now)
        return Array(Set(verdict.failures.map(\.rule))).sorted().map(\.code)
    }

    /// Writes the creds of a login; where they are. The library writes none with the seed of an account.
    func creds(of login: Login, _ index: Int) throws -> String {
        let seed = login.keys.seed.withUnsafeText { String(decoding: $0, as: UTF8.self) }
        let name = "login-\(index).creds"
        try deployment.folder.write(
            """
            -----BEGIN NATS USER JWT-----
            \(login.token)
            ------END NATS USER JWT------

            -----BEGIN USER NKEY SEED-----
            \(seed)
            ------END USER NKEY SEED------

            """, to: name)
        return deployment.folder.path(name)
    }

    // MARK: Tokens

    private func login(
        _ name: String, _ token: String, _ ours: String..., subject: String = "greeting", isLetIn: Bool = false,
        divergence: String? = nil
    ) throws -> Login {
        Login(
            name: name, token: token, keys: goodKeys, subject: subject, isLetIn: isLetIn, ours: ours,
            divergence: divergence)
    }

    private func changed(_ change: (inout [String: Any]) -> Void) throws -> String {
        var text = good
        change(&text.payload)
        return try text.signed(by: accountKeys)
    }

    private func changed(nats members: [String: Any], by pair: KeyPair) throws -> String {
        var text = good
        for (name, value) in members { text[name] = value }
        return try text.signed(by: pair)
    }

    private func header(_ name: String, _ value: Any) throws -> String {
        var text = good
        text.header[name] = value
        return try text.signed(by: accountKeys)
    }

    private func valid(from: Int64, until: Int64) throws -> String {
        try changed { payload in
            payload["iat"] = from
            payload["exp"] = until
        }
    }

    /// A user of this account, it says, and another account's key signed it.
    private func stolen() throws -> String {
        try changed(nats: ["issuer_account": accountKeys.publicKey.text], by: otherKeys)
    }

    /// A user of the role: without limits, which the role gives.
    private func role(name: String, _ members: [String: Any] = [:]) throws -> String {
        var text = good
        text.payload["name"] = name
        for limit in ["subs", "data", "payload"] { text[limit] = nil }
        for (name, value) in members { text[name] = value }
        text["issuer_account"] = accountKeys.publicKey.text
        return try text.signed(by: roleKeys)
    }

    /// The account's signature, under something else.
    private func forged() throws -> String {
        let signed = try good.signed(by: accountKeys).split(separator: ".")
        let other = try changed { $0["name"] = "better" }.split(separator: ".")
        return [signed[0], other[1], signed[2]].joined(separator: ".")
    }
}
