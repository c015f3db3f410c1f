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
    struct Node: Sendable {
        /// The verdict when no token is left.
        var accept: UInt32 = 0
        /// The verdict when what is left is the wildcard `>`.
        var rest: UInt32 = 0
        /// Where tokens lead that have no edge.
        var other: UInt32 = 0
        var reserved: UInt32 = 0
    }

    let text: RuleText
    let root: UInt32
    let nodes: [Node]
    /// Lists: a word with the number of rules below and the verdict without a match above, then a word a rule
    /// with its text below and its verdict above.
    let lists: [UInt64]
    let forks: [UInt64]
    let bits: [BitMatcher]
    let bitDefaults: [UInt32]
    let table: TokenTable
    let salt: UInt64

    init(
        text: RuleText, root: UInt32, nodes: [Node], lists: [UInt64], forks: [UInt64], bits: [BitMatcher],
        bitDefaults: [UInt32], table: TokenTable, salt: UInt64
    ) {
        self.text = text
        self.root = root
        self.nodes = nodes
        self.lists = lists
        self.forks = forks
        self.bits = bits
        self.bitDefaults = bitDefaults
        self.table = table
        self.salt = salt
    }

    /// The bytes that the matcher holds.
    var byteCount: Int {
        text.byteCount &+ nodes.count &* MemoryLayout<Node>.stride &+ lists.count &* 8 &+ forks.count &* 8
            &+ bits.reduce(0) { $0 &+ $1.byteCount } &+ table.byteCount
    }

    /// The verdict on a query of valid bytes.
    @inline(__always)
    func verdict(_ query: RawSpan, mode: MatchMode) -> RuleVerdict {
        RuleVerdict(raw: walk(query, from: root, at: 0, mode: mode))
    }

    private func walk(_ query: RawSpan, from word: UInt32, at start: Int, mode: MatchMode) -> UInt32 {
        let rules = text.bytes.span.bytes
        var word = word
        var here = start
        while true {
            let payload = word & Self.payloadMask
            switch word &>> 29 {
            case Kind.edges:
                if here > query.byteCount { return nodes[Int(payload)].accept }
                let token = TokenKey(query, at: here, salt: salt)
                if let slot = table.find(payload, token, in: query, at: here, text: rules) {
                    word = slot.next
                    here = token.end &+ 1
                    if word &>> 29 == Kind.single {
                        let at = Int(truncatingIfNeeded: slot.extra & 0xffff_ffff)
                        return TailMatch.matches(rules, at, query, here, rest: mode == .pattern)
                            ? UInt32(truncatingIfNeeded: slot.extra &>> 32) : word & Self.payloadMask
                    }
                } else {
                    if mode == .pattern, Self.isRest(query, token, here) { return nodes[Int(payload)].rest }
                    word = nodes[Int(payload)].other
                    here = token.end &+ 1
                }
            case Kind.skip:
                let node = nodes[Int(payload)]
                if here > query.byteCount { return node.accept }
                let end = SubjectWords.tokenEnd(query, here)
                if mode == .pattern, end == query.byteCount, end &- here == 1,
                    query.unsafeLoad(fromByteOffset: here, as: UInt8.self) == Bytes.rest
                {
                    return node.rest
                }
                word = node.other
                here = end &+ 1
            case Kind.allow: return payload
            case Kind.deny: return payload | 0x8000_0000
            case Kind.list: return compare(Int(payload), query, here, mode, rules)
            case Kind.bits:
                let found = bits[Int(payload)].first(query, here, mode: mode, text: rules)
                return found != 0 ? found : bitDefaults[Int(payload)]
            default: return walkBoth(forks[Int(payload)], query, here, mode)
            }
        }
    }

    @inline(__always)
    private static func isRest(_ query: RawSpan, _ token: TokenKey, _ start: Int) -> Bool {
        token.end == query.byteCount && token.end &- start == 1 && token.low == UInt64(Bytes.rest)
    }

    /// Denying rules stand first in a list, so the first match is the verdict.
    @inline(__always)
    private func compare(
        _ place: Int, _ query: RawSpan, _ start: Int, _ mode: MatchMode, _ rules: RawSpan
    ) -> UInt32 {
        let span = lists.span
        let head = span[place]
        let last = place &+ Int(truncatingIfNeeded: head & 0xffff_ffff)
        var index = place
        while index < last {
            index &+= 1
            let rule = span[index]
            let at = Int(truncatingIfNeeded: rule & 0xffff_ffff)
            if TailMatch.matches(rules, at, query, start, rest: mode == .pattern) {
                return UInt32(truncatingIfNeeded: rule &>> 32)
            }
        }
        return UInt32(truncatingIfNeeded: head &>> 32)
    }

    /// Forks nest no deeper than the builder's bound on visited states.
    @inline(never)
    private func walkBoth(_ fork: UInt64, _ query: RawSpan, _ start: Int, _ mode: MatchMode) -> UInt32 {
        let one = walk(query, from: UInt32(truncatingIfNeeded: fork), at: start, mode: mode)
        if RuleVerdict(raw: one).isDeny { return one }
        let other = walk(query, from: UInt32(truncatingIfNeeded: fork &>> 32), at: start, mode: mode)
        if RuleVerdict(raw: other).isDeny || one == 0 { return other }
        return one
    }
}
