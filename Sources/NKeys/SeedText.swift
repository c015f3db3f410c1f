/// The text of a seed, both ways, inside memory that the caller keeps locked.
///
/// 36 bytes: two of prefix (five bits that say `S`, then the eight of the role, then three zeros), 32 of the seed,
/// two of checksum. As text they are 58 characters, whose last two bits are zero.
enum SeedText {
    static let length = 58
    static let privateKeyLength = 108
    /// 36 bytes and the space to write the last group of eight characters whole.
    static let packedCount = 36
    private static let groups = 8
    private static let seedPrefix: UInt8 = 18 << 3

    /// Refuses what cannot be a seed, before any memory is locked for it.
    static func checkShape(of text: borrowing RawSpan) throws(KeyTextError) {
        guard text.byteCount <= 4 * length else { throw .length(text.byteCount) }
        if let fault = Base32.fault(in: text) { throw fault }
        guard text.byteCount > 0 else { throw .length(0) }
        let isSeed = text.unsafeLoad(as: UInt8.self) == UInt8(ascii: "S")
        guard isSeed, text.byteCount == length else { throw kind(of: text) }
    }

    /// Decodes a text of the right shape into 36 bytes and says whose seed it is.
    static func decode(
        _ text: borrowing RawSpan, into packed: UnsafeMutableRawBufferPointer
    ) throws(KeyTextError) -> KeyRole {
        for group in 0..<groups {
            var characters: UInt64 = 0
            for offset in (group * 8)..<(group * 8 + 8) {
                let character =
                    offset < length
                    ? text.unsafeLoad(fromByteOffset: offset, as: UInt8.self) : UInt8(ascii: "A")
                characters = characters << 8 | UInt64(character)
            }
            guard let bits = Base32.decode(characters) else { throw .alphabet(at: group * 8) }
            if group == groups - 1, bits & 0xFFFF_FFFF != 0 { throw .trailingBits }
            for byte in 0..<5 where group * 5 + byte < packedCount {
                packed[group * 5 + byte] = UInt8(truncatingIfNeeded: bits >> (32 - UInt64(byte) * 8))
            }
        }
        let sum = checksum(UnsafeRawBufferPointer(packed))
        guard packed[34] == UInt8(truncatingIfNeeded: sum), packed[35] == UInt8(truncatingIfNeeded: sum >> 8) else {
            throw .checksum
        }
        guard packed[0] & 0xF8 == seedPrefix, packed[1] & 7 == 0,
            let role = KeyRole(rawValue: packed[0] << 5 | packed[1] >> 3)
        else { throw .prefix }
        return role
    }

    /// Puts prefix and checksum around the 32 bytes that stand at offset 2, and writes the text.
    static func encode(role: KeyRole, packed: UnsafeMutableRawBufferPointer, text: UnsafeMutableRawBufferPointer) {
        packed[0] = seedPrefix | role.rawValue >> 5
        packed[1] = role.rawValue << 3
        let sum = checksum(UnsafeRawBufferPointer(packed))
        packed[34] = UInt8(truncatingIfNeeded: sum)
        packed[35] = UInt8(truncatingIfNeeded: sum >> 8)
        for group in 0..<groups {
            var bits: UInt64 = 0
            for byte in (group * 5)..<(group * 5 + 5) {
                bits = bits << 8 | (byte < packedCount ? UInt64(packed[byte]) : 0)
            }
            let characters = Base32.encode(bits)
            for offset in 0..<8 where group * 8 + offset < length {
                text[group * 8 + offset] = UInt8(truncatingIfNeeded: characters >> (56 - UInt64(offset) * 8))
            }
        }
    }

    private static func checksum(_ packed: UnsafeRawBufferPointer) -> UInt16 {
        packed.prefix(34).reduce(0) { CRC16.appending($1, to: $0) }
    }

    /// What stands in place of a seed: another kind of key, or nothing known.
    private static func kind(of text: borrowing RawSpan) -> KeyTextError {
        switch (text.unsafeLoad(as: UInt8.self), text.byteCount) {
        case (UInt8(ascii: "P"), privateKeyLength), (UInt8(ascii: "P"), PublicKeyText.length):
            return .isPrivateKey
        case (let letter, PublicKeyText.length) where KeyRole.allCases.contains { $0.letter == letter }:
            return .isPublicKey
        case (_, length):
            return .prefix
        default:
            return .length(text.byteCount)
        }
    }
}
