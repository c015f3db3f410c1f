extension Base64URL {
    /// The value of each pair of characters: 12 bits, or 0xffff when one of them is not of the alphabet. Indexed by
    /// the two characters as a little-endian number. Made once, never freed.
    ///
    /// 128 KiB, of which the pairs of the alphabet touch a tenth: two characters a look-up instead of one.
    struct Pairs: @unchecked Sendable {  // never written after it is made
        static let shared = Pairs()
        private let values: UnsafePointer<UInt16>

        private init() {
            let values = UnsafeMutablePointer<UInt16>.allocate(capacity: 1 << 16)
            values.initialize(repeating: .max, count: 1 << 16)
            for (high, first) in Base64URL.alphabet.enumerated() {
                for (low, second) in Base64URL.alphabet.enumerated() {
                    values[Int(first) | Int(second) << 8] = UInt16(high << 6 | low)
                }
            }
            self.values = UnsafePointer(values)
        }

        /// The value of the two lowest bytes of `characters`.
        @inline(__always)
        subscript(characters: UInt64) -> UInt64 { UInt64(values[Int(truncatingIfNeeded: characters & 0xffff)]) }
    }

    /// Decodes groups of eight characters to six bytes as long as a whole word can be written; gives how many
    /// characters it took. `isGood` becomes false when one of them is not of the alphabet.
    @inline(__always)
    static func decodeGroups(
        _ text: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<UInt8>, isGood: inout Bool
    ) -> Int {
        guard let input = UnsafeRawPointer(text.baseAddress), let output = UnsafeMutableRawPointer(out.baseAddress)
        else { return 0 }
        let pairs = Pairs.shared
        var seen: UInt64 = 0
        var read = 0
        var write = 0
        while read &+ 8 <= text.count, write &+ 8 <= out.count {
            let characters = UInt64(littleEndian: input.loadUnaligned(fromByteOffset: read, as: UInt64.self))
            let first = pairs[characters]
            let second = pairs[characters &>> 16]
            let third = pairs[characters &>> 32]
            let fourth = pairs[characters &>> 48]
            seen |= first | second | third | fourth
            let value = first &<< 52 | second &<< 40 | third &<< 28 | fourth &<< 16
            output.storeBytes(of: value.bigEndian, toByteOffset: write, as: UInt64.self)
            read &+= 8
            write &+= 6
        }
        if seen & 0xf000 != 0 { isGood = false }
        return read
    }
}
