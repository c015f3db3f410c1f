import NKeys
import Testing

@testable import Trust

/// All that a binding depends on, as a test writes it: one import, its exporter and its token.
struct BindingFacts {
    enum Standing: CaseIterable { case trusted, refused, unknown }
    enum Signer: CaseIterable { case identity, signingKey, scopedKey, stranger }

    struct ExportFacts {
        var subject: String
        var kind = PlainImport.Kind.stream
        var demandsToken = true
        var position = 0
        /// Times in seconds from now, for the importer, a stranger, or everyone.
        var revokedImporter: Int64?
        var revokedStranger: Int64?
        var revokedAll: Int64?
    }

    struct TokenFacts {
        var subject: String
        var kind = PlainImport.Kind.stream
        var isForImporter = true
        var signer = Signer.identity
        /// `issuer_account`: nil for none, else whether it is the exporter.
        var namesExporter: Bool?
        /// `aud`: nil for none, else whether it is the importer.
        var audienceIsImporter: Bool?
        /// Seconds from now.
        var issuedAt: Int64 = -100
        var expires: Int64?
        var notBefore: Int64?
        var isSignedWell = true
    }

    let keys: Keys
    var standing = Standing.trusted
    /// Whether the exporter's operator demands signing keys.
    var demandsSigningKeys = false
    /// The exporter's subject of the import.
    var subject = "a.b"
    var kind = PlainImport.Kind.stream
    var exports = [ExportFacts(subject: "a.b")]
    var token: TokenFacts? = TokenFacts(subject: "a.b")
    /// Whether the token is a URL; then nothing else is known of it.
    var isURL = false
    /// Whether the policy accepts an import inside the token's subject.
    var isCompatible = false

    struct Keys {
        let importer, exporter, signingKey, scopedKey, stranger: KeyPair

        init(_ forge: BindingForge) {
            importer = forge.accounts[0]
            exporter = forge.accounts[1]
            signingKey = forge.accounts[2]
            scopedKey = forge.accounts[3]
            stranger = forge.accounts[4]
        }

        func pair(_ signer: Signer) -> KeyPair {
            switch signer {
            case .identity: exporter
            case .signingKey: signingKey
            case .scopedKey: scopedKey
            case .stranger: stranger
            }
        }
    }

    // MARK: As tokens

    /// The verdict on the import. With `signing` the activation is signed in truth; else its signature is told.
    func verdict(_ forge: BindingForge, signing: Bool = false) throws -> Verdict<Binding> {
        let text = try token.map { try activation($0, signing) }
        let member = isURL ? ",\"token\":\"https://tokens.example/a\"" : text.map { ",\"token\":\"\($0)\"" } ?? ""
        let importer = try forge.account(
            keys.importer.publicKey,
            """
            "imports":[{"type":"\(kind.rawValue)","account":"\(keys.exporter.publicKey)","subject":"\(subject)"\(member)}]
            """)
        var verifier = forge.chain.verifier
        if isCompatible { verifier.policy = .compatible }
        var known = KnownToken()
        if !signing { known.signature = token?.isSignedWell ?? true ? .valid : .invalid }
        let verdict = BindingVerifier(verifier: verifier).bind(
            importAt: 0, of: importer, to: try exporter(forge), at: BindingForge.now, token: &known)
        return try #require(verdict)
    }

    func codes(_ forge: BindingForge, signing: Bool = false) throws -> Set<String> {
        Set(try verdict(forge, signing: signing).failures.map(\.rule.code))
    }

    private func exporter(_ forge: BindingForge) throws -> Exporter {
        if standing == .unknown { return .unknown }
        let scope =
            "{\"kind\":\"user_scope\",\"key\":\"\(keys.scopedKey.publicKey)\",\"role\":\"reader\",\"template\":{}}"
        let claims = """
            "signing_keys":["\(keys.signingKey.publicKey)",\(scope)],\
            "exports":[\(exports.map(json).joined(separator: ","))]
            """
        let chain = demandsSigningKeys ? forge.strictChain : forge.chain
        // A strict operator's accounts are signed by its signing key.
        let signer = demandsSigningKeys ? try #require(chain.anchors.operators.first?.signingKeys.first) : nil
        let issuer = standing == .refused ? keys.stranger.publicKey : signer
        let verdict = forge.verdict(of: keys.exporter.publicKey, by: issuer, claims, chain: chain)
        try #require(verdict.isAccepted == (standing == .trusted), "\(verdict.failures)")
        return Exporter(verdict)
    }

    private func json(_ export: ExportFacts) -> String {
        let times = [
            (keys.importer.publicKey.text, export.revokedImporter),
            (keys.stranger.publicKey.text, export.revokedStranger),
            ("*", export.revokedAll),
        ]
        let revocations = times.compactMap { key, time in
            time.map { "\"\(key)\":\(BindingForge.now.seconds + $0)" }
        }
        return """
            {"subject":"\(export.subject)","type":"\(export.kind.rawValue)","token_req":\(export.demandsToken),\
            "account_token_position":\(export.position),"revocations":{\(revocations.joined(separator: ","))}}
            """
    }

    private func activation(_ token: TokenFacts, _ signing: Bool) throws -> String {
        let now = BindingForge.now.seconds
        let signer = keys.pair(token.signer)
        let importer = token.isForImporter ? keys.importer : keys.stranger
        var top = "\"iat\":\(now + token.issuedAt),\"iss\":\"\(signer.publicKey)\",\"sub\":\"\(importer.publicKey)\""
        if let expires = token.expires { top += ",\"exp\":\(now + expires)" }
        if let start = token.notBefore { top += ",\"nbf\":\(now + start)" }
        if let isImporter = token.audienceIsImporter {
            top += ",\"aud\":\"\((isImporter ? keys.importer : keys.stranger).publicKey)\""
        }
        var nats = "\"subject\":\"\(token.subject)\",\"kind\":\"\(token.kind.rawValue)\""
        if let isExporter = token.namesExporter {
            nats += ",\"issuer_account\":\"\((isExporter ? keys.exporter : keys.stranger).publicKey)\""
        }
        let payload = "{\(top),\"nats\":{\(nats),\"type\":\"activation\",\"version\":2}}"
        guard signing else { return BindingForge.unsigned(payload) }
        return try TokenForge().token(payload, by: token.isSignedWell ? signer : keys.importer)
    }
}
