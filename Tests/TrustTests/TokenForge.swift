import NKeys

@testable import Trust

/// Signs any header and payload, so that tests can make tokens that no signer would.
struct TokenForge {
    static let now = TokenInvariants.now
    let `operator`: KeyPair
    let account: KeyPair
    let user: KeyPair
    let server: KeyPair

    init() throws {
        `operator` = try KeyPair.generate(.operator)
        account = try KeyPair.generate(.account)
        user = try KeyPair.generate(.user)
        server = try KeyPair.generate(.server)
    }

    /// A good payload of a user token; `top` and `content` are further members, each with a comma before it.
    func userPayload(issuedAt: Int64 = now.seconds - 60, top: String = "", content: String = "") -> String {
        """
        {"iat":\(issuedAt),"iss":"\(account.publicKey.text)","sub":"\(user.publicKey.text)"\(top),\
        "nats":{"type":"user","version":2\(content)}}
        """
    }

    /// A good payload of an account token.
    func accountPayload(content: String = "") -> String {
        """
        {"iat":\(Self.now.seconds - 60),"iss":"\(`operator`.publicKey.text)","sub":"\(account.publicKey.text)",\
        "nats":{"type":"account","version":2,"limits":{"exports":-1,"imports":-1,"wildcards":true}\(content)}}
        """
    }

    /// The token of a header and a payload, signed by `pair`.
    func token(
        _ payload: String, header: String = #"{"typ":"JWT","alg":"ed25519-nkey"}"#, by pair: KeyPair
    ) throws -> String {
        let signed = Base64URL.encode(Array(header.utf8)) + [0x2e] + Base64URL.encode(Array(payload.utf8))
        let signature = Base64URL.encode(try pair.sign(signed).rawBytes)
        return String(decoding: signed + [0x2e] + signature, as: UTF8.self)
    }

    /// What is found in a token, whatever its signature.
    static func report(_ token: String, _ policy: Policy = .strict) -> TokenReport {
        TokenInvariants.report(Array(token.utf8), TokenVerifier(policy: policy))
    }
}

extension TokenReport {
    /// The codes of the failed rules, each once.
    var codes: [String] { failures.map(\.rule.code).reduce(into: []) { if $0.last != $1 { $0.append($1) } } }
}
