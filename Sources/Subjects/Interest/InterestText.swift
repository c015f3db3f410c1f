/// A pattern's text while it is looked for: wildcards as `RuleText` keeps them, zeros behind the end.
struct InterestText: Sendable {
    /// The text, and zeros, so that words may be read up to its end.
    private(set) var bytes: [UInt8] = []
    /// The bytes of the text.
    private(set) var count = 0
    private static let padding = 16

    /// Eight bytes from `start`, of which those behind the text are zero. `start` is at most one behind it.
    @inline(__always)
    func word(_ start: Int) -> UInt64 {
        bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self)
    }

    /// The token that starts at `start`.
    @inline(__always)
    func token(_ start: Int, salt: UInt64) -> TokenKey {
        TokenKey(bytes.span.bytes.extracting(0..<count), at: start, salt: salt)
    }

    /// Becomes the text of a pattern.
    mutating func set(_ pattern: SubjectPattern) {
        begin()
        bytes.append(contentsOf: pattern.bytes)
        if !pattern.isLiteral { markWildcards() }
        end()
    }

    /// Becomes a token, unless there is none, and what follows it, if anything does.
    mutating func set(token block: UInt32?, rest record: Int?, in arena: InterestArena) {
        begin()
        if let block { append(tokenOf: block, in: arena) }
        if let record {
            let length = InterestBlock.recordLength(arena[record])
            if block != nil, length > 0 { bytes.append(Bytes.dot) }
            append(arena, record &+ InterestBlock.recordHead, length)
        }
        end()
    }

    /// Becomes the lone `>`.
    mutating func setRest() {
        begin()
        bytes.append(RuleText.rest)
        end()
    }

    private mutating func begin() { bytes.removeAll(keepingCapacity: true) }

    private mutating func end() {
        count = bytes.count
        for _ in 0..<Self.padding { bytes.append(0) }
    }

    private mutating func append(tokenOf block: UInt32, in arena: InterestArena) {
        let (low, high) = (arena[Int(block) &+ 1], arena[Int(block) &+ 2])
        if high >= TokenKey.longMark {
            append(arena, Int(block) &+ InterestBlock.header, Int(high &>> 32 & 0xff_ffff))
        } else {
            let length = high &>> 56
            for step in 0..<length {
                bytes.append(
                    UInt8(truncatingIfNeeded: step < 8 ? low &>> (8 &* step) : high &>> (8 &* (step &- 8))))
            }
        }
    }

    private mutating func append(_ arena: InterestArena, _ place: Int, _ length: Int) {
        for step in 0..<length {
            let word = arena[place &+ step &>> 3]
            bytes.append(UInt8(truncatingIfNeeded: word &>> UInt64(8 &* (step & 7))))
        }
    }

    private mutating func markWildcards() {
        var start = 0
        while start < bytes.count {
            let end = Bytes.tokenEnd(bytes.span, from: start)
            if end &- start == 1 {
                if bytes[start] == Bytes.star { bytes[start] = RuleText.star }
                if bytes[start] == Bytes.rest { bytes[start] = RuleText.rest }
            }
            start = end &+ 1
        }
    }
}
