/// CRC-16/XMODEM: polynomial 0x1021, initial value 0, nothing reflected, nothing inverted.
enum CRC16 {
    /// The checksum after one more byte. No table, so that the time taken says nothing about a seed.
    static func appending(_ byte: UInt8, to checksum: UInt16) -> UInt16 {
        var high = checksum >> 8 ^ UInt16(byte)
        high ^= high >> 4
        return checksum << 8 ^ high << 12 ^ high << 5 ^ high
    }

    /// The checksum of a prefix byte and 32 key bytes, given as four big-endian words.
    ///
    /// Eight independent table look-ups a word instead of eight that wait for each other: a third of the time, and
    /// checking the sum is most of reading a public key.
    static func checksum(prefix: UInt8, _ word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64) -> UInt16 {
        tables.withUnsafeBufferPointer { tables in
            var checksum = tables[Int(prefix)]
            checksum = fold(word0 ^ UInt64(checksum) << 48, tables)
            checksum = fold(word1 ^ UInt64(checksum) << 48, tables)
            checksum = fold(word2 ^ UInt64(checksum) << 48, tables)
            return fold(word3 ^ UInt64(checksum) << 48, tables)
        }
    }

    @inline(__always)
    private static func fold(_ word: UInt64, _ tables: UnsafeBufferPointer<UInt16>) -> UInt16 {
        var checksum: UInt16 = 0
        for zeros in 0..<8 {
            checksum ^= tables[zeros << 8 | Int(truncatingIfNeeded: word >> (zeros &* 8)) & 0xFF]
        }
        return checksum
    }

    /// Entry `zeros * 256 + byte` is the checksum of the byte and this many zero bytes after it.
    private static let tables: [UInt16] = {
        var tables = [UInt16]()
        tables.reserveCapacity(8 * 256)
        for byte in UInt8.min...UInt8.max { tables.append(appending(byte, to: 0)) }
        for entry in 256..<(8 * 256) { tables.append(appending(0, to: tables[entry - 256])) }
        return tables
    }()
}
