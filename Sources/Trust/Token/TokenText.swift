/// The text of a token: three segments of base64url, joined by dots.
///
///     eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ . eyJqdGki... . VER-6CLCHWU_DtTAd2Z...
///     header                                           payload       signature, 64 bytes
struct TokenText {
    /// Where each segment lies in the text.
    let header: Range<Int>
    let payload: Range<Int>
    let signature: Range<Int>

    /// The segments of `text`; the failed rule when it has not exactly three, header and payload of at least one
    /// character.
    init(_ text: UnsafeBufferPointer<UInt8>, limit: Int) throws(TextFault) {
        guard text.count <= limit else { throw .size }
        let bytes = PaddedBytes(UnsafeRawBufferPointer(text), count: text.count)
        let first = Self.dot(in: bytes, from: 0)
        let second = Self.dot(in: bytes, from: first + 1)
        guard second < text.count, Self.dot(in: bytes, from: second + 1) == text.count else {
            throw .segments(text.reduce(1) { $0 + ($1 == UInt8(ascii: ".") ? 1 : 0) })
        }
        header = 0..<first
        payload = first + 1..<second
        signature = second + 1..<text.count
        if header.isEmpty { throw .empty(.header) }
        if payload.isEmpty { throw .empty(.payload) }
    }

    /// Where the next dot is, or the end. Eight bytes at a time; the lowest byte flagged is exact.
    private static func dot(in bytes: PaddedBytes, from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            let word = bytes.word(at: index) ^ 0x2e2e_2e2e_2e2e_2e2e
            let flagged = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if flagged != 0 { return min(bytes.count, index &+ flagged.trailingZeroBitCount &>> 3) }
            index &+= 8
        }
        return bytes.count
    }

    enum TextFault: Error {
        case size
        case segments(Int)
        case empty(TokenSegment)
    }
}
