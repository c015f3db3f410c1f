/// The patterns of an `Interest`: a trie over tokens that begins to branch only where many patterns do.
///
/// Up to `crowd` patterns that begin alike share a bucket, which holds what is left of each; one more makes a node
/// of it, with a child for each next token, and a node with no more than `few` patterns below becomes a bucket
/// again. So a match reads a node where many patterns meet, and otherwise compares a few texts.
struct InterestTrie: Sendable {
    /// The most patterns of a bucket.
    static let crowd = 8
    /// A node with so few patterns below becomes a bucket; less than `crowd`, so that one pattern that comes and
    /// goes does not move the others each time.
    static let few = 4

    /// Where the target of a pattern is, until the next change.
    struct Place {
        var block: UInt32
        /// The word of the arena.
        var target: Int
    }

    var arena = InterestArena()
    var table: InterestTable
    var root = InterestArena.none
    /// How many patterns there are.
    private(set) var count = 0
    let salt: UInt64
    /// What is looked for, kept for its memory.
    private var wanted = InterestText()
    /// A pattern while it moves between blocks, likewise.
    var moved = InterestText()

    /// An empty trie; a test may narrow how the table spreads its entries, or know the salt of long tokens.
    init(seed: TokenTable.Seed? = nil, salt: UInt64? = nil) {
        table = InterestTable(seed: seed)
        self.salt = salt ?? .random(in: 1...(.max))
    }

    /// The bytes that the trie holds.
    var byteCount: Int { arena.words.count &* 8 &+ table.byteCount }

    /// What kind of target stands there; `InterestBlock.Kind.none` for a new one.
    func kind(_ place: Place) -> UInt64 { arena.kind(place.target) }
    /// What the target says.
    func payload(_ place: Place) -> UInt64 { arena.payload(place.target) }
    /// Sets a target, which is not none.
    mutating func set(_ place: Place, _ kind: UInt64, _ payload: UInt64) {
        arena.setTarget(place.target, kind: kind, payload: payload)
    }

    /// Where `pattern` has its target.
    mutating func find(_ pattern: SubjectPattern) -> Place? {
        wanted.set(pattern)
        var block = root
        var at = 0
        while block != InterestArena.none {
            if !arena.isNode(block) { return record(block, at).map { Place(block: block, target: $0) } }
            if at > wanted.count { return target(block, arena.entry(block)) }
            let token = wanted.token(at, salt: salt)
            if Self.isRest(token) { return target(block, arena.rest(block)) }
            block = child(block, token, at)
            at = token.end &+ 1
        }
        return nil
    }

    /// Where `pattern` has its target, which is made if it has none; then the caller sets it.
    mutating func place(of pattern: SubjectPattern) -> Place {
        if arena.isSparse { compact() }
        wanted.set(pattern)
        var block = root
        var at = 0
        if block == InterestArena.none {
            let text = wanted
            root = arena.allocate(
                .bucket, parent: InterestArena.none, text.token(0, salt: salt), text.bytes.span.bytes, 0,
                body: InterestBlock.bucketBody)
            block = root
        }
        while true {
            if !arena.isNode(block) {
                if let known = record(block, at) { return Place(block: block, target: known) }
                if arena.recordCount(block) < Self.crowd {
                    let place = append(to: block, wanted, at, kind: InterestBlock.Kind.none, payload: 0)
                    raise(arena.parent(place.block))
                    return place
                }
                block = branch(block)
            }
            if at > wanted.count { return made(block, arena.entry(block)) }
            let token = wanted.token(at, salt: salt)
            if Self.isRest(token) { return made(block, arena.rest(block)) }
            let next = child(block, token, at)
            block = next == InterestArena.none ? addBucket(to: block, token, wanted, at) : next
            at = token.end &+ 1
        }
    }

    /// Takes the target at a place away, and everything that nothing needs any more.
    mutating func remove(_ place: Place) {
        count &-= 1
        var block = place.block
        if arena.isNode(block) {
            arena.setTarget(place.target, kind: InterestBlock.Kind.none, payload: 0)
        } else {
            block = arena.parent(block)
            removeRecord(place)
        }
        while block != InterestArena.none {
            let parent = arena.parent(block)
            let left = arena.patterns(block) &- 1
            arena.setPatterns(block, left)
            if left <= UInt32(Self.few) { gather(block) }
            block = parent
        }
        if count == 0 {
            arena = InterestArena()
            table.refill([], in: arena)
            root = InterestArena.none
            (wanted, moved) = (InterestText(), InterestText())
        } else if arena.isSparse {
            compact()
        }
    }

    static func isRest(_ token: TokenKey) -> Bool {
        token.low == UInt64(RuleText.rest) && token.high == 1 &<< 56
    }

    static func isStar(_ token: TokenKey) -> Bool {
        token.low == UInt64(RuleText.star) && token.high == 1 &<< 56
    }

    private func target(_ block: UInt32, _ target: Int) -> Place? {
        arena.kind(target) == InterestBlock.Kind.none ? nil : Place(block: block, target: target)
    }

    private mutating func made(_ block: UInt32, _ target: Int) -> Place {
        if arena.kind(target) == InterestBlock.Kind.none { raise(block) }
        return Place(block: block, target: target)
    }

    /// Counts a new pattern in a node and all above it.
    private mutating func raise(_ node: UInt32) {
        count &+= 1
        var block = node
        while block != InterestArena.none {
            arena.setPatterns(block, arena.patterns(block) &+ 1)
            block = arena.parent(block)
        }
    }

    private func child(_ node: UInt32, _ token: TokenKey, _ at: Int) -> UInt32 {
        child(node, token, wanted, at)
    }

    func child(_ node: UInt32, _ token: TokenKey, _ text: InterestText, _ at: Int) -> UInt32 {
        if Self.isStar(token) { return arena.star(node) }
        return table.find(
            node, token, text.bytes.span.bytes, at, blocks: arena.words.span.bytes, slots: table.slots.span.bytes)
    }

    /// The record of a bucket that holds what is wanted from `at` on.
    private func record(_ bucket: UInt32, _ at: Int) -> Int? {
        let length = max(0, wanted.count &- at)
        let head = InterestBlock.recordHead(length: length)
        var record = arena.firstRecord(bucket)
        for _ in 0..<arena.recordCount(bucket) {
            let found = arena[record]
            if found & 0xffff_ffff == head, isWanted(record, at, length) { return record }
            record &+= InterestBlock.recordWords(found)
        }
        return nil
    }

    private func isWanted(_ record: Int, _ at: Int, _ length: Int) -> Bool {
        for step in 0..<InterestBlock.textWords(length)
        where arena[record &+ InterestBlock.recordHead &+ step] != wanted.word(at &+ step &* 8) { return false }
        return true
    }
}
