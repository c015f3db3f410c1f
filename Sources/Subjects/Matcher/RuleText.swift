/// The text of all rules of a matcher in one buffer, each ended by a zero byte.
///
/// Wildcards that stand alone are kept as control characters, which no subject holds: so a comparison of bytes
/// stops at each wildcard by itself, and a word such as `*x` is never taken for one.
struct RuleText: Sendable {
    static let star: UInt8 = 1
    static let rest: UInt8 = 2

    private(set) var bytes: [UInt8] = []
    private(set) var starts: [UInt32] = []

    /// Makes room.
    mutating func reserve(rules: Int, bytes count: Int) {
        bytes.reserveCapacity(count)
        starts.reserveCapacity(rules &+ 1)
    }

    /// Adds the bytes of a valid pattern; its place among the rules is the number of those before it.
    mutating func append(_ pattern: borrowing Span<UInt8>) {
        starts.append(UInt32(truncatingIfNeeded: bytes.count))
        let start = bytes.count
        pattern.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        let count = pattern.count
        var index = 0
        while index < count {
            let byte = pattern[index]
            if byte == Bytes.star || byte == Bytes.rest,
                index == 0 || pattern[index &- 1] == Bytes.dot,
                index &+ 1 == count || pattern[index &+ 1] == Bytes.dot
            {
                bytes[start &+ index] = byte == Bytes.star ? Self.star : Self.rest
            }
            index &+= 1
        }
        bytes.append(0)
    }

    /// Ends the text: eight more bytes, so that words may be read up to its end.
    mutating func finish() {
        bytes.append(contentsOf: [0, 0, 0, 0, 0, 0, 0, 0])
    }

    /// The number of rules.
    var count: Int { starts.count }

    /// The pattern of a rule as it was written.
    func pattern(_ rule: Int) -> [UInt8] {
        guard starts.indices.contains(rule) else { return [] }
        var result: [UInt8] = []
        var index = Int(starts[rule])
        while index < bytes.count, bytes[index] != 0 {
            switch bytes[index] {
            case Self.star: result.append(Bytes.star)
            case Self.rest: result.append(Bytes.rest)
            case let byte: result.append(byte)
            }
            index &+= 1
        }
        return result
    }

    /// The bytes that the text holds.
    var byteCount: Int { bytes.count &+ starts.count &* 4 }
}

/// How a query is meant.
enum MatchMode {
    /// A literal subject.
    case literal
    /// A pattern: what contains it is looked for. A `*` in it is a word that no rule holds, so only wildcards
    /// meet it, which is exactly containment; a final `>` is met by `>` alone.
    case pattern
}

/// Compares the rest of a rule with the rest of a query.
enum TailMatch {
    private static let dotStar: UInt16 = UInt16(Bytes.dot) | UInt16(RuleText.star) &<< 8

    /// Whether the rule's text from `at` matches the query from `start`, both at the start of a token. A start
    /// behind the end means that the query has no more tokens.
    @inline(__always)
    static func matches(_ text: RawSpan, _ at: Int, _ query: RawSpan, _ start: Int, rest: Bool) -> Bool {
        let count = query.byteCount
        var here = at
        var there = start
        if there > count { return text.unsafeLoad(fromByteOffset: here, as: UInt8.self) == 0 }
        while true {
            let left = count &- there
            let pattern = text.unsafeLoadUnaligned(fromByteOffset: here, as: UInt64.self)
            var difference = pattern ^ SubjectWords.load(query, there)
            if left < 8 {
                // The zero that ends the rule is compared with the zero behind the query.
                let bits = UInt64(truncatingIfNeeded: 8 &* left)
                difference &= (2 &<< (bits &+ 7)) &- 1
                if difference == 0 { return true }
            } else if difference == 0 {
                here &+= 8
                there &+= 8
                continue
            }
            let bits = difference.trailingZeroBitCount & ~7
            let byte = UInt8(truncatingIfNeeded: pattern &>> UInt64(truncatingIfNeeded: bits))
            there &+= bits &>> 3
            if byte == RuleText.rest { return there < count }
            if byte != RuleText.star { return false }
            here &+= bits &>> 3 &+ 1
            var stars = 1
            while text.unsafeLoadUnaligned(fromByteOffset: here, as: UInt16.self) == dotStar {
                stars &+= 1
                here &+= 2
            }
            let end = SubjectWords.end(query, there, tokens: stars)
            if end < 0 { return false }
            // A final `>` of the query is in no `*`.
            if rest, end == count, isRest(query) { return false }
            there = end
        }
    }

    /// Whether the last token of the query is `>`, as it is written or as rules keep it.
    @inline(never)
    private static func isRest(_ query: RawSpan) -> Bool {
        let count = query.byteCount
        let last = query.unsafeLoad(fromByteOffset: count &- 1, as: UInt8.self)
        if last != Bytes.rest && last != RuleText.rest { return false }
        return count == 1 || query.unsafeLoad(fromByteOffset: count &- 2, as: UInt8.self) == Bytes.dot
    }
}
