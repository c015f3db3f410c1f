import NKeys

/// What every token states, whatever its type (RFC 7519, with the field's rule that `jti` is a hash).
public struct CommonClaims: Hashable, Sendable {
    /// `iss`: the key that signed.
    public var issuer: PublicKey
    /// `sub`: whom or what the token is about.
    public var subject: PublicKey
    /// `aud`: for whom the token is meant; nil when absent or empty.
    public var audience: String?
    /// `jti`: names the token; empty when absent.
    public var id: String
    /// `name`: what people call the subject; empty when absent.
    public var name: String
    /// `iat`: when the token was signed; nil when absent or 0.
    public var issuedAt: UnixTime?
    /// `exp`: from this second on the token is expired; nil for never.
    public var expires: UnixTime?
    /// `nbf`: before this second the token is not valid; nil for always.
    public var notBefore: UnixTime?

    /// Claims to be signed; `jti` and `iat` are set by signing.
    public init(
        issuer: PublicKey, subject: PublicKey, name: String = "", audience: String? = nil,
        expires: UnixTime? = nil, notBefore: UnixTime? = nil
    ) {
        self.init(
            issuer: issuer, subject: subject, audience: audience, id: "", name: name, issuedAt: nil,
            expires: expires, notBefore: notBefore)
    }

    init(
        issuer: PublicKey, subject: PublicKey, audience: String?, id: String, name: String, issuedAt: UnixTime?,
        expires: UnixTime?, notBefore: UnixTime?
    ) {
        self.issuer = issuer
        self.subject = subject
        self.audience = audience
        self.id = id
        self.name = name
        self.issuedAt = issuedAt
        self.expires = expires
        self.notBefore = notBefore
    }
}

/// The two shapes of token that the field knows.
public enum TokenVersion: Int, Hashable, Sendable {
    /// Before 2021: the type at the top level, the signature over the payload only.
    case one = 1
    /// `nats.version` 2, the signature over header and payload.
    case two = 2
}

/// A member that this library does not know, kept as received: a newer version of the field's tokens may mean
/// something by it.
public struct UnknownMember: Hashable, Sendable {
    /// The object of a token that a member stands in, or inside of.
    public enum Level: Hashable, Sendable {
        /// The payload itself, beside `iss` and `sub`, where RFC 7519 and those that build on it put their claims.
        case payload
        /// `nats`.
        case content
    }

    /// Where it stands.
    public let place: Place
    /// The member's name.
    public let name: String
    /// Its value, as JSON text.
    public let value: String
    /// In which of a token's objects.
    public let level: Level

    init(place: Place, name: String, value: String, level: Level = .content) {
        (self.place, self.name, self.value, self.level) = (place, name, value, level)
    }

    /// A claim of the payload, such as `act` of RFC 8693, to be signed.
    ///
    /// Nil for a name that is not of lower-case letters and `_`, or that tokens of this field give a meaning, and for a
    /// value that is not the text of one JSON object.
    public init?(claim name: String, object value: String) {
        let isName = !name.isEmpty && name.utf8.allSatisfy { $0 == 0x5f || (0x61...0x7a).contains($0) }
        guard isName, !Self.knownClaims.contains(name), (try? JSONTree(Array(value.utf8))) != nil else { return nil }
        self.init(place: Place(name), name: name, value: value, level: .payload)
    }

    private static let knownClaims: Set<String> = [
        "aud", "exp", "jti", "iat", "iss", "name", "nbf", "sub", "nats", "type", "tags", "issuer_account",
    ]
}

/// The claims of one type of token.
public protocol TokenClaims: Sendable {
    /// The type's name and rules.
    static var type: TokenType { get }
    /// What every token states.
    var common: CommonClaims { get set }
    /// Members that this library does not know.
    var unknown: [UnknownMember] { get }
}
