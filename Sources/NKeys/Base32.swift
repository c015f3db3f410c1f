/// Base32 of RFC 4648 without padding, eight characters (five bytes) at a time in one machine word.
///
/// There are no tables, so that reading a seed makes no memory access that depends on it.
package enum Base32 {
    /// The text of any bytes, without padding: eight characters for each five of them.
    package static func text(of bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 8 + 4) / 5)
        var word: UInt16 = 0
        var bits: UInt16 = 0
        for byte in bytes {
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

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Forty bits from eight characters, the first of them in the highest byte; nil if one is not in the alphabet.
    @inline(__always)
    static func decode(_ characters: UInt64) -> UInt64? {
        // The high bit of a byte of each sum says that the character is at least the bound. The bytes are below
        // 0x80 (else the characters are refused), so no sum carries into its neighbour.
        let atLeastA = characters &+ ones &* (0x80 - 0x41)
        let pastZ = characters &+ ones &* (0x80 - 0x5B)
        let atLeast2 = characters &+ ones &* (0x80 - 0x32)
        let past7 = characters &+ ones &* (0x80 - 0x38)
        let letters = atLeastA & ~pastZ & highs
        let digits = atLeast2 & ~past7 & highs
        guard characters & highs == 0, letters | digits == highs else { return nil }
        // `A` becomes 0 and `2` becomes 26.
        var bits = characters &- (letters >> 7) &* 0x41 &- (digits >> 7) &* 0x18
        bits = (bits & 0x1F00_1F00_1F00_1F00) >> 3 | bits & 0x001F_001F_001F_001F
        bits = (bits & 0x03FF_0000_03FF_0000) >> 6 | bits & 0x0000_03FF_0000_03FF
        return (bits & 0x000F_FFFF_0000_0000) >> 12 | bits & 0x000F_FFFF
    }

    /// Eight characters, the first of them in the highest byte, from the low forty bits.
    @inline(__always)
    static func encode(_ bits: UInt64) -> UInt64 {
        var values = (bits & 0xFF_FFF0_0000) << 12 | bits & 0x0F_FFFF
        values = (values & 0x000F_FC00_000F_FC00) << 6 | values & 0x0000_03FF_0000_03FF
        values = (values & 0x03E0_03E0_03E0_03E0) << 3 | values & 0x001F_001F_001F_001F
        // From 26 on, a digit: 41 less than the letter that would be there.
        let digits = (values &+ ones &* (0x80 - 26)) & highs
        return values &+ ones &* 0x41 &- (digits >> 7) &* 0x29
    }

    /// The first character outside the alphabet, as an error that says which; nil if there is none.
    static func fault(in characters: borrowing RawSpan) -> KeyTextError? {
        for offset in 0..<characters.byteCount {
            switch characters.unsafeLoad(fromByteOffset: offset, as: UInt8.self) {
            case 0x41...0x5A, 0x32...0x37: continue
            case 0x09...0x0D, 0x20: return .whitespace(at: offset)
            default: return .alphabet(at: offset)
            }
        }
        return nil
    }
}
