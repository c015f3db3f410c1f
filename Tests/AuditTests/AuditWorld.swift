import Audit
import NKeys
import Testing

@testable import Trust

/// An operator and accounts whose tokens are really signed. The text of `nats` is given as it stands in JSON; what a
/// test does not say is as harmless as can be: everything expires, nothing is exported.
struct AuditWorld {
    static let now = UnixTime(1_800_000_000) ?? .zero
    static let noLimits =
        #""limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,"leaf":-1}"#

    let `operator` = AuditWorld.pair(.operator)
    let operatorSigner = AuditWorld.pair(.operator)
    let exporter = AuditWorld.pair(.account)
    let exporterSigner = AuditWorld.pair(.account)
    let importer = AuditWorld.pair(.account)
    let thief = AuditWorld.pair(.account)
    var strict = false
    var policy = Policy.strict

    static func pair(_ role: KeyRole) -> KeyPair {
        do { return try KeyPair.generate(role) } catch { preconditionFailure("no key: \(error)") }
    }

    // MARK: Tokens

    /// A token that `issuer` signs; `claims` are JSON texts by name, an empty one leaves the member out.
    static func mint(
        _ type: String, by issuer: KeyPair, for subject: PublicKey, claims: [String: String] = [:], nats: String
    ) throws -> String {
        let content = ([nats] + ["\"type\":\"\(type)\"", "\"version\":2"]).filter { !$0.isEmpty }
        return try sign(
            #"{"typ":"JWT","alg":"ed25519-nkey"}"#, claims, issuer, subject, [],
            nats: "{\(content.joined(separator: ","))}", coversHeader: true)
    }

    /// A token of version 1: the type at the top, and the signature over the payload alone.
    static func mintVersionOne(
        _ type: String, by issuer: KeyPair, for subject: PublicKey, claims: [String: String] = [:], nats: String
    ) throws -> String {
        try sign(
            #"{"typ":"jwt","alg":"ed25519"}"#, claims, issuer, subject, ["\"type\":\"\(type)\""], nats: "{\(nats)}",
            coversHeader: false)
    }

    private static func sign(
        _ header: String, _ claims: [String: String], _ issuer: KeyPair, _ subject: PublicKey, _ others: [String],
        nats: String, coversHeader: Bool
    ) throws -> String {
        var members = [
            "iss": "\"\(issuer.publicKey)\"", "sub": "\"\(subject)\"", "iat": "1799990000", "exp": "1900000000",
        ]
        members.merge(claims) { $1 }
        let top = members.filter { !$0.value.isEmpty }.map { "\"\($0.key)\":\($0.value)" } + others
        let parts = [header, "{\(top.joined(separator: ",")),\"nats\":\(nats)}"].map {
            String(decoding: Base64URL.encode(Array($0.utf8)), as: UTF8.self)
        }
        let signed = parts.joined(separator: ".")
        let signature = try issuer.sign(Array((coversHeader ? signed : parts[1]).utf8))
        return signed + "." + String(decoding: Base64URL.encode(signature.rawBytes), as: UTF8.self)
    }

    /// The operator's token, with one signing key.
    func operatorToken(keys: [KeyPair]? = nil, claims: [String: String] = [:]) throws -> String {
        let listed = (keys ?? [operatorSigner]).map { "\"\($0.publicKey)\"" }.joined(separator: ",")
        return try Self.mint(
            "operator", by: self.operator, for: self.operator.publicKey, claims: claims,
            nats: "\"signing_keys\":[\(listed)],\"strict_signing_key_usage\":\(strict)")
    }

    /// An account's token.
    func account(
        _ keys: KeyPair, by issuer: KeyPair? = nil, name: String = "", claims: [String: String] = [:],
        _ nats: String...
    ) throws -> String {
        var claims = claims
        if !name.isEmpty { claims["name"] = "\"\(name)\"" }
        return try Self.mint(
            "account", by: issuer ?? operatorSigner, for: keys.publicKey, claims: claims,
            nats: ([Self.noLimits] + nats).joined(separator: ","))
    }

    /// The exporter's token: `orders.>` as a private stream, and one plain signing key.
    func exporterToken(_ nats: String..., revocations: String = "") throws -> String {
        let revocations = revocations.isEmpty ? "" : ",\"revocations\":{\(revocations)}"
        return try account(
            exporter, name: "EXPORTER",
            ([
                "\"exports\":[{\"subject\":\"orders.>\",\"type\":\"stream\",\"token_req\":true\(revocations)}]",
                "\"signing_keys\":[\"\(exporterSigner.publicKey)\"]",
            ] + nats).joined(separator: ","))
    }

    /// An activation of the exporter for the importer, for all that it exports.
    func activation(
        by issuer: KeyPair? = nil, for subject: KeyPair? = nil, claims: [String: String] = [:],
        subject pattern: String = "orders.>", kind: String = "stream"
    ) throws -> String {
        let named = issuer == nil ? "" : "\"issuer_account\":\"\(exporter.publicKey)\","
        return try Self.mint(
            "activation", by: issuer ?? exporter, for: (subject ?? importer).publicKey, claims: claims,
            nats: "\(named)\"subject\":\"\(pattern)\",\"kind\":\"\(kind)\"")
    }

    /// The token of an account that imports with a token.
    func importing(
        _ token: String, _ keys: KeyPair? = nil, name: String = "IMPORTER", subject: String = "orders.>",
        kind: String = "stream", by issuer: KeyPair? = nil, claims: [String: String] = [:]
    ) throws -> String {
        try account(
            keys ?? importer, by: issuer, name: name, claims: claims,
            """
            "imports":[{"subject":"\(subject)","account":"\(exporter.publicKey)","type":"\(kind)","token":"\(token)"}]
            """)
    }

    /// A user's token, by the account's identity key or by a signing key with `issuer_account`.
    func user(
        of account: KeyPair, by issuer: KeyPair? = nil, _ user: KeyPair? = nil, claims: [String: String] = [:],
        limits: String = #""subs":-1,"data":-1,"payload":-1"#, permissions nats: String = #""sub":{"allow":["own.>"]}"#
    ) throws -> String {
        let named = issuer == nil ? "" : "\"issuer_account\":\"\(account.publicKey)\""
        return try Self.mint(
            "user", by: issuer ?? account, for: (user ?? Self.pair(.user)).publicKey, claims: claims,
            nats: [named, limits, nats].filter { !$0.isEmpty }.joined(separator: ","))
    }

    // MARK: Audits

    /// An account as a folder has it, with its users by name.
    func entry(_ token: String, name: String = "", users: [String: String]? = [:]) -> AuditEntry {
        AuditEntry(
            name: name, origin: Origin(file: "accounts/\(name).jwt"), token: Array(token.utf8),
            users: users.map { users in users.sorted { $0.key < $1.key }.map { stored($0.key, $0.value) } })
    }

    func stored(_ name: String, _ token: String) -> StoredToken {
        StoredToken(name: name, origin: Origin(file: "users/\(name).jwt"), token: Array(token.utf8))
    }

    /// Audits these accounts, as the command line does, and gives the findings worst first.
    func audit(
        _ entries: [AuditEntry], since earlier: [AuditEntry] = [], operator earlierOperator: String? = nil,
        extent: Auditor.Extent = .full, trusting token: String? = nil
    ) throws -> [AuditFinding] {
        let verifier = TokenVerifier(policy: policy)
        let verdict = verifier.verify(try token ?? operatorToken(), as: OperatorClaims.self, at: Self.now)
        let anchor = try #require(verdict.proof, "the operator token of the test does not hold")
        let chain = ChainVerifier(anchors: TrustAnchors([anchor]), verifier: verifier)
        let auditor = Auditor(chain: chain, extent: extent, at: Self.now)
        let audit = StoreAudit(auditor, entries.map(auditor.survey))
        let imports = audit.resolve(audit.accounts.map(audit.judgeImports))
        var findings = audit.accounts.flatMap { audit.findings(ofAccountAt: $0, imports[$0]) }
        findings += audit.findingsAcrossAccounts()
        var withdrawn = Set(earlierOperator.map { audit.withdrawnKeys(ofOperator: Array($0.utf8)) } ?? [])
        for entry in earlier {
            let changes = audit.changes(since: entry)
            findings += changes.findings
            withdrawn.formUnion(changes.withdrawn)
        }
        findings += audit.findings(signedByWithdrawn: withdrawn)
        return findings.sorted(by: AuditFinding.precedes)
    }

    /// The findings on accounts given as tokens.
    func audit(_ tokens: String...) throws -> [AuditFinding] { try audit(tokens.map { entry($0) }) }
}

extension [AuditFinding] {
    /// Each as `CODE at PLACE`.
    var texts: [String] { map { $0.place.path.isEmpty ? $0.code.code : "\($0.code.code) at \($0.place)" } }
    /// The codes, each once, worst first.
    var codes: [String] { map(\.code.code).reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }

    func with(_ rule: AuditRule) -> [AuditFinding] { filter { $0.code == .audit(rule) } }
}
