import CSodium

/// A secret that only its holder can make marks with: who finds the mark on something knows that the holder put it
/// there (keyed BLAKE2b of libsodium, 32 bytes).
///
/// The key stays in locked memory and does not print.
public final class SealingKey: Sendable, CustomStringConvertible {
    private let secret: SecretBytes

    /// The bytes of a key: 32 of them.
    public static let size = Int(crypto_generichash_KEYBYTES)

    /// A key of these bytes, which the caller wipes; nil unless there are 32, or when there is no locked memory.
    public init?(_ bytes: borrowing RawSpan) {
        guard bytes.byteCount == Self.size else { return nil }
        let secret = bytes.withUnsafeBytes { source in
            SecretBytes(capacity: Self.size) { buffer in
                buffer.copyMemory(from: source)
                return Self.size
            }
        }
        guard let secret else { return nil }
        self.secret = secret
    }

    /// Fills a buffer of 32 bytes with a new key.
    public static func generate(into buffer: UnsafeMutableRawBufferPointer) {
        if let start = buffer.baseAddress { randombytes_buf(start, buffer.count) }
    }

    /// The mark on a message: 32 bytes. Linear in the bytes, about a nanosecond each.
    public func mark(on message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(crypto_generichash_BYTES)) { mark, count in
            guard let start = mark.baseAddress else { return }
            secret.withUnsafeBytes { key in
                _ = crypto_generichash(
                    start, Int(crypto_generichash_BYTES), message, UInt64(message.count),
                    key.assumingMemoryBound(to: UInt8.self).baseAddress, key.count)
            }
            count = Int(crypto_generichash_BYTES)
        }
    }

    /// Whether `mark` is the mark on `message`. In a time that does not depend on where they differ.
    public func isMark(_ mark: [UInt8], on message: [UInt8]) -> Bool { SHA256.areEqual(self.mark(on: message), mark) }

    /// Nothing of the key.
    public var description: String { "a sealing key" }
}
