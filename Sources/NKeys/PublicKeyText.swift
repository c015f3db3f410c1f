/// The text of a public key, both ways, and the order of such texts.
enum PublicKeyText {
    /// 56 characters are 35 bytes exactly, so a public key has no bits to spare.
    static let length = 56
    /// Private keys begin with `P`; that of a curve key is as long as a public key.
    private static let privatePrefix: UInt8 = 15 << 3

    /// Reads a key; a few dozen nanoseconds, no allocation.
    ///
    /// A text that fails is read a second time to name the first fault in this order: alphabet, kind of key and
    /// length, checksum, prefix, point.
    static func decode(_ text: borrowing RawSpan) throws(KeyTextError) -> PublicKey {
        guard text.byteCount == length,
            let group0 = Base32.decode(word(0, of: text)), let group1 = Base32.decode(word(1, of: text)),
            let group2 = Base32.decode(word(2, of: text)), let group3 = Base32.decode(word(3, of: text)),
            let group4 = Base32.decode(word(4, of: text)), let group5 = Base32.decode(word(5, of: text)),
            let group6 = Base32.decode(word(6, of: text))
        else { throw fault(in: text) }
        let prefix = UInt8(truncatingIfNeeded: group0 >> 32)
        let word0 = group0 << 32 | group1 >> 8
        let word1 = group1 << 56 | group2 << 16 | group3 >> 24
        let word2 = group3 << 40 | group4
        let word3 = group5 << 24 | group6 >> 16
        let checksum = UInt16(truncatingIfNeeded: group6).byteSwapped
        guard checksum == CRC16.checksum(prefix: prefix, word0, word1, word2, word3) else { throw .checksum }
        guard let role = KeyRole(rawValue: prefix) else {
            throw prefix == privatePrefix ? .isPrivateKey : .prefix
        }
        return try PublicKey(role: role, checking: Bytes32(bigEndian: word0, word1, word2, word3))
    }

    /// The 56 characters of a key.
    static func encode(_ key: PublicKey) -> String {
        let prefix = key.role.rawValue
        let word0 = UInt64(bigEndian: key.bytes.word0)
        let word1 = UInt64(bigEndian: key.bytes.word1)
        let word2 = UInt64(bigEndian: key.bytes.word2)
        let word3 = UInt64(bigEndian: key.bytes.word3)
        let checksum = UInt64(CRC16.checksum(prefix: prefix, word0, word1, word2, word3).byteSwapped)
        return String(unsafeUninitializedCapacity: length) { characters in
            let characters = UnsafeMutableRawBufferPointer(characters)
            write(UInt64(prefix) << 32 | word0 >> 32, as: 0, to: characters)
            write(word0 << 8 | word1 >> 56, as: 1, to: characters)
            write(word1 >> 16, as: 2, to: characters)
            write(word1 << 24 | word2 >> 40, as: 3, to: characters)
            write(word2, as: 4, to: characters)
            write(word3 >> 24, as: 5, to: characters)
            write(word3 << 16 | checksum, as: 6, to: characters)
            return length
        }
    }

    /// Whether the text of one key sorts before that of the other, byte by byte.
    ///
    /// Digits sort before letters though they stand for the larger values, so the order is not that of the bytes: the
    /// first five bits that differ decide, turned so that 26 (`2`) comes first.
    static func precedes(_ left: PublicKey, _ right: PublicKey) -> Bool {
        guard left.role == right.role else { return left.role.letter < right.role.letter }
        var offset = 0
        while offset < 4 {
            let difference = word(offset, of: left) ^ word(offset, of: right)
            if difference != 0 {
                // Counted from the prefix, whose eight bits are before the key's.
                let group = (8 &+ offset &* 64 &+ difference.leadingZeroBitCount) / 5
                return rank(ofGroup: group, in: left) < rank(ofGroup: group, in: right)
            }
            offset &+= 1
        }
        return false
    }

    /// Where the character of these five bits sorts among the 32; bits of prefix and checksum count as zero, since
    /// the prefixes are equal and the checksum is never the first to differ.
    private static func rank(ofGroup group: Int, in key: PublicKey) -> UInt64 {
        let end = group &* 5 &- 8 &+ 5  // one past the last bit, counted in the key
        let last = min(end, 256) &- 1
        let current = word(last / 64, of: key) >> UInt64(63 &- last % 64)
        let before = last >= 64 ? word(last / 64 &- 1, of: key) : 0
        let bits = last % 64 == 63 ? current : current | before << UInt64(last % 64 &+ 1)
        let value = bits << UInt64(end &- 1 &- last) & 0x1F
        return (value &+ 6) & 0x1F
    }

    private static func word(_ index: Int, of key: PublicKey) -> UInt64 {
        switch index {
        case 0: UInt64(bigEndian: key.bytes.word0)
        case 1: UInt64(bigEndian: key.bytes.word1)
        case 2: UInt64(bigEndian: key.bytes.word2)
        default: UInt64(bigEndian: key.bytes.word3)
        }
    }

    @inline(__always)
    private static func word(_ index: Int, of text: borrowing RawSpan) -> UInt64 {
        UInt64(bigEndian: text.unsafeLoadUnaligned(fromByteOffset: index &* 8, as: UInt64.self))
    }

    @inline(__always)
    private static func write(_ bits: UInt64, as group: Int, to characters: UnsafeMutableRawBufferPointer) {
        let word = Base32.encode(bits & 0xFF_FFFF_FFFF).bigEndian
        characters.storeBytes(of: word, toByteOffset: group &* 8, as: UInt64.self)
    }

    /// Names the fault of a text that is too long, too short or not base32.
    private static func fault(in text: borrowing RawSpan) -> KeyTextError {
        // A key that is far too long is not worth reading to its end.
        guard text.byteCount <= 4 * length else { return .length(text.byteCount) }
        if let fault = Base32.fault(in: text) { return fault }
        guard text.byteCount > 0 else { return .length(0) }
        switch (text.unsafeLoad(as: UInt8.self), text.byteCount) {
        case (UInt8(ascii: "S"), SeedText.length): return .isSeed
        case (UInt8(ascii: "P"), SeedText.privateKeyLength): return .isPrivateKey
        default: return .length(text.byteCount)
        }
    }
}
