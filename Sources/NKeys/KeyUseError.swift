/// Why a key could not do what was asked of it.
public enum KeyUseError: Error, Hashable, Sendable {
    /// A key of this role cannot do this: curve keys do not sign, and no other key seals or opens.
    case keyType(KeyRole)
    /// A sealed message has this many bytes, fewer than header, nonce and tag take; or a nonce is not 24 bytes.
    case length(Int)
    /// A sealed message does not begin with `xkv1`.
    case prefix
    /// The peer's key is of low order, so that the shared secret would be a constant known to all.
    case lowOrder
    /// The message was not sealed between these two keys, or was changed since.
    case decrypt
    /// No locked memory could be had for a secret.
    case memory
}

extension KeyUseError: CustomStringConvertible {
    /// One line in lower case.
    public var description: String {
        switch self {
        case .keyType(let role): "\(role.article) key cannot be used for this"
        case .length(let count): "a sealed message or nonce cannot have \(count) bytes"
        case .prefix: "the sealed message does not begin with `xkv1`"
        case .lowOrder: "the key of the peer is of low order"
        case .decrypt: "the sealed message does not open with these keys"
        case .memory: "no locked memory is available"
        }
    }
}
