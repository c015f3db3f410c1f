import NKeys

/// Where the keys of a suite come from.
public enum KeySource: Hashable, Sendable {
    /// The system's randomness.
    case fresh
    /// The SHA-256 of this label and the name of each key: the same suite again. Whoever knows the label has the keys.
    case labelled(String)

    func pair(_ role: KeyRole, _ name: String) throws(KeyUseError) -> KeyPair {
        switch self {
        case .fresh: try KeyPair.generate(role)
        case .labelled(let label): try KeyPair(Seed.unsafeSeed(ofLabel: "\(label) \(name)", role))
        }
    }
}
