/// A flat table from (state, token) to what follows: open addressing, one allocation, immutable once filled.
///
/// The hash is keyed by a seed of the matcher's own, and every hit is compared exactly, so a collision costs a
/// step and never an answer. Nothing is inserted by queries, so the longest occupied run that filling left is a
/// bound for all of them; a table with too long a run is filled again with another seed.
struct TokenTable: Sendable {
    /// 32 bytes, so that two share a line of the cache.
    struct Slot: Sendable, BitwiseCopyable {
        /// The state in the upper half, what follows in the lower.
        var key: UInt64
        var low: UInt64
        /// As in `TokenKey`; for long tokens the lower half is the offset of the bytes.
        var high: UInt64
        /// What the caller keeps with the entry.
        var extra: UInt64

        static let empty = Slot(key: .max, low: 0, high: 0, extra: 0)
        @inline(__always)
        var state: UInt32 { UInt32(truncatingIfNeeded: key &>> 32) }
        @inline(__always)
        var next: UInt32 { UInt32(truncatingIfNeeded: key) }
    }

    /// How entries are spread; tests narrow it to make everything collide.
    struct Seed: Sendable {
        var low: UInt64
        var high: UInt64
        var mask: UInt64 = .max

        static func random() -> Seed { Seed(low: .random(in: 1...(.max)), high: .random(in: 1...(.max))) }

        /// The place that an entry starts from, among as many as the mask has values.
        @inline(__always)
        func place(_ state: UInt32, _ low: UInt64, _ high: UInt64) -> Int {
            Int(truncatingIfNeeded: hash(state, low, high))
        }

        /// The bits of the mask of a hash of the entry.
        @inline(__always)
        func hash(_ state: UInt32, _ low: UInt64, _ high: UInt64) -> UInt64 {
            let keyed = high ^ self.high ^ (UInt64(state) &* 0x9e37_79b9_7f4a_7c15)
            let product = (low ^ self.low).multipliedFullWidth(by: keyed)
            return (product.high ^ product.low) & mask
        }

        /// The same seed for a table of `capacity` slots, a power of two.
        func narrowed(to capacity: Int) -> Seed {
            Seed(low: low, high: high, mask: mask & UInt64(capacity - 1))
        }
    }

    /// No run of a table that is kept is longer, unless ten seeds in a row gave longer ones.
    static let runLimit = 256

    private(set) var slots: [Slot]
    let seed: Seed
    /// The longest occupied run, in slots.
    private(set) var longestRun = 0

    /// Fills a table with `entries`, of which no two have one key. `text` holds the bytes of long tokens.
    init(_ entries: [Slot], seed: Seed?) {
        var best = TokenTable(filling: entries, seed: seed ?? .random())
        var tries = 0
        while seed == nil, best.longestRun > Self.runLimit, tries < 10 {
            best = TokenTable(filling: entries, seed: .random())
            tries += 1
        }
        self = best
    }

    private init(filling entries: [Slot], seed: Seed) {
        let capacity = Self.capacity(entries.count)
        self.seed = seed.narrowed(to: capacity)
        slots = [Slot](repeating: .empty, count: capacity)
        for entry in entries {
            // The offset of a long token's bytes is not part of its hash.
            let high = entry.high >= TokenKey.longMark ? entry.high & ~0xffff_ffff : entry.high
            var index = self.seed.place(entry.state, entry.low, high)
            while slots[index].key != .max {
                index &+= 1
                if index == capacity { index = 0 }
            }
            slots[index] = entry
        }
        longestRun = Self.longestRun(slots)
    }

    /// The least power of two of which two thirds hold the entries.
    private static func capacity(_ entries: Int) -> Int {
        var capacity = 1
        while capacity * 2 < entries * 3 + 1 { capacity *= 2 }
        return capacity
    }

    /// The bytes that the table holds.
    var byteCount: Int { slots.count &* MemoryLayout<Slot>.stride }

    /// The entry for `token` in `state`, if there is one. `bytes` is where the token was read, at `start`, and
    /// `text` what the table's long tokens stand in.
    @inline(__always)
    func find(_ state: UInt32, _ token: TokenKey, in bytes: RawSpan, at start: Int, text: RawSpan) -> Slot? {
        let slots = slots.span
        var index = seed.place(state, token.low, token.high)
        while true {
            let slot = slots[index]
            let difference = (slot.low ^ token.low) | UInt64(slot.state ^ state)
            if difference | (slot.high ^ token.high) == 0, !token.isLong { return slot }
            if slot.key == .max { return nil }
            if token.isLong, difference == 0, Self.sameLong(slot, token, bytes, start, text) { return slot }
            index &+= 1
            if index == slots.count { index = 0 }
        }
    }

    @inline(never)
    private static func sameLong(
        _ slot: Slot, _ token: TokenKey, _ bytes: RawSpan, _ start: Int, _ text: RawSpan
    ) -> Bool {
        if slot.high &>> 32 != token.high &>> 32 { return false }
        let other = Int(truncatingIfNeeded: slot.high & 0xffff_ffff)
        for step in 0..<(token.end &- start) {
            let here = bytes.unsafeLoad(fromByteOffset: start &+ step, as: UInt8.self)
            if here != text.unsafeLoad(fromByteOffset: other &+ step, as: UInt8.self) { return false }
        }
        return true
    }

    private static func longestRun(_ slots: [Slot]) -> Int {
        var longest = 0
        var run = 0
        for slot in slots {
            run = slot.key == .max ? 0 : run &+ 1
            longest = max(longest, run)
        }
        return longest
    }
}
