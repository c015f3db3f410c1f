import CSodium

/// The secret that a key pair is made from: a role and 32 random bytes, in locked memory.
///
/// The text is 58 characters of base32 that begin with `S` and the letter of the role; one spelling is accepted,
/// as for public keys. A seed does not print: its descriptions and mirror say the role alone.
public final class Seed: Sendable {
    /// The role of the key pair.
    public let role: KeyRole
    /// The 36 bytes of the packed form (the seed proper at offset 2), then the text.
    private let secret: SecretBytes

    /// Reads a seed of any role. The caller's string stays in ordinary memory: prefer the other initialisers.
    public convenience init(_ text: String) throws(KeyTextError) {
        try self.init(utf8: text.utf8Span.span)
    }

    /// Reads a seed of any role; the caller wipes the text.
    public convenience init(utf8 text: UnsafeBufferPointer<UInt8>) throws(KeyTextError) {
        try self.init(utf8: text.span)
    }

    /// Reads a seed of any role; the caller wipes the text.
    public init(utf8 text: borrowing Span<UInt8>) throws(KeyTextError) {
        let text = text.bytes
        try SeedText.checkShape(of: text)
        var role = KeyRole.user
        let secret = try SecretBytes(capacity: Seed.capacity) { (buffer) throws(KeyTextError) in
            let (packed, own) = Seed.parts(of: buffer)
            role = try SeedText.decode(text, into: packed)
            SeedText.encode(role: role, packed: packed, text: own)
            return Seed.capacity
        }
        guard let secret else { throw .memory }
        self.role = role
        self.secret = secret
    }

    init(role: KeyRole, filling fill: (UnsafeMutableRawPointer) -> Void) throws(KeyUseError) {
        let secret = SecretBytes(capacity: Seed.capacity) { buffer in
            let (packed, text) = Seed.parts(of: buffer)
            if let start = packed.baseAddress { fill(start + 2) }
            SeedText.encode(role: role, packed: packed, text: text)
            return Seed.capacity
        }
        guard let secret else { throw .memory }
        self.role = role
        self.secret = secret
    }

    /// Makes a new seed from the system's randomness.
    public static func generate(_ role: KeyRole) throws(KeyUseError) -> Seed {
        try Seed(role: role) { randombytes_buf($0, 32) }
    }

    /// Calls the body with the 58 characters of the seed: the one way out of this type.
    ///
    /// The characters stand in the seed's own locked memory and are valid during the call only; whoever copies them
    /// answers for the copy.
    public func withUnsafeText<R, E: Error>(_ body: (UnsafeBufferPointer<UInt8>) throws(E) -> R) throws(E) -> R {
        try secret.withUnsafeBytes { (bytes) throws(E) in
            let text = UnsafeRawBufferPointer(rebasing: bytes[SeedText.packedCount...])
            return try body(text.bindMemory(to: UInt8.self))
        }
    }

    /// Calls the body with the address of the 32 bytes; inside the module only.
    func reading<R>(_ body: (UnsafePointer<UInt8>) -> R) -> R { secret.reading { body($0 + 2) } }

    private static let capacity = SeedText.packedCount + SeedText.length

    private static func parts(
        of buffer: UnsafeMutableRawBufferPointer
    ) -> (packed: UnsafeMutableRawBufferPointer, text: UnsafeMutableRawBufferPointer) {
        (
            UnsafeMutableRawBufferPointer(rebasing: buffer[..<SeedText.packedCount]),
            UnsafeMutableRawBufferPointer(rebasing: buffer[SeedText.packedCount...])
        )
    }
}

extension Seed: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Whose seed it is, never the seed.
    public var description: String { "seed of \(role.article) key" }
    /// Whose seed it is, never the seed.
    public var debugDescription: String { description }
    /// A mirror without children, so that `dump` finds nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
