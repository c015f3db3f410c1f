/// Why a text is not a key. A case never carries the text, since the text may be a seed.
public enum KeyTextError: Error, Hashable, Sendable {
    /// The text has this many characters (or the raw key this many bytes), which no key of the kind has.
    case length(Int)
    /// The character at this offset is not one of `A`-`Z` and `2`-`7`.
    case alphabet(at: Int)
    /// The character at this offset is a space, a tab or a line break.
    case whitespace(at: Int)
    /// Bits of the last character that mean nothing are not zero, so the key would have a second spelling.
    case trailingBits
    /// The CRC-16 at the end does not match what stands before it.
    case checksum
    /// The prefix is not exactly that of a role (or, in a seed, of a seed and its role).
    case prefix
    /// A key of another role than the place takes.
    case role(expected: KeyRoles, found: KeyRole)
    /// A seed where a public key is wanted.
    case isSeed
    /// A private key (`P...`), which is never read.
    case isPrivateKey
    /// A public key where a seed is wanted.
    case isPublicKey
    /// An Ed25519 point of small order: one constant signature would verify for every message.
    case smallOrder
    /// An Ed25519 point in a second spelling: y is not reduced, or a sign is given to x = 0 (RFC 8032, 5.1.3).
    case nonCanonicalPoint
    /// No locked memory could be had for a secret.
    case memory
}

extension KeyTextError: CustomStringConvertible {
    /// One line in lower case; never part of the text that was refused.
    public var description: String {
        switch self {
        case .length(let count): "a key cannot have length \(count)"
        case .alphabet(let offset): "character \(offset) of the key is not one of A-Z and 2-7"
        case .whitespace(let offset): "character \(offset) of the key is white space"
        case .trailingBits: "the key does not end in zero bits"
        case .checksum: "the checksum of the key does not match"
        case .prefix: "the prefix of the key is not that of a known role"
        case .role(let expected, let found): "expected the key of \(expected.words), found that of \(found.article)"
        case .isSeed: "a seed stands where a public key is wanted"
        case .isPrivateKey: "a private key stands where another key is wanted"
        case .isPublicKey: "a public key stands where a seed is wanted"
        case .smallOrder: "the key is a point of small order"
        case .nonCanonicalPoint: "the key is a point in a spelling that is not canonical"
        case .memory: "no locked memory is available"
        }
    }
}
