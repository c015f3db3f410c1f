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
        guard let first = text.firstIndex(of: UInt8(ascii: ".")),
            let second = text[(first + 1)...].firstIndex(of: UInt8(ascii: ".")),
            !text[(second + 1)...].contains(UInt8(ascii: "."))
        else {
            throw .segments(text.reduce(1) { $0 + ($1 == UInt8(ascii: ".") ? 1 : 0) })
        }
        header = 0..<first
        payload = first + 1..<second
        signature = second + 1..<text.count
        if header.isEmpty { throw .empty(.header) }
        if payload.isEmpty { throw .empty(.payload) }
    }

    enum TextFault: Error {
        case size
        case segments(Int)
        case empty(TokenSegment)
    }
}
