import NKeys

/// The accounts in force at one moment: an immutable value, taken and read without a lock, from any thread.
///
/// Accounts are kept in many small parts, of which a change replaces one; so a snapshot that a reader keeps costs the
/// writer a copy of one part at the next change.
public struct TrustSnapshot: Sendable {
    private static let partCount = 1024
    private var parts = [[PublicKey: AccountInForce]](repeating: [:], count: partCount)

    /// How many accounts are in force.
    public private(set) var count = 0

    init() {}

    /// The account of this key; nil when it is not in force.
    public internal(set) subscript(key: PublicKey) -> AccountInForce? {
        get { parts[Self.part(of: key)][key] }
        set {
            let part = Self.part(of: key)
            let wasThere = parts[part][key] != nil
            parts[part][key] = newValue
            if wasThere != (newValue != nil) { count += wasThere ? -1 : 1 }
        }
    }

    private static func part(of key: PublicKey) -> Int { Int(UInt(bitPattern: key.hashValue) % UInt(partCount)) }

    /// The accounts in force, in no order.
    public var accounts: [AccountInForce] { parts.flatMap(\.values) }
}
