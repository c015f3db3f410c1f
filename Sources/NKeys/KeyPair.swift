import CSodium

/// A public key and the secret behind it, which signs (Ed25519) or, for a curve key, seals and opens (X25519).
///
///     let pair = try KeyPair.generate(.account)
///     let signature = try pair.sign(message)
public final class KeyPair: Sendable {
    /// The public half.
    public let publicKey: PublicKey
    /// The seed that the pair was made from.
    public let seed: Seed
    /// The expanded Ed25519 secret (seed and public key, 64 bytes); nil for a curve key, whose secret is the seed.
    private let secret: SecretBytes?

    /// The role of both halves.
    public var role: KeyRole { seed.role }

    /// Derives the pair of a seed; about 15 µs. Fails only for want of locked memory.
    public init(_ seed: Seed) throws(KeyUseError) {
        guard Sodium.isReady else { throw .memory }
        var bytes = Bytes32()
        if seed.role == .curve {
            seed.reading { raw in
                Sodium.writing(&bytes) { _ = crypto_scalarmult_base($0, raw) }
            }
            secret = nil
        } else {
            let secret = SecretBytes(capacity: 64) { expanded in
                guard let start = expanded.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
                seed.reading { raw in
                    Sodium.writing(&bytes) { _ = crypto_sign_seed_keypair($0, start, raw) }
                }
                return 64
            }
            guard let secret else { throw .memory }
            self.secret = secret
        }
        self.seed = seed
        publicKey = PublicKey(unchecked: bytes, role: seed.role)
    }

    /// Makes a new pair from the system's randomness.
    public static func generate(_ role: KeyRole) throws(KeyUseError) -> KeyPair {
        try KeyPair(Seed.generate(role))
    }

    /// Signs the bytes (Ed25519, deterministic); `keyType` for a curve key. About 15 µs for a token.
    public func sign(_ message: UnsafeRawBufferPointer) throws(KeyUseError) -> Signature {
        guard let secret else { throw .keyType(role) }
        var signature = Signature()
        let start = message.baseAddress?.assumingMemoryBound(to: UInt8.self)
        secret.reading { secret in
            Sodium.writing(&signature) {
                _ = crypto_sign_detached($0, nil, start, UInt64(message.count), secret)
            }
        }
        return signature
    }

    /// Signs the bytes (Ed25519, deterministic); `keyType` for a curve key.
    public func sign(_ message: [UInt8]) throws(KeyUseError) -> Signature {
        try sign(message.span)
    }

    /// Signs the bytes (Ed25519, deterministic); `keyType` for a curve key.
    public func sign(_ message: borrowing Span<UInt8>) throws(KeyUseError) -> Signature {
        try message.withUnsafeBytes { (bytes) throws(KeyUseError) in try sign(bytes) }
    }
}

extension KeyPair: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The public key, never the secret.
    public var description: String { "key pair of `\(publicKey.text)`" }
    /// The public key, never the secret.
    public var debugDescription: String { description }
    /// A mirror with the public key alone.
    public var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey.text]) }
}
