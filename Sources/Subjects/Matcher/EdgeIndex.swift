/// The way from a state and a token to what follows, for all states of a matcher: open addressing over places.
///
/// An entry is one word, a part of the hash and the place of the edge's record, so that the index of many rules
/// stays in the near caches; only the record whose hash is right is looked at, and compared exactly, so that a
/// collision costs a step and never an answer. The hash is keyed by a seed of the matcher's own. Nothing is
/// inserted by queries, so the longest occupied run that filling left is a bound for all of them; an index with
/// too long a run is filled again with another seed.
struct EdgeIndex {
    /// What stands at an entry's place; when it leads to a block of rules, the block follows at once.
    struct Record: BitwiseCopyable {
        /// The state in the upper half, what follows in the lower.
        var key: UInt64
        /// As in `TokenKey`; for long tokens the lower half of `high` is the place of the bytes.
        var low: UInt64
        var high: UInt64
        /// The first two words of the block, where there is one; what they say is left to `RuleBlock`.
        var head: UInt64
        var rule: UInt64

        /// Without the block.
        static let size = 24
    }

    /// An index of no more entries is kept emptier: it stays in the cache all the same, and fewer probes miss.
    private static let smallCount = 4096
    /// Set in the hash of every entry, so that none is zero.
    private static let mark: UInt64 = 1 << 32

    /// The hash in the upper half, the place in words of eight bytes in the lower; zero where there is none.
    private(set) var entries: [UInt64]
    let seed: TokenTable.Seed
    /// The longest occupied run, in entries.
    private(set) var longestRun = 0

    /// The index of `edges`, of which no two have one key; `places` are those of their records.
    init(_ edges: [TokenTable.Slot], places: [UInt32], seed: TokenTable.Seed?) {
        // Random numbers cost a system call each; without edges there is nothing to spread.
        var best = EdgeIndex(
            filling: edges, places, seed: seed ?? (edges.isEmpty ? TokenTable.Seed(low: 1, high: 1) : .random()))
        var tries = 0
        while seed == nil, best.longestRun > TokenTable.runLimit, tries < 10 {
            best = EdgeIndex(filling: edges, places, seed: .random())
            tries += 1
        }
        self = best
    }

    private init(filling edges: [TokenTable.Slot], _ places: [UInt32], seed: TokenTable.Seed) {
        let capacity = Self.capacity(edges.count)
        self.seed = seed
        entries = [UInt64](repeating: 0, count: capacity)
        for (edge, place) in zip(edges, places) {
            // The place of a long token's bytes is not part of its hash.
            let high = edge.high >= TokenKey.longMark ? edge.high & ~0xffff_ffff : edge.high
            let hash = seed.hash(edge.state, edge.low, high) | Self.mark
            var index = Int(truncatingIfNeeded: hash) & (capacity &- 1)
            while entries[index] != 0 { index = (index &+ 1) & (capacity &- 1) }
            entries[index] = hash & ~0xffff_ffff | UInt64(place)
        }
        var run = 0
        for entry in entries {
            run = entry == 0 ? 0 : run &+ 1
            longestRun = max(longestRun, run)
        }
    }

    /// The least power of two of which two thirds hold the entries, or one third where there are few. At least one
    /// place stays free.
    private static func capacity(_ entries: Int) -> Int {
        var capacity = 1
        let (full, part) = entries <= smallCount ? (1, 3) : (2, 3)
        while capacity * full < entries * part + 1 { capacity *= 2 }
        return capacity
    }

    /// What is found: where the record stands in the image, in bytes, and what follows; a place below zero where
    /// there is none.
    struct Found {
        var place = -1
        var next: UInt32 = 0
        /// As in `Record`.
        var head: UInt64 = 0
        var rule: UInt64 = 0
    }

    /// The record for `token`, which is not a long one, in `state`.
    @inline(__always)
    static func find(
        _ state: UInt32, short token: TokenKey, image: RawSpan, header: Matcher.Header
    ) -> Found {
        search(state, token, image, header) { record in
            (record.low ^ token.low) | (record.high ^ token.high) | ((record.key &>> 32) ^ UInt64(state)) == 0
        }
    }

    /// The record for `token`, which stands in `query` at `start`, in `state`.
    @inline(__always)
    static func find(
        _ state: UInt32, _ token: TokenKey, in query: RawSpan, at start: Int, image: RawSpan, header: Matcher.Header
    ) -> Found {
        if !token.isLong { return find(state, short: token, image: image, header: header) }
        return search(state, token, image, header) { record in
            record.low == token.low && record.key &>> 32 == UInt64(state)
                && sameLong(record, token, query, start, image)
        }
    }

    @inline(__always)
    private static func search(
        _ state: UInt32, _ token: TokenKey, _ image: RawSpan, _ header: Matcher.Header, _ isSame: (Record) -> Bool
    ) -> Found {
        let hash = header.seed.hash(state, token.low, token.high) | mark
        var index = Int(truncatingIfNeeded: hash)
        while true {
            index &= Int(header.indexMask)
            let entry = image.unsafeLoadUnaligned(fromByteOffset: Int(header.index) &+ index &* 8, as: UInt64.self)
            if (entry ^ hash) &>> 32 == 0 {
                let place = Int(truncatingIfNeeded: entry & 0xffff_ffff) &* 8
                let record = image.unsafeLoadUnaligned(fromByteOffset: place, as: Record.self)
                if isSame(record) {
                    return Found(
                        place: place, next: UInt32(truncatingIfNeeded: record.key), head: record.head,
                        rule: record.rule)
                }
            }
            if entry == 0 { return Found() }
            index &+= 1
        }
    }

    @inline(never)
    private static func sameLong(
        _ record: Record, _ token: TokenKey, _ query: RawSpan, _ start: Int, _ image: RawSpan
    ) -> Bool {
        if record.high &>> 32 != token.high &>> 32 { return false }
        let other = Int(truncatingIfNeeded: record.high & 0xffff_ffff)
        for step in 0..<(token.end &- start) {
            let here = query.unsafeLoad(fromByteOffset: start &+ step, as: UInt8.self)
            if here != image.unsafeLoad(fromByteOffset: other &+ step, as: UInt8.self) { return false }
        }
        return true
    }
}
