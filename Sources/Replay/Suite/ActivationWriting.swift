import NKeys
import Trust

/// Writes the activation token of a world, or what stands in its place.
struct ActivationWriting {
    let draft: WorldDraft
    let cast: Cast
    let name: String

    /// Nothing listens there.
    static let url = "http://127.0.0.1:9/activation"

    func text() throws(KeyUseError) -> String? {
        switch draft.text {
        case .absent: return nil
        case .url: return Self.url
        case .userToken:
            let writing = TokenWriting(company: cast.company, times: draft.times)
            return try writing.userToken(of: cast.exporter.publicKey, by: cast.exporterSigner, name)
        case .whole, .subjectTwice, .subjectInCapitals: return try token()
        case .noAlgorithm: return try token(header: #"{"typ":"JWT","alg":"none"}"#)
        case .versionOne:
            return try TokenForgery.token(
                payloadOfVersionOne, header: #"{"typ":"jwt","alg":"ed25519"}"#, version: .one, by: draft.issuer)
        case .changed:
            return TokenForgery.token(try token(), withPayload: payload(jti: "\(name) changed"))
        case .spareBits: return TokenForgery.withSpareBits(try token())
        case .lineBreak: return TokenForgery.withLineBreak(try token())
        }
    }

    private func token(header: String = TokenForgery.usualHeader) throws(KeyUseError) -> String {
        try TokenForgery.token(payload(jti: name), header: header, by: draft.issuer)
    }

    private func payload(jti: String) -> [UInt8] {
        var json = JSONWriter(escapes: .tokens)
        json.object { json in
            common(&json, jti: jti)
            json.object("nats") {
                $0.member("subject", draft.tokenSubject)
                $0.member("kind", draft.tokenKind.rawValue)
                if let account = draft.issuerAccount { $0.member("issuer_account", account.text) }
                $0.member("type", "activation")
                $0.member("version", 2)
            }
        }
        return json.bytes
    }

    private var payloadOfVersionOne: [UInt8] {
        var json = JSONWriter(escapes: .tokens)
        json.object { json in
            common(&json, jti: name)
            json.member("type", "activation")
            if let account = draft.issuerAccount { json.member("issuer_account", account.text) }
            json.object("nats") {
                $0.member("subject", draft.tokenSubject)
                $0.member("type", draft.tokenKind.rawValue)
            }
        }
        return json.bytes
    }

    private func common(_ json: inout JSONWriter, jti: String) {
        json.member("exp", draft.expires)
        json.member("jti", jti)
        if let issuedAt = draft.issuedAt { json.member("iat", issuedAt) }
        json.member("iss", draft.issuer.publicKey.text)
        if let notBefore = draft.notBefore { json.member("nbf", notBefore) }
        if let audience = draft.audience { json.member("aud", audience) }
        switch draft.text {
        case .subjectTwice:
            json.member("sub", cast.company.bystander.publicKey.text)
            json.member("sub", draft.subject)
        case .subjectInCapitals:
            json.member("sub", cast.company.bystander.publicKey.text)
            json.member("SUB", draft.subject)
        default: json.member("sub", draft.subject)
        }
    }
}
