/// An issuer whose tokens are taken, and everything that is believed about it. All of it comes from configuration, and
/// nothing of it from a token (RFC 8725, sections 3.1, 3.8 to 3.11).
public struct ForeignIssuer: Sendable {
    /// Where the issuer's keys come from.
    public enum Keys: Hashable, Sendable {
        /// A key set (RFC 7517) that was read from a file.
        case set([UInt8])
        /// The address of a key set.
        case url(String)
        /// The issuer's own discovery document (OpenID Connect Discovery 1.0, RFC 8414), which names the address.
        case discovery
        /// A secret of at least 256 bits for HMAC, meant for this issuer alone.
        case secret([UInt8])
    }

    /// What the issuer issues for us.
    public enum TokenKind: String, Hashable, Sendable {
        /// Access tokens, `typ` `at+jwt` (RFC 9068).
        case access
        /// ID tokens of OpenID Connect, `typ` `JWT` or none.
        case id
        /// Tokens whose `typ` is `JWT` or none, that are no ID tokens: for issuers that know no `at+jwt`.
        case plain
    }

    /// `iss`, compared byte by byte.
    public var issuer: String
    /// The audiences by which this verifier is meant; one of them has to be in `aud`.
    public var audiences: Set<String>
    /// The algorithms that are taken; none else, whatever a header says.
    public var algorithms: Set<ForeignAlgorithm>
    /// Where its keys come from.
    public var keys: Keys
    /// What it issues for us.
    public var kind = TokenKind.access
    /// How far its clock may be from ours, in seconds.
    public var leeway: Int64 = 30
    /// How old a token may be, from its `iat`, in seconds; without leeway.
    public var maximumAge: Int64 = 3600
    /// Claims that have to be there, beside `iss`, `sub`, `aud`, `exp` and `iat`.
    public var requiredClaims: Set<String> = []
    /// Whether a token is taken once only, by its `jti`.
    public var use = Use.repeated
    /// For how long keys that were fetched stand when the endpoint is lost, in seconds.
    public var keepsKeys: Int64 = 86_400
    /// For how long fetched keys are not fetched again, in seconds.
    public var freshKeys: Int64 = 300
    /// The least time between two fetches, whatever asks for them, in seconds.
    public var refetchInterval: Int64 = 30
    /// A file of certificates (PEM) that alone are trusted when its keys are fetched; nil for the system's.
    public var authorities: String?

    /// How often a token is taken.
    public enum Use: Hashable, Sendable {
        case repeated
        /// Once; a token without `jti` is refused.
        case once
    }

    /// An issuer, with the standard for all else.
    public init(issuer: String, audiences: Set<String>, algorithms: Set<ForeignAlgorithm>, keys: Keys) {
        (self.issuer, self.audiences, self.algorithms, self.keys) = (issuer, audiences, algorithms, keys)
    }
}
