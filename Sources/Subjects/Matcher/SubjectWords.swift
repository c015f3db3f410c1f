/// Reads the bytes of a subject eight at a time. Every load is checked against the bounds.
enum SubjectWords {
    static let dots: UInt64 = 0x2e2e_2e2e_2e2e_2e2e
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Eight bytes from `offset`, the first in the lowest; zero behind the end.
    @inline(__always)
    static func load(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
        let count = bytes.byteCount
        // Written as the load itself checks, so that there is one check.
        if UInt(bitPattern: offset) <= UInt(bitPattern: count), 8 <= count &- offset {
            return bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }
        if offset >= count { return 0 }
        if count < 8 { return short(bytes, offset) }
        let last = bytes.unsafeLoadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        return last &>> UInt64(truncatingIfNeeded: 8 &* (offset &+ 8 &- count))
    }

    /// The same of fewer than eight bytes, by loads that overlap.
    @inline(__always)
    private static func short(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
        let count = bytes.byteCount
        var word: UInt64 = 0
        if count >= 4 {
            word = UInt64(bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self))
            let last = UInt64(bytes.unsafeLoadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
            word |= last &<< UInt64(truncatingIfNeeded: 8 &* (count &- 4))
        } else {
            for index in 0..<count {
                let byte = UInt64(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
                word |= byte &<< UInt64(truncatingIfNeeded: 8 &* index)
            }
        }
        return word &>> UInt64(truncatingIfNeeded: 8 &* offset)
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

    /// Whether the last token is `>`, as it is written or as rules keep it.
    @inline(never)
    static func endsInRest(_ bytes: RawSpan) -> Bool {
        let count = bytes.byteCount
        let last = bytes.unsafeLoad(fromByteOffset: count &- 1, as: UInt8.self)
        if last != Bytes.rest && last != RuleText.rest { return false }
        return count == 1 || bytes.unsafeLoad(fromByteOffset: count &- 2, as: UInt8.self) == Bytes.dot
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

    let low: UInt64
    /// Bytes 8 to 14 and the length; for long tokens the mark, the length from bit 32, and zero.
    let high: UInt64
    let end: Int

    @inline(__always)
    var isLong: Bool { high >= Self.longMark }

    private init(low: UInt64, high: UInt64, end: Int) {
        self.low = low
        self.high = high
        self.end = end
    }

    @inline(__always)
    init(_ bytes: RawSpan, at start: Int, salt: UInt64) {
        if let token = TokenKey(short: bytes, at: start) {
            self = token
        } else {
            (low, high, end) = Self.long(bytes, at: start, salt: salt)
        }
    }

    /// The token at `start` if it is not a long one.
    @inline(__always)
    init?(short bytes: RawSpan, at start: Int) {
        let count = bytes.byteCount
        let first = SubjectWords.load(bytes, start)
        let mask = SubjectWords.dotMask(first)
        if mask != 0 {
            let bits = UInt64(truncatingIfNeeded: mask.trailingZeroBitCount & ~7)
            self.init(
                low: first & ((1 &<< bits) &- 1), high: bits &<< 53, end: start &+ Int(truncatingIfNeeded: bits &>> 3))
            return
        }
        if start &+ 8 >= count {
            self.init(low: first, high: UInt64(truncatingIfNeeded: count &- start) &<< 56, end: count)
            return
        }
        let second = SubjectWords.load(bytes, start &+ 8)
        let more = SubjectWords.dotMask(second)
        let length = more != 0 ? more.trailingZeroBitCount &>> 3 : count &- start &- 8
        if length >= 8 { return nil }
        let bits = UInt64(truncatingIfNeeded: length &* 8)
        self.init(
            low: first, high: second & ((1 &<< bits) &- 1) | UInt64(truncatingIfNeeded: length &+ 8) &<< 56,
            end: start &+ 8 &+ length)
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
