import CSodium

/// What two curve keys agree on, to seal and open many messages: making it is 28 of the 29 µs of sealing.
///
/// A sealed message is `xkv1`, a nonce of 24 bytes, and a NaCl box (XSalsa20, Poly1305): 44 bytes more than what it
/// holds. The key is the same for both directions, so a message can be opened by its own sender.
public final class SharedKey: Sendable {
    private let secret: SecretBytes

    /// How many bytes a sealed message has more than its plaintext.
    public static let overhead = header.count + nonceCount + tagCount

    private static let header: [UInt8] = [0x78, 0x6B, 0x76, 0x31]  // xkv1
    private static let nonceCount = 24
    private static let tagCount = 16

    /// Derives the key of a curve key pair and a peer; `lowOrder` for a peer that would make it a constant.
    public init(_ own: KeyPair, with peer: PublicKey) throws(KeyUseError) {
        guard own.role == .curve else { throw .keyType(own.role) }
        guard peer.role == .curve else { throw .keyType(peer.role) }
        var failed = true
        let secret = SecretBytes(capacity: 32) { shared in
            guard let start = shared.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
            failed = Sodium.reading(peer.bytes) { peer in
                own.seed.reading { crypto_box_beforenm(start, peer, $0) != 0 }
            }
            return 32
        }
        guard let secret else { throw .memory }
        guard !failed else { throw .lowOrder }
        self.secret = secret
    }

    /// Seals the bytes under a random nonce.
    public func seal(_ plaintext: UnsafeRawBufferPointer) throws(KeyUseError) -> [UInt8] {
        var nonce = [UInt8](repeating: 0, count: SharedKey.nonceCount)
        randombytes_buf(&nonce, nonce.count)
        return try seal(plaintext, unsafeNonce: nonce)
    }

    /// Seals the bytes under a random nonce.
    public func seal(_ plaintext: [UInt8]) throws(KeyUseError) -> [UInt8] {
        try plaintext.span.withUnsafeBytes { (bytes) throws(KeyUseError) in try seal(bytes) }
    }

    /// Seals under a given nonce: for known-answer tests only. Two messages under one nonce give each other away.
    public func seal(_ plaintext: UnsafeRawBufferPointer, unsafeNonce nonce: [UInt8]) throws(KeyUseError) -> [UInt8] {
        guard nonce.count == SharedKey.nonceCount else { throw .length(nonce.count) }
        let start = plaintext.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let boxOffset = SharedKey.header.count + nonce.count
        return [UInt8](unsafeUninitializedCapacity: plaintext.count + SharedKey.overhead) { sealed, count in
            guard let output = sealed.baseAddress else { return }
            output.update(from: SharedKey.header, count: SharedKey.header.count)
            (output + SharedKey.header.count).update(from: nonce, count: nonce.count)
            secret.reading { key in
                _ = crypto_box_easy_afternm(output + boxOffset, start, UInt64(plaintext.count), nonce, key)
            }
            count = sealed.count
        }
    }

    /// Opens a sealed message: length, header, then authenticity; nothing of the plaintext is released on failure.
    public func open(_ sealed: UnsafeRawBufferPointer) throws(KeyUseError) -> [UInt8] {
        guard sealed.count >= SharedKey.overhead, let start = sealed.baseAddress else { throw .length(sealed.count) }
        guard sealed.prefix(SharedKey.header.count).elementsEqual(SharedKey.header) else { throw .prefix }
        let nonce = start.assumingMemoryBound(to: UInt8.self) + SharedKey.header.count
        let boxCount = sealed.count - SharedKey.header.count - SharedKey.nonceCount
        var isOpen = false
        // One byte more than needed, so that there is an address for an empty plaintext too.
        let plaintext = [UInt8](unsafeUninitializedCapacity: boxCount) { buffer, count in
            guard let output = buffer.baseAddress else { return }
            isOpen = secret.reading { key in
                crypto_box_open_easy_afternm(output, nonce + SharedKey.nonceCount, UInt64(boxCount), nonce, key) == 0
            }
            count = isOpen ? boxCount - SharedKey.tagCount : 0
        }
        guard isOpen else { throw .decrypt }
        return plaintext
    }

    /// Opens a sealed message.
    public func open(_ sealed: [UInt8]) throws(KeyUseError) -> [UInt8] {
        try sealed.span.withUnsafeBytes { (bytes) throws(KeyUseError) in try open(bytes) }
    }
}

extension SharedKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What it is, never its bytes.
    public var description: String { "shared key" }
    /// What it is, never its bytes.
    public var debugDescription: String { description }
    /// A mirror without children, so that `dump` finds nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension KeyPair {
    /// Seals the bytes for a peer (curve keys only). For many messages to one peer keep a `SharedKey`.
    public func seal(_ plaintext: [UInt8], to recipient: PublicKey) throws(KeyUseError) -> [UInt8] {
        try SharedKey(self, with: recipient).seal(plaintext)
    }

    /// Opens what a peer sealed for this pair (curve keys only).
    public func open(_ sealed: [UInt8], from sender: PublicKey) throws(KeyUseError) -> [UInt8] {
        try SharedKey(self, with: sender).open(sealed)
    }
}
