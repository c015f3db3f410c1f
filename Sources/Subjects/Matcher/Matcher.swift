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
        /// A state with literal edges: the payload is its number.
        static let edges: UInt32 = 2
        /// A state without literal edges.
        static let skip: UInt32 = 3
        /// A few rules, compared one by one: the payload is their place.
        static let list: UInt32 = 4
        /// One rule, which stands in the edge itself: the payload is the verdict when it does not match.
        static let single: UInt32 = 5
        /// Bit-parallel: the payload is the matcher's place.
        static let bits: UInt32 = 6
        /// Two states, both to be walked: the payload is their place.
        static let fork: UInt32 = 7

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
        var reserved: UInt32 = 0
    }

    /// The first bytes of the image. Every place in the image is counted from its start: in words of eight
    /// bytes where it is the payload of a state, in bytes where it is text.
    struct Header: Sendable, BitwiseCopyable {
        var seed: TokenTable.Seed
        var salt: UInt64
        var root: UInt32
        var slotCount: UInt32
        /// In bytes; chosen so that no slot crosses a line of the cache.
        var slots: UInt32
        /// In bytes.
        var text: UInt32
    }

    /// Everything but the bitmaps in one allocation: header, nodes, lists, forks, the text of the rules, slots.
    private let image: [UInt64]
    private let bits: [BitMatcher]

    init(image: [UInt64], bits: [BitMatcher], forms: Set<Form>) {
        self.forms = forms
        self.image = image
        self.bits = bits
    }

    /// The bytes that the matcher holds.
    var byteCount: Int { image.count &* 8 &+ bits.reduce(0) { $0 &+ $1.byteCount } }

    /// The costly forms that states may take.
    enum Form {
        case fork, bits
    }

    /// The costly forms that some state has taken.
    let forms: Set<Form>

    /// The verdict on a query of valid bytes.
    @inline(__always)
    func verdict(_ query: RawSpan, mode: MatchMode) -> RuleVerdict {
        let image = image.span.bytes
        let root = image.unsafeLoad(fromByteOffset: 32, as: UInt32.self)
        return RuleVerdict(raw: Self.walk(query, image, bits, from: root, at: 0, mode: mode))
    }

    private static func walk(
        _ query: RawSpan, _ image: RawSpan, _ bits: [BitMatcher], from word: UInt32, at start: Int, mode: MatchMode
    ) -> UInt32 {
        let header = image.unsafeLoad(fromByteOffset: 0, as: Header.self)
        var word = word
        var here = start
        while true {
            while word &>> 29 == Kind.edges {
                let payload = word & payloadMask
                if here > query.byteCount { return node(payload, image).accept }
                let token = TokenKey(query, at: here, salt: header.salt)
                let slot = TokenTable.find(
                    payload, token, in: query, at: here, text: image, slots: image, from: Int(header.slots),
                    count: Int(header.slotCount), seed: header.seed)
                if let slot {
                    word = slot.next
                    here = token.end &+ 1
                    if word &>> 29 == Kind.single {
                        let at = Int(truncatingIfNeeded: slot.extra & 0xffff_ffff)
                        return TailMatch.matches(image, at, query, here, rest: mode == .pattern)
                            ? UInt32(truncatingIfNeeded: slot.extra &>> 32) : word & payloadMask
                    }
                } else {
                    let node = node(payload, image)
                    if mode == .pattern, isRest(query, here, token.end) { return node.rest }
                    word = node.other
                    here = token.end &+ 1
                }
            }
            let payload = word & payloadMask
            let kind = word &>> 29
            if kind == Kind.list {
                return compare(Int(payload) &* 8, query, here, mode, image)
            } else if kind == Kind.skip {
                let node = node(payload, image)
                if here > query.byteCount { return node.accept }
                let end = SubjectWords.tokenEnd(query, here)
                if mode == .pattern, isRest(query, here, end) { return node.rest }
                word = node.other
                here = end &+ 1
            } else if kind == Kind.allow {
                return payload
            } else if kind == Kind.deny {
                return payload | 0x8000_0000
            } else if kind == Kind.bits {
                let text = image.extracting(Int(header.text)..<image.byteCount)
                let found = bits[Int(payload)].first(query, here, mode: mode, text: text)
                return found != 0 ? found : bits[Int(payload)].standard
            } else {
                let fork = image.unsafeLoad(fromByteOffset: Int(payload) &* 8, as: UInt64.self)
                return walkBoth(fork, query, image, bits, here, mode)
            }
        }
    }

    @inline(__always)
    private static func node(_ place: UInt32, _ image: RawSpan) -> Node {
        image.unsafeLoad(fromByteOffset: Int(place) &* 8, as: Node.self)
    }

    @inline(__always)
    private static func isRest(_ query: RawSpan, _ start: Int, _ end: Int) -> Bool {
        end == query.byteCount && end &- start == 1
            && query.unsafeLoad(fromByteOffset: start, as: UInt8.self) == Bytes.rest
    }

    /// Denying rules stand first in a list, so the first match is the verdict.
    @inline(__always)
    private static func compare(
        _ place: Int, _ query: RawSpan, _ start: Int, _ mode: MatchMode, _ image: RawSpan
    ) -> UInt32 {
        let head = image.unsafeLoad(fromByteOffset: place, as: UInt64.self)
        let last = place &+ 8 &* Int(truncatingIfNeeded: head & 0xffff_ffff)
        var index = place
        while index < last {
            index &+= 8
            let rule = image.unsafeLoad(fromByteOffset: index, as: UInt64.self)
            let at = Int(truncatingIfNeeded: rule & 0xffff_ffff)
            if TailMatch.matches(image, at, query, start, rest: mode == .pattern) {
                return UInt32(truncatingIfNeeded: rule &>> 32)
            }
        }
        return UInt32(truncatingIfNeeded: head &>> 32)
    }

    /// Forks nest no deeper than the builder's bound on visited states.
    @inline(never)
    private static func walkBoth(
        _ fork: UInt64, _ query: RawSpan, _ image: RawSpan, _ bits: [BitMatcher], _ start: Int, _ mode: MatchMode
    ) -> UInt32 {
        let first = UInt32(truncatingIfNeeded: fork)
        let one = walk(query, image, bits, from: first, at: start, mode: mode)
        if RuleVerdict(raw: one).isDeny { return one }
        let second = UInt32(truncatingIfNeeded: fork &>> 32)
        let other = walk(query, image, bits, from: second, at: start, mode: mode)
        if RuleVerdict(raw: other).isDeny || one == 0 { return other }
        return one
    }
}
