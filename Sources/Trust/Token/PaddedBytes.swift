/// Bytes lent for the time of a call, behind reads that are total: beyond the end there are zeros.
///
/// A reader of hostile input that cannot read outside its input, and cannot trap: whatever position it computes, the
/// answer is a byte of the text or zero. It holds a pointer and no reference, so that reading counts nothing.
struct PaddedBytes {
    /// Nil only when `count` and `words` are zero, so that no index passes the checks.
    private let base: UnsafeRawPointer?
    /// How many bytes there are.
    let count: Int
    /// How many places there are that a whole word can be read from.
    private let words: UInt

    /// The first `count` of `bytes`; what follows is padding. Only valid while `bytes` is lent.
    init(_ bytes: UnsafeRawBufferPointer, count: Int) {
        base = bytes.baseAddress
        let limit = bytes.baseAddress == nil ? 0 : bytes.count
        words = UInt(bitPattern: Swift.max(0, limit &- 7))
        self.count = Swift.max(0, Swift.min(count, limit))
    }

    /// The byte at `index`, zero beyond the end.
    subscript(index: Int) -> UInt8 {
        @inline(__always) get {
            guard UInt(bitPattern: index) < UInt(bitPattern: count) else { return 0 }
            return base.unsafelyUnwrapped.load(fromByteOffset: index, as: UInt8.self)
        }
    }

    /// Eight bytes from `index` on, the first lowest; bytes beyond the end are whatever the padding holds, or zero.
    @inline(__always)
    func word(at index: Int) -> UInt64 {
        guard UInt(bitPattern: index) < words else { return partialWord(at: index) }
        return UInt64(littleEndian: base.unsafelyUnwrapped.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    @inline(never)
    private func partialWord(at index: Int) -> UInt64 {
        var word: UInt64 = 0
        for offset in 0..<8 { word |= UInt64(self[index &+ offset]) &<< UInt64(8 &* offset) }
        return word
    }

    /// The bytes of `range`, cut to what there is.
    @inline(__always)
    func slice(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        let lower = Swift.max(0, Swift.min(range.lowerBound, count))
        let upper = Swift.max(lower, Swift.min(range.upperBound, count))
        guard let base else { return UnsafeBufferPointer(start: nil, count: 0) }
        let start = (base + lower).assumingMemoryBound(to: UInt8.self)
        return UnsafeBufferPointer(start: start, count: upper &- lower)
    }
}
