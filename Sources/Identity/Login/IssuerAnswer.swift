import Trust

/// What an endpoint of an issuer answered: the status and the body, unjudged.
public struct IssuerAnswer: Sendable {
    /// The status of HTTP.
    public let status: Int
    /// The body, bounded by whoever read it.
    public let body: [UInt8]

    /// An answer.
    public init(status: Int, body: [UInt8]) { (self.status, self.body) = (status, body) }

    /// The members of the object that it is; nil when it is none.
    var members: JSONMembers? { JSONMembers(json: body) }

    /// The code of an error (RFC 6749, section 5.2), as far as it is one: letters, digits, `_` and `-`, and few of them.
    var errorCode: String? {
        guard let code = members?.text("error"), (1...64).contains(code.utf8.count),
            code.utf8.allSatisfy({ byte in
                (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            })
        else { return nil }
        return code
    }
}

/// Why an issuer gives no tokens. No words of the issuer stand in it but the code of its error.
public enum IssuerFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Whoever was asked has refused.
    case denied
    /// Nobody answered in time; the user code is no longer good.
    case expired
    /// The grant is no longer good: a refresh token that was used, revoked or is too old.
    case grantEnded
    /// Another error, by its code.
    case error(code: String)
    /// The answer is none: what is wrong with it.
    case answer(String)

    /// In one line.
    public var description: String {
        switch self {
        case .denied: "access was denied"
        case .expired: "nobody entered the code in time"
        case .grantEnded: "the issuer no longer takes the grant (`invalid_grant`)"
        case .error(let code): "the issuer refuses with `\(code)`"
        case .answer(let reason): "the issuer's answer cannot be used: \(reason)"
        }
    }

    init(refusal answer: IssuerAnswer) {
        switch answer.errorCode {
        case "access_denied": self = .denied
        case "expired_token": self = .expired
        case "invalid_grant": self = .grantEnded
        case .some(let code): self = .error(code: code)
        case nil: self = .answer("status \(answer.status) without a code of an error")
        }
    }
}

/// The tokens that an issuer gave. Secrets: they are shown nowhere.
public struct IssuerTokens: Sendable, CustomStringConvertible, CustomReflectable {
    /// `access_token`.
    public let access: String
    /// `id_token` of OpenID Connect; nil for none. One of the device flow is bound to no session: the flow has no `nonce`.
    public let id: String?
    /// `refresh_token`; nil for none.
    public let refresh: String?

    /// The longest token that is taken, in bytes: what fits into a form of the exchange.
    static let maximumBytes = ExchangeForm.maximumValue

    /// The form that asks for new tokens for a refresh token (RFC 6749, section 6).
    public static func refreshForm(clientID: String, token: String) -> ExchangeForm {
        var form = ExchangeForm()
        form["grant_type"] = "refresh_token"
        form["client_id"] = clientID
        form["refresh_token"] = token
        return form
    }

    /// Reads the answer of a token endpoint (RFC 6749, section 5.1).
    public init(_ answer: IssuerAnswer) throws(IssuerFault) {
        guard answer.status == 200 else { throw IssuerFault(refusal: answer) }
        guard let members = answer.members else { throw .answer("it is not one JSON object") }
        guard let access = members.text("access_token"), Self.isToken(access) else {
            throw .answer("it has no `access_token`")
        }
        self.access = access
        id = try Self.token("id_token", in: members)
        refresh = try Self.token("refresh_token", in: members)
    }

    /// What it is, and no token.
    public var description: String { "tokens of an issuer" }
    /// A mirror without children, so that `dump` finds nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }

    private static func token(_ name: String, in members: JSONMembers) throws(IssuerFault) -> String? {
        guard members.has(name) else { return nil }
        guard let token = members.text(name), isToken(token) else { throw .answer("its `\(name)` is no token") }
        return token
    }

    /// What RFC 6749, appendix A.12 and A.17 say: printable characters of ASCII.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= maximumBytes && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
