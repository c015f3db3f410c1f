/// The changing counterpart of `TokenTable`: from (state, token) to a state, with entries added and removed.
///
/// Open addressing with linear probing; a removal moves later entries of the run back, so no marks are left
/// behind and lookups stay short whatever was removed. It doubles at half its slots, and takes a new seed
/// whenever a run grows too long, so that words made to collide cost one rebuild and no more.
struct InterestTable: Sendable {
    private var slots: [TokenTable.Slot] = [.empty]
    private var seed = TokenTable.Seed.random().narrowed(to: 1)
    private(set) var count = 0
    /// The bytes of words too long for a slot; the slot's lower half says which.
    private var long: [[UInt8]] = []
    private var freeLong: [Int] = []
    let salt = UInt64.random(in: 1...(.max))
    private static let runLimit = 256

    /// How many long words are kept.
    var longCount: Int { long.count &- freeLong.count }

    @inline(__always)
    private func index(_ state: UInt32, _ token: TokenKey, _ bytes: RawSpan, _ start: Int) -> Int? {
        let raw = slots.span.bytes
        var index = seed.place(state, token.low, token.high)
        while true {
            let slot = raw.unsafeLoadUnaligned(
                fromByteOffset: index &* MemoryLayout<TokenTable.Slot>.stride, as: TokenTable.Slot.self)
            if slot.low == token.low, slot.state == state, slot.key != .max {
                if slot.high == token.high { return index }
                if token.isLong, same(slot, token, bytes, start) { return index }
            }
            if slot.key == .max { return nil }
            index &+= 1
            if index == slots.count { index = 0 }
        }
    }

    @inline(never)
    private func same(_ slot: TokenTable.Slot, _ token: TokenKey, _ bytes: RawSpan, _ start: Int) -> Bool {
        if slot.high &>> 32 != token.high &>> 32 { return false }
        let word = long[Int(slot.high & 0xffff_ffff)]
        for step in word.indices
        where word[step] != bytes.unsafeLoad(fromByteOffset: start &+ step, as: UInt8.self) { return false }
        return true
    }

    /// The state that `token`, which stands in `bytes` at `start`, leads to.
    @inline(__always)
    func find(_ state: UInt32, _ token: TokenKey, _ bytes: RawSpan, _ start: Int) -> UInt32? {
        guard let index = index(state, token, bytes, start) else { return nil }
        return slots[index].next
    }

    /// Adds an entry that is not there.
    mutating func insert(_ state: UInt32, _ token: TokenKey, _ bytes: RawSpan, _ start: Int, next: UInt32) {
        var high = token.high
        if token.isLong {
            var word: [UInt8] = []
            word.reserveCapacity(token.end &- start)
            for place in start..<token.end { word.append(bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self)) }
            if let free = freeLong.popLast() {
                long[free] = word
                high |= UInt64(free)
            } else {
                high |= UInt64(long.count)
                long.append(word)
            }
        }
        count &+= 1
        if count &* 2 > slots.count { rebuild(capacity: max(8, slots.count &* 2)) }
        let slot = TokenTable.Slot(
            key: UInt64(state) &<< 32 | UInt64(next), low: token.low, high: high, extra: 0)
        if place(slot) > Self.runLimit { rebuild(capacity: slots.count) }
    }

    /// Removes an entry, if it is there.
    mutating func remove(_ state: UInt32, _ token: TokenKey, _ bytes: RawSpan, _ start: Int) {
        guard var hole = index(state, token, bytes, start) else { return }
        if token.isLong {
            let word = Int(slots[hole].high & 0xffff_ffff)
            long[word] = []
            freeLong.append(word)
            if freeLong.count == long.count {
                long = []
                freeLong = []
            }
        }
        count &-= 1
        let capacity = slots.count
        var index = hole
        while true {
            index = index &+ 1 == capacity ? 0 : index &+ 1
            let slot = slots[index]
            if slot.key == .max { break }
            // An entry may move back to the hole unless its own place lies behind it.
            let home = home(slot)
            let behind = hole <= index ? hole < home && home <= index : hole < home || home <= index
            if !behind {
                slots[hole] = slot
                hole = index
            }
        }
        slots[hole] = .empty
        if capacity > 64, count &* 8 < capacity { rebuild(capacity: capacity / 4) }
    }

    private func home(_ slot: TokenTable.Slot) -> Int {
        let high = slot.high >= TokenKey.longMark ? slot.high & ~0xffff_ffff : slot.high
        return seed.place(slot.state, slot.low, high)
    }

    /// Puts a slot in its place and says how far from home that is.
    private mutating func place(_ slot: TokenTable.Slot) -> Int {
        var index = home(slot)
        var steps = 0
        while slots[index].key != .max {
            index = index &+ 1 == slots.count ? 0 : index &+ 1
            steps &+= 1
        }
        slots[index] = slot
        return steps
    }

    private mutating func rebuild(capacity: Int) {
        let old = slots
        seed = .random().narrowed(to: capacity)
        slots = [TokenTable.Slot](repeating: .empty, count: capacity)
        for slot in old where slot.key != .max { _ = place(slot) }
    }
}
