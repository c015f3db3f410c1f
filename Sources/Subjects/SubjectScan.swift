/// The facts that one pass over the bytes of a subject finds; making one is the validation.
///
/// Rules (NATS subject-based messaging, and the stricter reading of this project): tokens are separated by
/// dots, none is empty, `>` stands only as the last token, no blank and no control character, valid UTF-8.
/// A token that merely holds `*` or `>` beside other characters is a literal.
struct SubjectScan {
    /// What a `*` or `>` that stands alone means.
    enum Wildcards {
        /// A wildcard.
        case allowed
        /// A fault.
        case refused
        /// An ordinary word, as in queue names.
        case literal
    }

    private(set) var tokenCount = 0
    private(set) var starCount = 0
    private(set) var endsInRest = false

    /// Validates `bytes`. One pass; nothing is allocated.
    init(_ bytes: borrowing Span<UInt8>, wildcards: Wildcards) throws(SubjectError) {
        let count = bytes.count
        if count == 0 { throw SubjectError(.empty) }
        if count > SubjectLimits.length { throw SubjectError(.tooLong) }
        var start = 0
        var index = 0
        while index < count {
            let byte = bytes[index]
            if byte > UInt8(ascii: "."), byte < 0x7f {
                index &+= 1
            } else if byte == UInt8(ascii: ".") {
                try close(bytes, start, index, wildcards)
                index &+= 1
                start = index
            } else if byte < 0x80 {
                if byte == 0x20 { throw SubjectError(.whitespace, token: tokenCount, offset: index) }
                if byte < 0x20 || byte == 0x7f {
                    throw SubjectError(.controlCharacter, token: tokenCount, offset: index)
                }
                index &+= 1
            } else {
                index &+= try multibyte(bytes, at: index)
            }
        }
        try close(bytes, start, count, wildcards)
    }

    private mutating func close(
        _ bytes: borrowing Span<UInt8>, _ start: Int, _ end: Int, _ wildcards: Wildcards
    ) throws(SubjectError) {
        if start == end { throw SubjectError(.emptyToken, token: tokenCount, offset: start) }
        if tokenCount == SubjectLimits.depth { throw SubjectError(.tooDeep, token: tokenCount, offset: start) }
        if end &- start == 1, wildcards != .literal {
            let byte = bytes[start]
            if byte == UInt8(ascii: "*") || byte == UInt8(ascii: ">") {
                if wildcards == .refused {
                    throw SubjectError(.wildcardInLiteral, token: tokenCount, offset: start)
                }
                if byte == UInt8(ascii: "*") {
                    starCount &+= 1
                } else {
                    if end != bytes.count { throw SubjectError(.restNotLast, token: tokenCount, offset: start) }
                    endsInRest = true
                }
            }
        }
        tokenCount &+= 1
    }

    /// The length of the multibyte character at `index`: shortest form only, no surrogate, none above U+10FFFF
    /// (Unicode 15, table 3-7), and no C1 control.
    private func multibyte(_ bytes: borrowing Span<UInt8>, at index: Int) throws(SubjectError) -> Int {
        let lead = bytes[index]
        let length: Int
        var low: UInt8 = 0x80
        var high: UInt8 = 0xbf
        switch lead {
        case 0xc2...0xdf: length = 2
        case 0xe0...0xef:
            length = 3
            if lead == 0xe0 { low = 0xa0 }
            if lead == 0xed { high = 0x9f }
        case 0xf0...0xf4:
            length = 4
            if lead == 0xf0 { low = 0x90 }
            if lead == 0xf4 { high = 0x8f }
        default: throw SubjectError(.invalidUTF8, token: tokenCount, offset: index)
        }
        if bytes.count &- index < length { throw SubjectError(.invalidUTF8, token: tokenCount, offset: index) }
        for step in 1..<length {
            let byte = bytes[index &+ step]
            if byte < low || byte > high { throw SubjectError(.invalidUTF8, token: tokenCount, offset: index) }
            low = 0x80
            high = 0xbf
        }
        if lead == 0xc2, bytes[index &+ 1] < 0xa0 {
            throw SubjectError(.controlCharacter, token: tokenCount, offset: index)
        }
        return length
    }
}
