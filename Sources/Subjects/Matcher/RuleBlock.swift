/// A few rules that are compared with what is left of a subject one by one, in one piece of the image: what
/// decides lies on one or two lines of the cache, behind the place that the edge names.
///
/// The block's first word holds the verdict where no rule matches and the number of rules, at least one; denying rules stand
/// first, so the first that matches is the verdict. A rule is one segment or several, each a descriptor and the
/// bytes of its literal, filled up with zeros to whole words. The first descriptor of a rule has its verdict and
/// its size, so that the next one is found without reading it through.
enum RuleBlock {
    /// How a segment goes on behind its literal.
    enum Ending {
        /// The query ends there.
        static let exact: UInt64 = 0
        /// At least one byte more, whatever it is.
        static let rest: UInt64 = 1
        /// As many tokens as are skipped, perhaps none, and then the next segment.
        static let more: UInt64 = 2
    }

    /// The longest literal of a segment: what is longer goes on in the next.
    static let literalLimit = 32

    /// The most tokens that one segment skips.
    static let starLimit = 63

    /// A descriptor: from its lowest bit 14 bits of the literal's length, 2 of the ending, 6 of the tokens skipped,
    /// 10 of the rule's size in words, and the verdict. A rule that has ended has length -1: so many bytes are left
    /// where no token is.
    static func descriptor(length: Int, ending: UInt64, stars: Int) -> UInt64 {
        UInt64(truncatingIfNeeded: length) & 0x3fff | ending << 14 | UInt64(truncatingIfNeeded: stars) << 16
    }

    /// The same with what stands in the first descriptor of a rule.
    static func first(_ descriptor: UInt64, words: Int, verdict: UInt32) -> UInt64 {
        descriptor | UInt64(truncatingIfNeeded: words) << 22 | UInt64(verdict) << 32
    }

    static func head(count: Int, standard: UInt32) -> UInt64 {
        UInt64(truncatingIfNeeded: count) << 32 | UInt64(standard)
    }

    /// The verdict of the block at `place` on the query from `start`, the start of a token or behind the end.
    @inline(__always)
    static func verdict(_ image: RawSpan, _ place: Int, _ query: RawSpan, _ start: Int, mode: MatchMode) -> UInt32 {
        let head = word(image, place)
        return verdict(image, place, head, word(image, place &+ 8), query, start, mode: mode)
    }

    /// The same for a block whose first two words, `head` and `rule`, are at hand.
    @inline(__always)
    static func verdict(
        _ image: RawSpan, _ place: Int, _ head: UInt64, _ rule: UInt64, _ query: RawSpan, _ start: Int, mode: MatchMode
    ) -> UInt32 {
        var left = head &>> 32
        var at = place &+ 8
        var rule = rule
        while true {
            if matches(image, at, rule, query, start, mode: mode) { return UInt32(truncatingIfNeeded: rule &>> 32) }
            left &-= 1
            if left == 0 { return UInt32(truncatingIfNeeded: head) }
            at &+= Int(truncatingIfNeeded: rule &>> 19 & 0x1ff8)
            rule = word(image, at)
        }
    }

    @inline(__always)
    private static func matches(
        _ image: RawSpan, _ place: Int, _ rule: UInt64, _ query: RawSpan, _ start: Int, mode: MatchMode
    ) -> Bool {
        let count = query.byteCount
        var segment = rule
        var at = place &+ 8
        var here = start
        while true {
            let length = Int(truncatingIfNeeded: Int64(bitPattern: segment &<< 50) &>> 50)
            let ending = segment &>> 14 & 3
            // More is left, or nothing where the rule ends; one branch for both.
            let left = count &- here &- length
            if left < 0 || (left == 0) != (ending == Ending.exact) { return false }
            if !same(image, at, query, here, length) { return false }
            if ending != Ending.more { return true }
            here &+= length
            let stars = Int(truncatingIfNeeded: segment &>> 16 & 63)
            if stars > 0 {
                here =
                    stars == 1
                    ? SubjectWords.tokenEnd(query, here) : SubjectWords.end(query, here, tokens: stars)
                if here < 0 { return false }
                // A final `>` of the query is in no `*`.
                if mode == .pattern, here == count, SubjectWords.endsInRest(query) { return false }
            }
            at &+= (length &+ 7) & ~7
            segment = image.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
            at &+= 8
        }
    }

    /// Whether `length` bytes are the same; the query has as many from `here`. The words overlap, so that there is
    /// no loop, whose number of turns would be guessed wrongly.
    @inline(__always)
    private static func same(_ image: RawSpan, _ at: Int, _ query: RawSpan, _ here: Int, _ length: Int) -> Bool {
        if length < 8 {
            if length <= 0 { return true }
            let difference = word(image, at) ^ SubjectWords.load(query, here)
            return difference &<< UInt64(truncatingIfNeeded: 64 &- 8 &* length) == 0
        }
        if length <= 16 {
            let last = length &- 8
            return (word(image, at) ^ word(query, here)) | (word(image, at &+ last) ^ word(query, here &+ last)) == 0
        }
        let last = length &- 16
        let difference =
            (pair(image, at) ^ pair(query, here)) | (pair(image, at &+ last) ^ pair(query, here &+ last))
        return difference[0] | difference[1] == 0
    }

    @inline(__always)
    private static func word(_ bytes: RawSpan, _ at: Int) -> UInt64 {
        bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
    }

    @inline(__always)
    private static func pair(_ bytes: RawSpan, _ at: Int) -> SIMD2<UInt64> {
        bytes.unsafeLoadUnaligned(fromByteOffset: at, as: SIMD2<UInt64>.self)
    }
}

/// Collects the blocks of a matcher while it is built.
struct RuleBlocks {
    /// One block behind the other; a block's place is that of its first word.
    private(set) var words: [UInt64] = []

    /// Adds a block and says where it stands. `standard` is the verdict where no rule of `set` matches.
    mutating func append(_ set: [Residual], standard: UInt32, text: RuleText) -> Int {
        let place = words.count
        words.append(RuleBlock.head(count: set.count, standard: standard))
        let bytes = text.bytes.span
        for one in set where one.isDeny { append(one, bytes) }
        for one in set where !one.isDeny { append(one, bytes) }
        return place
    }

    /// The words of the block at `place`.
    func size(_ place: Int) -> Int {
        var size = 1
        for _ in 0..<(words[place] >> 32) { size += Int(words[place + size] >> 22 & 0x3ff) }
        return size
    }

    /// Adds a copy of the block at `place` to `target`.
    func copy(_ place: Int, to target: inout [UInt64]) {
        target.append(contentsOf: words[place..<(place + size(place))])
    }

    /// Takes back everything from `count` words on.
    mutating func truncate(to count: Int) { words.removeLast(words.count - count) }

    private mutating func append(_ rule: Residual, _ bytes: borrowing Span<UInt8>) {
        let first = words.count
        var at = Int(rule.at)
        if bytes[at] == 0 {
            words.append(RuleBlock.descriptor(length: -1, ending: RuleBlock.Ending.exact, stars: 0))
        } else {
            while appendSegment(&at, bytes) {}
        }
        words[first] = RuleBlock.first(words[first], words: words.count &- first, verdict: rule.verdict)
    }

    /// Adds the segment at `at` and moves behind it; false when it was the last.
    private mutating func appendSegment(_ at: inout Int, _ bytes: borrowing Span<UInt8>) -> Bool {
        let place = words.count
        words.append(0)
        let start = at
        var word: UInt64 = 0
        var bits: UInt64 = 0
        while bytes[at] > RuleText.rest, at &- start < RuleBlock.literalLimit {
            word |= UInt64(bytes[at]) &<< bits
            at &+= 1
            bits &+= 8
            if bits == 64 {
                words.append(word)
                (word, bits) = (0, 0)
            }
        }
        if bits > 0 { words.append(word) }
        let length = at &- start
        var ending = RuleBlock.Ending.more
        var stars = 0
        if bytes[at] == 0 { ending = RuleBlock.Ending.exact }
        if bytes[at] == RuleText.rest { ending = RuleBlock.Ending.rest }
        if bytes[at] == RuleText.star {
            stars = 1
            at &+= 1
            while stars < RuleBlock.starLimit, bytes[at] == Bytes.dot, bytes[at &+ 1] == RuleText.star {
                stars &+= 1
                at &+= 2
            }
        }
        words[place] = RuleBlock.descriptor(length: length, ending: ending, stars: stars)
        return ending == RuleBlock.Ending.more
    }
}
