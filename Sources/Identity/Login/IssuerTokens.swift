import Trust

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
