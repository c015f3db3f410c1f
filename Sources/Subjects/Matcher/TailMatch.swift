/// How a query is meant.
enum MatchMode {
    /// A literal subject.
    case literal
    /// A pattern: what contains it is looked for. A `*` in it is a word that no rule holds, so only wildcards
    /// meet it, which is exactly containment; a final `>` is met by `>` alone.
    case pattern
}

/// Compares the rest of a rule with the rest of another, or of a subject.
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
            if rest, end == count, SubjectWords.endsInRest(query) { return false }
            there = end
        }
    }
}
