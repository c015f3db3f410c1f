/// Reads the bytes of a subject eight at a time. Every load is checked against the bounds.
enum SubjectWords {
    static let dots: UInt64 = 0x2e2e_2e2e_2e2e_2e2e
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Eight bytes from `offset`, the first in the lowest; zero behind the end.
    @inline(__always)
    static func load(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
        let count = bytes.byteCount
        if offset &+ 8 <= count { return bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self) }
        if offset >= count { return 0 }
        if count >= 8 {
            let last = bytes.unsafeLoadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            return last &>> UInt64(truncatingIfNeeded: 8 &* (offset &+ 8 &- count))
        }
        return short(bytes, offset)
    }

    private static func short(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
        var word: UInt64 = 0
        var index = bytes.byteCount &- 1
        while index >= offset {
            word = word &<< 8 | UInt64(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
            index &-= 1
        }
        return word
    }

    /// A word whose lowest set bit is in the first byte of `word` that is a dot; zero when there is none. Bits
    /// above the lowest mean nothing: a borrow may have set them.
    @inline(__always)
    static func dotMask(_ word: UInt64) -> UInt64 {
        let difference = word ^ dots
        return (difference &- ones) & ~difference & highs
    }

    /// The end of the last of `tokens` tokens from `start` on; -1 when there are fewer.
    @inline(__always)
    static func end(_ bytes: RawSpan, _ start: Int, tokens: Int) -> Int {
        let lows = ~highs
        var left = tokens
        var offset = start
        if start >= bytes.byteCount { return -1 }
        while offset < bytes.byteCount {
            let difference = load(bytes, offset) ^ dots
            // Exact in every byte, as more than the first is looked at.
            var mask = ~(((difference & lows) &+ lows) | difference | lows)
            while mask != 0 {
                left &-= 1
                if left == 0 { return offset &+ mask.trailingZeroBitCount &>> 3 }
                mask &= mask &- 1
            }
            offset &+= 8
        }
        return left == 1 ? bytes.byteCount : -1
    }

    /// The end of the token at `start`: its dot, or the end.
    @inline(__always)
    static func tokenEnd(_ bytes: RawSpan, _ start: Int) -> Int {
        var offset = start
        while offset < bytes.byteCount {
            let mask = dotMask(load(bytes, offset))
            if mask != 0 { return offset &+ mask.trailingZeroBitCount &>> 3 }
            offset &+= 8
        }
        return bytes.byteCount
    }
}

/// One token, read for a lookup: up to 15 bytes in two words with the length in the highest byte, compared
/// exactly; a longer one as a hash of its bytes, keyed by the matcher's salt, to be compared with the bytes
/// themselves.
struct TokenKey {
    static let longMark: UInt64 = 0xff00_0000_0000_0000
    static let lowMask: UInt64 = 0x00ff_ffff_ffff_ffff

    let low: UInt64
    /// Bytes 8 to 14 and the length; for long tokens the mark, the length from bit 32, and zero.
    let high: UInt64
    let end: Int

    @inline(__always)
    var isLong: Bool { high >= Self.longMark }

    @inline(__always)
    init(_ bytes: RawSpan, at start: Int, salt: UInt64) {
        let count = bytes.byteCount
        let first = SubjectWords.load(bytes, start)
        let mask = SubjectWords.dotMask(first)
        if mask != 0 {
            let bits = UInt64(truncatingIfNeeded: mask.trailingZeroBitCount & ~7)
            low = first & ((1 &<< bits) &- 1)
            high = bits &<< 53
            end = start &+ Int(truncatingIfNeeded: bits &>> 3)
            return
        }
        if start &+ 8 >= count {
            low = first
            high = UInt64(truncatingIfNeeded: count &- start) &<< 56
            end = count
            return
        }
        let second = SubjectWords.load(bytes, start &+ 8)
        let more = SubjectWords.dotMask(second)
        let length = more != 0 ? more.trailingZeroBitCount &>> 3 : count &- start &- 8
        if length < 8 {
            low = first
            let bits = UInt64(truncatingIfNeeded: length &* 8)
            high = second & ((1 &<< bits) &- 1) | UInt64(truncatingIfNeeded: length &+ 8) &<< 56
            end = start &+ 8 &+ length
            return
        }
        (low, high, end) = Self.long(bytes, at: start, salt: salt)
    }

    @inline(never)
    private static func long(_ bytes: RawSpan, at start: Int, salt: UInt64) -> (UInt64, UInt64, Int) {
        let end = SubjectWords.tokenEnd(bytes, start)
        var hash = salt
        var offset = start
        while offset < end {
            var word = SubjectWords.load(bytes, offset)
            if end &- offset < 8 { word &= (1 &<< UInt64(truncatingIfNeeded: 8 &* (end &- offset))) &- 1 }
            let product = (hash ^ word).multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
            hash = product.high ^ product.low ^ word
            offset &+= 8
        }
        return (hash, longMark | UInt64(truncatingIfNeeded: end &- start) &<< 32, end)
    }
}
