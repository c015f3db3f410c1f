/// An algorithm of signatures of foreign tokens (RFC 7518, RFC 8037). There is no `none`.
public enum ForeignAlgorithm: String, CaseIterable, Hashable, Sendable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"

    /// Whether it takes a secret that both sides hold.
    public var isSymmetric: Bool { hashBytes != nil }

    /// The length of the hash of an HMAC in bytes, which its secret has at least (RFC 7518, section 3.2); nil for other
    /// algorithms.
    var hashBytes: Int? {
        switch self {
        case .hs256: 32
        case .hs384: 48
        case .hs512: 64
        default: nil
        }
    }
}
