/// Base64url read the slow way: one bit after the other. The oracle beside `Base64URL`.
enum PlainBase64URL {
    static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The bytes of a text without padding whose spare bits are zero; nil for any other text.
    static func decode(_ text: [UInt8]) -> [UInt8]? {
        var bits: [Bool] = []
        for character in text {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            for bit in [32, 16, 8, 4, 2, 1] { bits.append(value & bit != 0) }
        }
        let spare = bits.count % 8
        guard spare < 6, bits.suffix(spare).allSatisfy({ !$0 }) else { return nil }
        return stride(from: 0, to: bits.count - spare, by: 8).map { start in
            bits[start..<start + 8].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
        }
    }

    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
        while bits.count % 6 != 0 { bits.append(0) }
        return stride(from: 0, to: bits.count, by: 6).map { start in
            alphabet[bits[start..<start + 6].reduce(0) { $0 << 1 | Int($1) }]
        }
    }
}
