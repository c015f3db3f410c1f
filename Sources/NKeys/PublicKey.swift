/// A public key: its role and 32 bytes, read from exactly one spelling.
///
/// The text is 56 characters of base32 (RFC 4648, upper case, no padding): the prefix byte of the role, the key, and
/// a CRC-16/XMODEM over both in little-endian order. Every other text is refused: a line break inside, bits set
/// in the prefix, another length (GHSA-g33f-6538-grxh). Ed25519 keys of small order or in a second spelling of the
/// point are refused too, because one constant signature fits every message under them.
///
///     let issuer = try PublicKey("ADR3BQ4PHMPPUZCIRDULQ2LRUBCFAC4FFJALWVWFQMY46DQ5WZRELBSW", role: .account)
///     issuer.isValid(signature, for: message)
///
/// The value holds its bytes inline: reading, comparing and hashing allocate nothing.
public struct PublicKey: Hashable, Sendable {
    /// What the key stands for.
    public let role: KeyRole
    /// The key, in memory as it stands on the wire.
    @usableFromInline let bytes: Bytes32

    /// Reads a public key of any role. O(1): a text of another length is only looked at to name the fault.
    public init(_ text: String) throws(KeyTextError) {
        self = try PublicKey(utf8: text.utf8Span.span)
    }

    /// Reads a public key that must have this role.
    public init(_ text: String, role: KeyRole) throws(KeyTextError) {
        self = try PublicKey(text, anyOf: KeyRoles(role))
    }

    /// Reads a public key that must have one of these roles.
    public init(_ text: String, anyOf roles: KeyRoles) throws(KeyTextError) {
        self = try PublicKey(utf8: text.utf8Span.span, anyOf: roles)
    }

    /// Reads a public key of any role.
    public init(utf8 text: UnsafeBufferPointer<UInt8>) throws(KeyTextError) {
        self = try PublicKey(utf8: text.span)
    }

    /// Reads a public key that must have one of these roles.
    public init(utf8 text: borrowing Span<UInt8>, anyOf roles: KeyRoles) throws(KeyTextError) {
        let key = try PublicKey(utf8: text)
        guard roles.contains(key.role) else { throw .role(expected: roles, found: key.role) }
        self = key
    }

    /// Reads a public key of any role.
    public init(utf8 text: borrowing Span<UInt8>) throws(KeyTextError) {
        self = try PublicKeyText.decode(text.bytes)
    }

    /// Makes a key from its 32 bytes.
    public init(role: KeyRole, rawBytes: some Collection<UInt8>) throws(KeyTextError) {
        guard rawBytes.count == 32 else { throw .length(rawBytes.count) }
        var bytes = Bytes32()
        withUnsafeMutableBytes(of: &bytes) { $0.copyBytes(from: rawBytes) }
        self = try PublicKey(role: role, checking: bytes)
    }

    /// A key that nobody holds and that no text reads as: 32 zero bytes are a point of small order, under which no
    /// signature is accepted. Fills a place whose key is not known yet.
    package static let ofNobody = PublicKey(unchecked: Bytes32(), role: .operator)

    /// The 56 characters of the key. One allocation.
    public var text: String { PublicKeyText.encode(self) }

    /// The 32 bytes of the key.
    public var rawBytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

    /// Calls the body with the 32 bytes of the key, which are valid during the call only.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try Swift.withUnsafeBytes(of: bytes, body)
    }

    init(role: KeyRole, checking bytes: Bytes32) throws(KeyTextError) {
        if role != .curve, let fault = EdwardsPoint.fault(in: bytes) { throw fault }
        self.role = role
        self.bytes = bytes
    }

    init(unchecked bytes: Bytes32, role: KeyRole) {
        self.role = role
        self.bytes = bytes
    }

    /// Whether role and bytes are the same; public keys are no secret, so the time it takes may depend on them.
    @inlinable
    public static func == (left: PublicKey, right: PublicKey) -> Bool {
        left.role == right.role && left.bytes == right.bytes
    }

    /// Feeds all of the key. One word of it would spread real keys as well, but a token can list keys that nobody
    /// holds, with bytes chosen to collide; the seeded hash over all of them leaves nothing to choose.
    @inlinable
    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytes.word0)
        hasher.combine(bytes.word1)
        hasher.combine(bytes.word2)
        hasher.combine(bytes.word3)
        hasher.combine(role.rawValue)
    }
}

extension PublicKey: CustomStringConvertible {
    /// The text of the key.
    public var description: String { text }
}

extension PublicKey: Comparable {
    /// The order of the texts, without making them.
    public static func < (left: PublicKey, right: PublicKey) -> Bool { PublicKeyText.precedes(left, right) }
}

/// 32 bytes held inline, in memory order.
@usableFromInline
struct Bytes32: Hashable, Sendable {
    @usableFromInline var word0: UInt64 = 0
    @usableFromInline var word1: UInt64 = 0
    @usableFromInline var word2: UInt64 = 0
    @usableFromInline var word3: UInt64 = 0

    init() {}

    init(bigEndian word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64) {
        self.word0 = word0.bigEndian
        self.word1 = word1.bigEndian
        self.word2 = word2.bigEndian
        self.word3 = word3.bigEndian
    }

    @inlinable
    static func == (left: Bytes32, right: Bytes32) -> Bool {
        (left.word0 ^ right.word0) | (left.word1 ^ right.word1) | (left.word2 ^ right.word2)
            | (left.word3 ^ right.word3) == 0
    }
}
