import CSodium

/// SHA-256 (FIPS 180-4): for names of things, such as activation tokens and certificates. Not for secrets that can be
/// guessed.
public enum SHA256 {
    /// The 32 bytes of the hash. Linear in the bytes.
    public static func hash(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let message = Array(bytes)
        return [UInt8](unsafeUninitializedCapacity: Int(crypto_hash_sha256_BYTES)) { digest, count in
            guard let start = digest.baseAddress else { return }
            crypto_hash_sha256(start, message, UInt64(message.count))
            count = Int(crypto_hash_sha256_BYTES)
        }
    }

    /// The hash in base32 without padding, 52 characters.
    public static func base32(_ bytes: some Collection<UInt8>) -> String {
        Base32.text(of: hash(bytes))
    }

    /// Whether two hashes are the same, in a time that does not depend on where they differ.
    public static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && sodium_memcmp(one, other, one.count) == 0
    }
}
