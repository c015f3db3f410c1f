/// What the wildcards of a pattern stood for when it met a subject or a narrower pattern.
struct Captures {
    /// For each `*` in order, its place in the bytes that were matched.
    private(set) var stars: [Range<Int>] = []
    /// What `>` stood for; it runs to the end.
    private(set) var rest: Range<Int>?

    /// Nothing when `pattern` does not contain `input`.
    init?(_ pattern: SubjectPattern, _ input: borrowing Span<UInt8>, literal: Bool) {
        guard PatternWalk.contains(pattern.bytes.span, input, literal: literal) else { return nil }
        stars.reserveCapacity(pattern.starCount)
        var here = 0
        var there = 0
        while here < pattern.bytes.count, there < input.count {
            let hereEnd = Bytes.tokenEnd(pattern.bytes.span, from: here)
            let thereEnd = Bytes.tokenEnd(input, from: there)
            if PatternWalk.isRest(pattern.bytes.span, here, hereEnd) {
                rest = there..<input.count
                return
            }
            if PatternWalk.isStar(pattern.bytes.span, here, hereEnd) { stars.append(there..<thereEnd) }
            here = hereEnd &+ 1
            there = thereEnd &+ 1
        }
    }
}
