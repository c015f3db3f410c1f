import COpenSSL

/// SHA-512/256 (FIPS 180-4, section 6.7): the hash that names tokens.
enum SHA512_256 {
    /// The 32 bytes of the hash; nil only when the library cannot have memory for it.
    static func hash(_ bytes: [UInt8]) -> [UInt8]? {
        var done = false
        let digest = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { digest, count in
            var length: UInt32 = 0
            done = EVP_Digest(bytes, bytes.count, digest.baseAddress, &length, EVP_sha512_256(), nil) == 1
            count = done ? Int(length) : 0
        }
        return done ? digest : nil
    }

    /// The hash as 52 characters of base32 (RFC 4648, no padding), as `jti` holds it.
    static func base32(_ bytes: [UInt8]) -> String? {
        guard let digest = hash(bytes) else { return nil }
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var text: [UInt8] = []
        text.reserveCapacity((digest.count * 8 + 4) / 5)
        var word: UInt16 = 0
        var bits: UInt16 = 0
        for byte in digest {
            word = word &<< 8 | UInt16(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(word &>> bits & 0x1f)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(word &<< (5 - bits) & 0x1f)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
