/// The compiled form of two lists of rules: one walk over the bytes of a subject gives the verdict.
///
/// It is an automaton over tokens. In a state with literal edges one probe of one table finds the edge; the
/// rules below `*` are merged into its literal siblings, so the walk never branches; when few rules are left
/// they are compared with what is left of the subject, eight bytes at a time. Where merging would multiply the
/// rules beyond a budget, a state forks into two that are both walked (bounded when compiled), and where that
/// would branch too often the rest is decided bit-parallel. A state whose verdict nothing can change any more
/// ends the walk.
struct Matcher: Sendable {
    /// What a state is, in the upper three bits of its word; below them the payload.
    enum Kind {
        /// No rule below can change it: the payload is an allowing verdict or none.
        static let allow: UInt32 = 0
        /// Denied; the payload is the rule's place plus 1.
        static let deny: UInt32 = 1
        /// A few rules, compared one by one: the payload is the place of their `RuleBlock`.
        static let list: UInt32 = 2
        /// A state with literal edges: the payload is its number.
        static let edges: UInt32 = 4
        /// A state without literal edges.
        static let skip: UInt32 = 5
        /// Bit-parallel: the payload is the matcher's place.
        static let bits: UInt32 = 6
        /// Two states, both to be walked: the payload is their place.
        static let fork: UInt32 = 7

        /// The word of an edge whose block stands behind its record: so there is no need to wait for the word to know
        /// where the block is.
        static let behind: UInt32 = list << 29

        /// Words from here on lead on; those below end the walk.
        static let firstState: UInt32 = edges << 29

        static func word(_ kind: UInt32, _ payload: Int) -> UInt32 {
            kind << 29 | UInt32(truncatingIfNeeded: payload)
        }
    }

    static let payloadMask: UInt32 = 0x1fff_ffff

    /// A state of the automaton.
    struct Node: Sendable, BitwiseCopyable {
        /// The verdict when no token is left.
        var accept: UInt32 = 0
        /// The verdict when what is left is the wildcard `>`.
        var rest: UInt32 = 0
        /// Where tokens lead that have no edge.
        var other: UInt32 = 0
    }

    /// The first bytes of the image. Every place in the image is counted from its start: in words of four
    /// bytes where it is a node, of eight where it is another payload of a state, in bytes where it is text.
    struct Header: Sendable, BitwiseCopyable {
        var seed: TokenTable.Seed
        var salt: UInt64
        var root: UInt32
        /// The number of the index's entries less one.
        var indexMask: UInt32
        /// Where the index is, in bytes; chosen so that it begins with a line of the cache.
        var index: UInt32
        /// In bytes.
        var text: UInt32
    }

    /// Everything but the bitmaps in one allocation: header, nodes, forks, records of edges and blocks
    /// of rules, the bytes of long tokens, the index.
    private let image: [UInt64]
    private let bits: [BitMatcher]

    /// The costly forms that some state has taken.
    let forms: Forms

    init(image: [UInt64], bits: [BitMatcher], forms: Forms) {
        self.forms = forms
        self.image = image
        self.bits = bits
    }

    /// The bytes that the matcher holds.
    var byteCount: Int { image.count &* 8 &+ bits.reduce(0) { $0 &+ $1.byteCount } }

    /// The costly forms that states may take.
    struct Forms: OptionSet, Sendable {
        let rawValue: UInt8
        static let fork = Forms(rawValue: 1)
        static let bits = Forms(rawValue: 2)
    }

    /// The verdict on a query of valid bytes.
    @inline(__always)
    func verdict(_ query: RawSpan, mode: MatchMode) -> RuleVerdict {
        let image = image.span.bytes
        let root = image.unsafeLoadUnaligned(fromByteOffset: 32, as: UInt32.self)
        return RuleVerdict(
            raw: mode == .literal
                ? Self.walkQuickly(query, image, bits, from: root)
                : Self.walk(query, image, bits, from: root, at: 0, mode: mode))
    }

    /// The walk of a literal subject as long as nothing out of the ordinary comes up: what does, such as a token
    /// too long for a slot, is left to `walk` together with all that follows. So no call stands in the loop, and
    /// what it needs stays in registers.
    @inline(never)
    private static func walkQuickly(
        _ query: RawSpan, _ image: RawSpan, _ bits: [BitMatcher], from root: UInt32
    ) -> UInt32 {
        if query.byteCount < 8 { return walk(query, image, bits, from: root, at: 0, mode: .literal) }
        let header = image.unsafeLoadUnaligned(fromByteOffset: 0, as: Header.self)
        var word = root
        var here = 0
        var found = EdgeIndex.Found()
        // The first step by itself, as most sets begin with edges, and at the start there is less to ask.
        if word &>> 29 == Kind.edges {
            guard let token = TokenKey(short: query, at: 0) else {
                return walk(query, image, bits, from: word, at: 0, mode: .literal)
            }
            found = EdgeIndex.find(word & payloadMask, short: token, image: image, header: header)
            word = found.place >= 0 ? found.next : node(word & payloadMask, image).other
            here = token.end &+ 1
        }
        while word >= Kind.firstState {
            if here > query.byteCount || word >= Kind.bits &<< 29 {
                return walk(query, image, bits, from: word, at: here, mode: .literal)
            }
            let payload = word & payloadMask
            if word >= Kind.skip &<< 29 {
                word = node(payload, image).other
                here = SubjectWords.tokenEnd(query, here) &+ 1
                continue
            }
            guard let token = TokenKey(short: query, at: here) else {
                return walk(query, image, bits, from: word, at: here, mode: .literal)
            }
            found = EdgeIndex.find(payload, short: token, image: image, header: header)
            word = found.place >= 0 ? found.next : node(payload, image).other
            here = token.end &+ 1
        }
        if word >= Kind.list &<< 29 {
            if word != Kind.behind { return walk(query, image, bits, from: word, at: here, mode: .literal) }
            return RuleBlock.verdict(
                image, found.place &+ EdgeIndex.Record.size, found.head, found.rule, query, here, mode: .literal)
        }
        // A denying verdict has its mark two bits higher.
        return word & payloadMask | (word & Kind.deny &<< 29) &<< 2
    }

    /// The whole walk, from any state and for any query.
    @inline(never)
    private static func walk(
        _ query: RawSpan, _ image: RawSpan, _ bits: [BitMatcher], from word: UInt32, at start: Int, mode: MatchMode
    ) -> UInt32 {
        let header = image.unsafeLoadUnaligned(fromByteOffset: 0, as: Header.self)
        var word = word
        var here = start
        while true {
            let payload = word & payloadMask
            let kind = word &>> 29
            if kind == Kind.edges {
                if here > query.byteCount { return node(payload, image).accept }
                let token = TokenKey(query, at: here, salt: header.salt)
                let found = EdgeIndex.find(payload, token, in: query, at: here, image: image, header: header)
                if found.place >= 0 {
                    word = found.next
                    if word == Kind.behind {
                        return RuleBlock.verdict(
                            image, found.place &+ EdgeIndex.Record.size, query, token.end &+ 1, mode: mode)
                    }
                } else {
                    let node = node(payload, image)
                    if mode == .pattern, isRest(query, here, token.end) { return node.rest }
                    word = node.other
                }
                here = token.end &+ 1
            } else if kind == Kind.list {
                return RuleBlock.verdict(image, Int(payload) &* 8, query, here, mode: mode)
            } else if kind == Kind.allow {
                return payload
            } else if kind == Kind.skip {
                let node = node(payload, image)
                if here > query.byteCount { return node.accept }
                let end = SubjectWords.tokenEnd(query, here)
                if mode == .pattern, isRest(query, here, end) { return node.rest }
                word = node.other
                here = end &+ 1
            } else if kind == Kind.deny {
                return payload | 0x8000_0000
            } else {
                return branch(word, Int(header.text), query, image, bits, here, mode)
            }
        }
    }

    @inline(__always)
    private static func node(_ place: UInt32, _ image: RawSpan) -> Node {
        image.unsafeLoadUnaligned(fromByteOffset: Int(place) &* 4, as: Node.self)
    }

    @inline(__always)
    private static func isRest(_ query: RawSpan, _ start: Int, _ end: Int) -> Bool {
        end == query.byteCount && end &- start == 1
            && query.unsafeLoad(fromByteOffset: start, as: UInt8.self) == Bytes.rest
    }

    /// The costly forms. Forks nest no deeper than the builder's bound on visited states.
    @inline(never)
    private static func branch(
        _ word: UInt32, _ text: Int, _ query: RawSpan, _ image: RawSpan, _ bits: [BitMatcher], _ start: Int,
        _ mode: MatchMode
    ) -> UInt32 {
        let payload = Int(word & payloadMask)
        if word &>> 29 == Kind.bits {
            let found = bits[payload].first(
                query, start, mode: mode, text: image.extracting(text..<image.byteCount))
            return found != 0 ? found : bits[payload].standard
        }
        let fork = image.unsafeLoadUnaligned(fromByteOffset: payload &* 8, as: UInt64.self)
        let first = UInt32(truncatingIfNeeded: fork)
        let one = walk(query, image, bits, from: first, at: start, mode: mode)
        if RuleVerdict(raw: one).isDeny { return one }
        let second = UInt32(truncatingIfNeeded: fork &>> 32)
        let other = walk(query, image, bits, from: second, at: start, mode: mode)
        if RuleVerdict(raw: other).isDeny || one == 0 { return other }
        return one
    }
}
