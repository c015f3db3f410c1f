/// From (node, token) to a child, with children added and removed.
///
/// Open addressing with linear probing. A slot is a hash of 32 bits and the child, eight bytes in all, so that
/// even large tables stay in the near caches; the child itself holds its parent and its token, and every hit is
/// compared with them. A removal moves later entries of the run back, so no marks are left behind. It doubles at
/// two thirds of its slots, and takes a new seed whenever a run grows too long, so that words made to collide cost
/// one rebuild and no more.
struct InterestTable: Sendable {
    private(set) var slots: [UInt64] = [.max]
    private var seed: TokenTable.Seed
    private(set) var count = 0
    private static let least = 8
    private static let runLimit = 256

    /// A table of its own seed, or one that a test has narrowed.
    init(seed: TokenTable.Seed? = nil) { self.seed = seed ?? .random() }

    /// The bytes that the table holds.
    var byteCount: Int { slots.count &* 8 }

    @inline(__always)
    private func hash(_ node: UInt32, _ low: UInt64, _ high: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: seed.place(node, low, high))
    }

    /// The child of `node` by `token`, which stands in `bytes` at `start`; none is `InterestArena.none`. `blocks`
    /// and `slots` are the arena's words and the table's.
    @inline(__always)
    func find(
        _ node: UInt32, _ token: TokenKey, _ bytes: RawSpan, _ start: Int, blocks: RawSpan, slots: RawSpan
    ) -> UInt32 {
        let hash = UInt64(hash(node, token.low, token.high))
        let mask = slots.byteCount &>> 3 &- 1
        var index = Int(truncatingIfNeeded: hash) & mask
        while true {
            let slot = slots.unsafeLoad(fromByteOffset: index &* 8, as: UInt64.self)
            if slot &>> 32 == hash, slot != .max {
                let child = UInt32(truncatingIfNeeded: slot)
                if Self.isChild(child, node, token, bytes, start, blocks) { return child }
            }
            if slot == .max { return InterestArena.none }
            index = (index &+ 1) & mask
        }
    }

    @inline(__always)
    private static func isChild(
        _ child: UInt32, _ node: UInt32, _ token: TokenKey, _ bytes: RawSpan, _ start: Int, _ blocks: RawSpan
    ) -> Bool {
        let place = Int(child) &* 8
        if blocks.unsafeLoad(fromByteOffset: place, as: UInt32.self) != node
            || blocks.unsafeLoad(fromByteOffset: place &+ 8, as: UInt64.self) != token.low
            || blocks.unsafeLoad(fromByteOffset: place &+ 16, as: UInt64.self) != token.high
        {
            return false
        }
        return !token.isLong || isSame(token, bytes, start, blocks, place &+ InterestBlock.header &* 8)
    }

    @inline(never)
    private static func isSame(
        _ token: TokenKey, _ bytes: RawSpan, _ start: Int, _ blocks: RawSpan, _ place: Int
    ) -> Bool {
        for step in 0..<(token.end &- start) {
            let here = bytes.unsafeLoad(fromByteOffset: start &+ step, as: UInt8.self)
            if here != blocks.unsafeLoad(fromByteOffset: place &+ step, as: UInt8.self) { return false }
        }
        return true
    }

    /// Adds a child that is not there.
    mutating func insert(_ child: UInt32, in arena: InterestArena) {
        count &+= 1
        if count &* 3 > slots.count &* 2 { resize(max(Self.least, slots.count &* 2)) }
        if put(hash(child, arena), child) > Self.runLimit { reseed(in: arena) }
    }

    /// Puts `new` in the place of `old`, which has the same parent and token.
    mutating func replace(_ old: UInt32, with new: UInt32, in arena: InterestArena) {
        guard let index = index(of: old, in: arena) else { return }
        slots[index] = slots[index] & 0xffff_ffff_0000_0000 | UInt64(new)
    }

    /// Removes a child, if it is there.
    mutating func remove(_ child: UInt32, in arena: InterestArena) {
        guard var hole = index(of: child, in: arena) else { return }
        count &-= 1
        let mask = slots.count &- 1
        var index = hole
        while true {
            index = (index &+ 1) & mask
            let slot = slots[index]
            if slot == .max { break }
            // An entry may move back to the hole unless its own place lies behind it.
            let home = Int(truncatingIfNeeded: slot &>> 32) & mask
            if (index &- home) & mask >= (index &- hole) & mask {
                slots[hole] = slot
                hole = index
            }
        }
        slots[hole] = .max
        if slots.count > 64, count &* 8 < slots.count { resize(slots.count / 4) }
    }

    /// Holds nothing but `children` from now on.
    mutating func refill(_ children: [UInt32], in arena: InterestArena) {
        var capacity = Self.least
        while children.count &* 3 > capacity &* 2 { capacity *= 2 }
        slots = [UInt64](repeating: .max, count: capacity)
        count = children.count
        for child in children { _ = put(hash(child, arena), child) }
    }

    private func hash(_ child: UInt32, _ arena: InterestArena) -> UInt32 {
        hash(arena.parent(child), arena[Int(child) &+ 1], arena[Int(child) &+ 2])
    }

    private func index(of child: UInt32, in arena: InterestArena) -> Int? {
        let mask = slots.count &- 1
        var index = Int(hash(child, arena)) & mask
        while slots[index] != .max {
            if UInt32(truncatingIfNeeded: slots[index]) == child { return index }
            index = (index &+ 1) & mask
        }
        return nil
    }

    /// Puts a child in its place and says how far from home that is.
    private mutating func put(_ hash: UInt32, _ child: UInt32) -> Int {
        let mask = slots.count &- 1
        var index = Int(hash) & mask
        var steps = 0
        while slots[index] != .max {
            index = (index &+ 1) & mask
            steps &+= 1
        }
        slots[index] = UInt64(hash) &<< 32 | UInt64(child)
        return steps
    }

    private mutating func resize(_ capacity: Int) {
        let old = slots
        slots = [UInt64](repeating: .max, count: capacity)
        for slot in old where slot != .max {
            _ = put(UInt32(truncatingIfNeeded: slot &>> 32), UInt32(truncatingIfNeeded: slot))
        }
    }

    private mutating func reseed(in arena: InterestArena) {
        let old = slots
        seed = .random()
        slots = [UInt64](repeating: .max, count: old.count)
        for slot in old where slot != .max {
            let child = UInt32(truncatingIfNeeded: slot)
            _ = put(hash(child, arena), child)
        }
    }
}
