/// What a key stands for. The raw value is the prefix byte of its public text.
///
/// The prefix is the first byte of the encoded key, five bits of which make the first letter of the text
/// (`O`, `A`, `U`, `N`, `C`, `X`); the low three bits are zero, and a prefix with other low bits is refused.
public enum KeyRole: UInt8, Sendable, Hashable, CaseIterable {
    /// Signs accounts and is signed by nobody: the root of trust. Text begins with `O`.
    case `operator` = 0x70
    /// Owns subjects, exports and users. Text begins with `A`.
    case account = 0x00
    /// A client of a server. Text begins with `U`.
    case user = 0xA0
    /// A server. Text begins with `N`.
    case server = 0x68
    /// A cluster of servers. Text begins with `C`.
    case cluster = 0x10
    /// An X25519 key, which seals and opens and never signs. Text begins with `X`.
    case curve = 0xB8

    /// The first byte of the text of a public key of this role, an upper-case ASCII letter.
    public var letter: UInt8 { 0x41 &+ rawValue >> 3 }

    /// The role in plain words: `operator`, `account`, `user`, `server`, `cluster` or `curve`.
    public var name: String {
        switch self {
        case .operator: "operator"
        case .account: "account"
        case .user: "user"
        case .server: "server"
        case .cluster: "cluster"
        case .curve: "curve"
        }
    }

    /// The role with its article, as a sentence needs it: `an account`, `a user`.
    var article: String {
        switch self {
        case .operator, .account: "an " + name
        case .user, .server, .cluster, .curve: "a " + name
        }
    }
}

/// The roles that fit in one place: a user token, say, is issued by an account key and by no other.
public struct KeyRoles: OptionSet, Sendable, Hashable {
    /// One bit for each role, in the order of `KeyRole.allCases`.
    public let rawValue: UInt8

    /// Makes a set from its bits; bits that name no role have no meaning.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The set of this one role.
    public init(_ role: KeyRole) {
        switch role {
        case .operator: self = .operator
        case .account: self = .account
        case .user: self = .user
        case .server: self = .server
        case .cluster: self = .cluster
        case .curve: self = .curve
        }
    }

    /// Operator keys.
    public static let `operator` = KeyRoles(rawValue: 1)
    /// Account keys.
    public static let account = KeyRoles(rawValue: 2)
    /// User keys.
    public static let user = KeyRoles(rawValue: 4)
    /// Server keys.
    public static let server = KeyRoles(rawValue: 8)
    /// Cluster keys.
    public static let cluster = KeyRoles(rawValue: 16)
    /// Curve keys.
    public static let curve = KeyRoles(rawValue: 32)

    /// Whether keys of this role are in the set.
    public func contains(_ role: KeyRole) -> Bool { contains(KeyRoles(role)) }

    /// The roles in words, joined by `or`: `an operator or an account`.
    var words: String {
        let names = KeyRole.allCases.filter { contains($0) }.map(\.article)
        return names.joined(separator: " or ")
    }
}
