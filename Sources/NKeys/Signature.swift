import CSodium

/// An Ed25519 signature: 64 bytes, held inline.
///
/// Any 64 bytes are a signature until they are verified; whether S is reduced and R is a fit point is judged there.
public struct Signature: Hashable, Sendable {
    private var first = Bytes32()
    private var second = Bytes32()

    /// The number of bytes in a signature.
    public static let count = 64

    /// Takes 64 bytes; nil for any other number.
    public init?(rawBytes: some Collection<UInt8>) {
        guard rawBytes.count == Signature.count else { return nil }
        Swift.withUnsafeMutableBytes(of: &self) { $0.copyBytes(from: rawBytes) }
    }

    /// Takes 64 bytes; nil for any other number.
    public init?(rawBytes: borrowing Span<UInt8>) {
        guard rawBytes.count == Signature.count else { return nil }
        Swift.withUnsafeMutableBytes(of: &self) { own in
            rawBytes.withUnsafeBytes { own.copyMemory(from: $0) }
        }
    }

    /// The 64 bytes.
    public var rawBytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

    /// Calls the body with the 64 bytes, which are valid during the call only.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try Swift.withUnsafeBytes(of: self, body)
    }

    /// A signature of zero bytes, to be written by the signer.
    init() {}
}

extension PublicKey {
    /// Whether the signature over these bytes was made by the owner of this key (Ed25519, RFC 8032).
    ///
    /// Stricter than the RFC asks: S must be reduced, and neither R nor the key may be of small order or in a second
    /// spelling. Curve keys do not sign, so for them the answer is always no. About 40 µs for a token.
    public func isValid(_ signature: Signature, for message: UnsafeRawBufferPointer) -> Bool {
        guard role != .curve, Sodium.isReady else { return false }
        let start = message.baseAddress?.assumingMemoryBound(to: UInt8.self)
        return Sodium.reading(signature) { signature in
            Sodium.reading(bytes) { key in
                crypto_sign_verify_detached(signature, start, UInt64(message.count), key) == 0
            }
        }
    }

    /// Whether the signature over these bytes was made by the owner of this key.
    public func isValid(_ signature: Signature, for message: [UInt8]) -> Bool {
        message.withUnsafeBytes { isValid(signature, for: $0) }
    }

    /// Whether the signature over these bytes was made by the owner of this key.
    public func isValid(_ signature: Signature, for message: borrowing Span<UInt8>) -> Bool {
        message.withUnsafeBytes { isValid(signature, for: $0) }
    }
}
