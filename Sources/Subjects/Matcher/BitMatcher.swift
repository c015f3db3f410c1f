/// The bit-parallel form of a set of rules, for sets whose merged automaton would explode.
///
/// For each place in a subject and each token there is a bitmap of the rules that admit that token there; the
/// rules that match a subject are the intersection of one bitmap a token, and one by the number of tokens. The
/// cost is bounded by rules times tokens over 512, whatever the rules are. Bitmaps of rare tokens are kept as
/// lists. Denying rules have the lowest bits, so the first bit found is the verdict.
struct BitMatcher: Sendable {
    /// How a literal token's rules are kept; the lower half of the table's entries.
    private enum Kind {
        static let full: UInt32 = 0
        static let dense: UInt32 = 1
        static let sparse: UInt32 = 2
    }

    /// Words in a row, a multiple of 8.
    private let width: Int
    /// The most tokens that a rule has.
    private let levels: Int
    private let verdicts: [UInt32]
    /// All rows one behind the other: `levels + 1` of stars, as many of rests, `levels + 2` of ends, then
    /// those of frequent tokens.
    private var rows: [UInt64]
    /// For each level, whether its row of stars is full.
    private var starsFull: [Bool]
    private var sparse: [UInt32] = []
    private var table: TokenTable
    private let salt: UInt64
    /// The verdict where no rule matches; the caller's to apply.
    let standard: UInt32

    /// What the query has to meet, a row or a list for each of its tokens that restricts at all.
    private struct Constraints {
        var count = 0
        /// Offset of a row, in bytes.
        var row = InlineArray<258, UInt32>(repeating: 0)
        /// The list beside it, as begin and end; empty for most.
        var next = InlineArray<258, UInt32>(repeating: 0)
        var end = InlineArray<258, UInt32>(repeating: 0)

        mutating func add(_ offset: Int, _ from: UInt32 = 0, _ to: UInt32 = 0) {
            if count >= 258 { return }
            row[count] = UInt32(truncatingIfNeeded: offset)
            next[count] = from
            end[count] = to
            count &+= 1
        }
    }

    /// The number of rules.
    var count: Int { verdicts.count }
    /// The bytes held.
    var byteCount: Int { rows.count &* 8 &+ sparse.count &* 4 &+ verdicts.count &* 4 &+ table.byteCount }

    /// The form of `residuals`; denying ones come first whatever the order given.
    init(
        _ residuals: [Residual], text: RuleText, standard: UInt32 = 0, salt: UInt64, seed: TokenTable.Seed?
    ) {
        self.standard = standard
        let ordered = residuals.filter(\.isDeny) + residuals.filter { !$0.isDeny }
        let layout = BitLayout(ordered, text: text, salt: salt)
        self.salt = salt
        verdicts = ordered.map(\.verdict)
        width = layout.width
        levels = layout.levels
        rows = layout.rows
        starsFull = (0..<layout.levels).map { level in
            layout.rows[(level * layout.width)..<((level + 1) * layout.width)].allSatisfy { $0 == .max }
        }
        var entries: [TokenTable.Slot] = []
        var from = 0
        while from < layout.literals.count {
            var to = from + 1
            while to < layout.literals.count, layout.sameToken(from, to) { to += 1 }
            var slot = layout.literals[from].slot
            let level = Int(slot.state)
            let kind: UInt32
            if to - from > layout.width / 4 {
                var row = Array(rows[(level * width)..<((level + 1) * width)])
                for one in layout.literals[from..<to] { row[one.bit / 64] |= 1 << UInt64(one.bit % 64) }
                if row.allSatisfy({ $0 == .max }) || rows.count > 1 << 27 {
                    kind = row.allSatisfy { $0 == .max } ? Kind.full : Kind.sparse
                } else {
                    kind = Kind.dense
                    slot.extra = UInt64(rows.count * 8)
                    rows.append(contentsOf: row)
                }
            } else {
                kind = Kind.sparse
            }
            if kind == Kind.sparse {
                slot.extra = UInt64(sparse.count) << 32 | UInt64(sparse.count + to - from)
                sparse.append(contentsOf: layout.literals[from..<to].map { UInt32($0.bit) })
            }
            slot.key = UInt64(slot.state) << 32 | UInt64(kind)
            entries.append(slot)
            from = to
        }
        table = TokenTable(entries, seed: seed)
    }

    /// The verdict of the first rule that matches, denying ones first; none when none does.
    func first(_ query: RawSpan, _ start: Int, mode: MatchMode, text: RawSpan) -> UInt32 {
        var found: UInt32 = 0
        each(query, start, mode: mode, text: text) { bit in
            found = verdicts[bit]
            return false
        }
        return found
    }

    /// Calls `body` with each rule that matches, in order, until it returns false.
    @inline(__always)
    func each(_ query: RawSpan, _ start: Int, mode: MatchMode, text: RawSpan, _ body: (Int) -> Bool) {
        var constraints = constraints(query, start, mode: mode, text: text)
        let bytes = rows.span.bytes
        var block = 0
        while block < width {
            var all = SIMD8<UInt64>(repeating: .max)
            var index = 0
            while index < constraints.count {
                let offset = Int(constraints.row[index]) &+ block &* 8
                var word = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self)
                if constraints.next[index] < constraints.end[index] {
                    constraints.next[index] = gather(
                        constraints.next[index], constraints.end[index], block: block, into: &word)
                }
                all &= word
                // The lists' cursors may stay behind: the next block skips what is below it.
                if Self.isZero(all) { break }
                index &+= 1
            }
            if index == constraints.count, !report(all, block, body) { return }
            block &+= 8
        }
    }

    private func report(_ all: SIMD8<UInt64>, _ block: Int, _ body: (Int) -> Bool) -> Bool {
        for lane in 0..<8 {
            var word = all[lane]
            while word != 0 {
                let bit = (block &+ lane) &* 64 &+ word.trailingZeroBitCount
                if bit >= verdicts.count { return false }
                if !body(bit) { return false }
                word &= word &- 1
            }
        }
        return true
    }

    @inline(__always)
    private static func isZero(_ value: SIMD8<UInt64>) -> Bool {
        let four = value.lowHalf | value.highHalf
        let two = four.lowHalf | four.highHalf
        return two[0] | two[1] == 0
    }

    private func gather(_ from: UInt32, _ to: UInt32, block: Int, into word: inout SIMD8<UInt64>) -> UInt32 {
        var next = from
        let low = UInt32(truncatingIfNeeded: block &* 64)
        while next < to {
            let bit = sparse[Int(next)]
            if bit >= low &+ 512 { break }
            if bit >= low {
                let place = Int(bit &- low)
                word[place / 64] |= 1 &<< UInt64(truncatingIfNeeded: place % 64)
            }
            next &+= 1
        }
        return next
    }

    private func constraints(_ query: RawSpan, _ start: Int, mode: MatchMode, text: RawSpan) -> Constraints {
        var result = Constraints()
        let count = query.byteCount
        var here = start
        var level = 0
        while here <= count {
            let token = TokenKey(query, at: here, salt: salt)
            if mode == .pattern, token.end == count, token.end &- here == 1,
                token.low == UInt64(Bytes.rest) || token.low == UInt64(RuleText.rest)
            {
                result.add((levels &+ 1 &+ min(level, levels)) &* width &* 8)
                return result
            }
            if level < levels { addToken(token, query, here, level, text, to: &result) }
            level &+= 1
            here = token.end &+ 1
        }
        result.add((2 &* levels &+ 2 &+ min(level, levels &+ 1)) &* width &* 8)
        return result
    }

    @inline(__always)
    private func addToken(
        _ token: TokenKey, _ query: RawSpan, _ here: Int, _ level: Int, _ text: RawSpan,
        to result: inout Constraints
    ) {
        let stars = level &* width &* 8
        guard let slot = table.find(UInt32(truncatingIfNeeded: level), token, in: query, at: here, text: text) else {
            if !starsFull[level] { result.add(stars) }
            return
        }
        switch slot.next {
        case Kind.full: break
        case Kind.dense: result.add(Int(truncatingIfNeeded: slot.extra))
        default:
            result.add(
                stars, UInt32(truncatingIfNeeded: slot.extra &>> 32), UInt32(truncatingIfNeeded: slot.extra))
        }
    }
}
