import NKeys

/// A token by which somebody shows who he is, and what it is.
struct SubjectToken {
    /// What a token is said to be (RFC 8693, section 3).
    enum Kind: String, CaseIterable {
        case access, id, jwt

        var urn: String {
            switch self {
            case .access: "urn:ietf:params:oauth:token-type:access_token"
            case .id: "urn:ietf:params:oauth:token-type:id_token"
            case .jwt: "urn:ietf:params:oauth:token-type:jwt"
            }
        }
    }

    let text: String
    let kind: Kind
    /// The key that the token was issued to, which has to be proved; nil where a new one will do.
    var pair: KeyPair?
}

/// Where such tokens come from. Asked again whenever creds are renewed.
protocol SubjectSource: Sendable {
    /// A token that holds now. What was given and not yet `taken` is given again.
    mutating func token() async throws -> SubjectToken
    /// The token was exchanged, or refused: it is not of use again.
    mutating func taken()
    /// Whether no token will come any more, however often it is asked.
    var isOver: Bool { get }
}

extension SubjectSource {
    mutating func taken() {}
    var isOver: Bool { false }
}
