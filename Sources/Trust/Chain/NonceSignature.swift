import NKeys

/// The signature of a nonce as clients send it: base64url without padding, or standard base64 with padding (RFC
/// 4648), each in its one canonical form. Clients of both habits are in use.
enum NonceSignature {
    /// 64 bytes are 86 characters, and two of padding.
    private static let longest = 88

    /// What is wrong with `text` as the signature of `nonce` by `key`; nil when nothing is (C-user-proof).
    static func fault(in text: String?, by key: PublicKey, over nonce: [UInt8]) -> Detail? {
        guard let text, !text.isEmpty else { return .proofMissing }
        guard let bytes = decode(Array(text.utf8.prefix(longest + 1))) else { return .proofEncoding }
        guard let signature = Signature(rawBytes: bytes) else { return .signatureLength(bytes: bytes.count) }
        return key.isValid(signature, for: nonce) ? nil : .proofInvalid
    }

    private static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count <= longest else { return nil }
        var text = text
        if text.last == UInt8(ascii: "=") {
            guard text.count % 4 == 0 else { return nil }
            text.removeLast()
            if text.last == UInt8(ascii: "=") { text.removeLast() }
            for (index, character) in text.enumerated() {
                switch character {
                case UInt8(ascii: "+"): text[index] = UInt8(ascii: "-")
                case UInt8(ascii: "/"): text[index] = UInt8(ascii: "_")
                case UInt8(ascii: "-"), UInt8(ascii: "_"): return nil
                default: break
                }
            }
        }
        return text.withUnsafeBufferPointer { try? Base64URL.decode($0) }
    }
}
