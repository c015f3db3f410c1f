import COpenSSL
import NKeys

/// SHA-512/256 (FIPS 180-4, section 6.7): the hash that names tokens.
enum SHA512_256 {
    /// The algorithm, looked up once: the library otherwise looks for it anew in every call.
    private nonisolated(unsafe) static let algorithm: OpaquePointer? = EVP_MD_fetch(nil, "SHA512-256", nil)

    /// The 32 bytes of the hash; nil only when the library cannot have memory for it.
    static func hash(_ bytes: [UInt8]) -> [UInt8]? {
        var done = false
        let digest = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { digest, count in
            var length: UInt32 = 0
            done =
                EVP_Digest(bytes, bytes.count, digest.baseAddress, &length, algorithm ?? EVP_sha512_256(), nil) == 1
            count = done ? Int(length) : 0
        }
        return done ? digest : nil
    }

    /// The hash as 52 characters of base32 (RFC 4648, no padding), as `jti` holds it.
    static func base32(_ bytes: [UInt8]) -> String? {
        hash(bytes).map(Base32.text)
    }
}
