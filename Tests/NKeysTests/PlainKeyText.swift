/// The text of keys, read the slow way: one bit after the other. The oracle beside the fast reader.
enum PlainKeyText {
    static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    /// The bytes of a base32 text without padding whose spare bits are zero; nil for any other text.
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bits: [Bool] = []
        for character in text {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            for bit in [16, 8, 4, 2, 1] { bits.append(value & bit != 0) }
        }
        let spare = bits.count % 8
        guard spare < 5, bits.suffix(spare).allSatisfy({ !$0 }) else { return nil }
        return stride(from: 0, to: bits.count - spare, by: 8).map { start in
            bits[start..<start + 8].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
        }
    }

    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
        while bits.count % 5 != 0 { bits.append(0) }
        return stride(from: 0, to: bits.count, by: 5).map { start in
            alphabet[bits[start..<start + 5].reduce(0) { $0 << 1 | Int($1) }]
        }
    }

    /// CRC-16/XMODEM as its definition has it: a division of polynomials, bit by bit.
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt16 {
        var remainder: UInt16 = 0
        for byte in bytes {
            remainder ^= UInt16(byte) << 8
            for _ in 0..<8 { remainder = remainder & 0x8000 == 0 ? remainder << 1 : remainder << 1 ^ 0x1021 }
        }
        return remainder
    }

    /// The text of these bytes with their checksum.
    static func sealed(_ bytes: [UInt8]) -> [UInt8] {
        let sum = checksum(bytes)
        return encode(bytes + [UInt8(sum & 0xFF), UInt8(sum >> 8)])
    }

    /// The bytes in front of the checksum of a text, if it is right.
    static func opened(_ text: some Sequence<UInt8>) -> [UInt8]? {
        guard let bytes = decode(text), bytes.count >= 2 else { return nil }
        let body = Array(bytes.dropLast(2))
        let sum = checksum(body)
        return bytes.suffix(2).elementsEqual([UInt8(sum & 0xFF), UInt8(sum >> 8)]) ? body : nil
    }
}
