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

    private(set) var arena = InterestArena()
    private(set) var table: InterestTable
    private(set) var root = InterestArena.none
    /// How many patterns there are.
    private(set) var count = 0
    let salt: UInt64
    /// Kept for its memory.
    private var wanted = InterestText()
    private var moved = InterestText()

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

    private static func isRest(_ token: TokenKey) -> Bool {
        token.low == UInt64(RuleText.rest) && token.high == 1 &<< 56
    }

    private static func isStar(_ token: TokenKey) -> Bool {
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

/// How buckets and nodes are made of each other.
extension InterestTrie {
    /// An empty bucket below a node.
    private mutating func addBucket(
        to node: UInt32, _ token: TokenKey, _ text: InterestText, _ start: Int
    ) -> UInt32 {
        let bucket = arena.allocate(
            .bucket, parent: node, token, text.bytes.span.bytes, start,
            body: InterestBlock.bucketBody &+ InterestBlock.recordHead
                &+ InterestBlock.textWords(max(0, text.count &- token.end &- 1)))
        let first = arena.firstChild(node)
        arena.setPrevious(bucket, InterestArena.none)
        arena.setNext(bucket, first)
        arena.setFirstChild(node, bucket)
        if first != InterestArena.none { arena.setPrevious(first, bucket) }
        if Self.isStar(token) {
            arena.setStar(node, bucket)
        } else {
            arena.setLiterals(node, arena.literals(node) &+ 1)
            table.insert(bucket, in: arena)
        }
        return bucket
    }

    /// Adds a record to a bucket, which moves if it has no room.
    private mutating func append(
        to bucket: UInt32, _ text: InterestText, _ at: Int, kind: UInt64, payload: UInt64
    ) -> Place {
        let length = max(0, text.count &- at)
        let head = InterestBlock.recordHead(length: length)
        let words = InterestBlock.recordWords(head)
        let used = arena.recordWords(bucket)
        let block = room(bucket, used &+ words)
        let record = arena.firstRecord(block) &+ used
        arena[record] = head | kind &<< 32
        arena[record &+ 1] = payload
        for step in 0..<InterestBlock.textWords(length) {
            arena[record &+ InterestBlock.recordHead &+ step] = text.word(at &+ step &* 8)
        }
        arena.setRecords(block, count: arena.recordCount(block) &+ 1, words: used &+ words)
        return Place(block: block, target: record)
    }

    /// The bucket with room for `words` of records, and not much more.
    private mutating func room(_ bucket: UInt32, _ words: Int) -> UInt32 {
        let head = arena.firstRecord(bucket) &- Int(bucket)
        let capacity = arena.capacity(of: bucket)
        if head &+ words <= capacity, capacity <= 16 || (head &+ words) &* 3 > capacity { return bucket }
        let new = arena.allocate(like: bucket, .bucket, body: InterestBlock.bucketBody &+ words)
        let used = min(words, arena.recordWords(bucket))
        arena.setRecords(new, count: arena.recordCount(bucket), words: used)
        arena.copy(from: arena.firstRecord(bucket), to: arena.firstRecord(new), count: used)
        replace(bucket, with: new)
        return new
    }

    private mutating func removeRecord(_ place: Place) {
        let count = arena.recordCount(place.block) &- 1
        if count == 0 { return detach(place.block) }
        let words = InterestBlock.recordWords(arena[place.target])
        let used = arena.recordWords(place.block) &- words
        let end = arena.firstRecord(place.block) &+ used
        arena.copy(from: place.target &+ words, to: place.target, count: end &- place.target)
        arena.setRecords(place.block, count: count, words: used)
        _ = room(place.block, used)
    }

    /// Makes a node of a full bucket.
    private mutating func branch(_ bucket: UInt32) -> UInt32 {
        let node = arena.allocate(like: bucket, .node, body: InterestBlock.nodeBody)
        let records = (count: arena.recordCount(bucket), first: arena.firstRecord(bucket))
        var record = records.first
        for _ in 0..<records.count {
            moved.set(token: nil, rest: record, in: arena)
            put(moved, into: node, kind: arena.kind(record), payload: arena.payload(record))
            record &+= InterestBlock.recordWords(arena[record])
        }
        arena.setPatterns(node, UInt32(truncatingIfNeeded: records.count))
        replace(bucket, with: node)
        return node
    }

    /// Puts a pattern that is not there into a node whose children are buckets with room.
    private mutating func put(_ text: InterestText, into node: UInt32, kind: UInt64, payload: UInt64) {
        if text.count == 0 { return arena.setTarget(arena.entry(node), kind: kind, payload: payload) }
        let token = text.token(0, salt: salt)
        if Self.isRest(token) { return arena.setTarget(arena.rest(node), kind: kind, payload: payload) }
        let known = child(node, token, text, 0)
        let bucket = known == InterestArena.none ? addBucket(to: node, token, text, 0) : known
        _ = append(to: bucket, text, token.end &+ 1, kind: kind, payload: payload)
    }

    /// Makes a bucket of a node with few patterns below. Its children are buckets, since a node below it has no
    /// more patterns and so became one before.
    private mutating func gather(_ node: UInt32) {
        var bucket = arena.allocate(like: node, .bucket, body: InterestBlock.bucketBody)
        // Only `moved` changes while the children are read, and the new bucket is known to nobody yet.
        replace(node, with: bucket, releasing: false)
        func take(_ target: Int) {
            if arena.kind(target) == InterestBlock.Kind.none { return }
            bucket = append(to: bucket, moved, 0, kind: arena.kind(target), payload: arena.payload(target)).block
        }
        moved.set(token: nil, rest: nil, in: arena)
        take(arena.entry(node))
        moved.setRest()
        take(arena.rest(node))
        var child = arena.firstChild(node)
        while child != InterestArena.none {
            var record = arena.firstRecord(child)
            for _ in 0..<arena.recordCount(child) {
                moved.set(token: child, rest: record, in: arena)
                take(record)
                record &+= InterestBlock.recordWords(arena[record])
            }
            let next = arena.next(child)
            if !arena.isStar(child) { table.remove(child, in: arena) }
            arena.release(child)
            child = next
        }
        arena.release(node)
    }

    /// Puts `new` where `old` is, as the child of its parent.
    private mutating func replace(_ old: UInt32, with new: UInt32, releasing: Bool = true) {
        let (parent, previous, next) = (arena.parent(old), arena.previous(old), arena.next(old))
        if parent == InterestArena.none {
            root = new
        } else {
            if arena.isStar(old) { arena.setStar(parent, new) } else { table.replace(old, with: new, in: arena) }
            if previous == InterestArena.none {
                arena.setFirstChild(parent, new)
            } else {
                arena.setNext(previous, new)
            }
            if next != InterestArena.none { arena.setPrevious(next, new) }
        }
        if releasing { arena.release(old) }
    }

    /// Takes an empty bucket away.
    private mutating func detach(_ bucket: UInt32) {
        let (parent, previous, next) = (arena.parent(bucket), arena.previous(bucket), arena.next(bucket))
        if parent != InterestArena.none {
            if previous == InterestArena.none {
                arena.setFirstChild(parent, next)
            } else {
                arena.setNext(previous, next)
            }
            if next != InterestArena.none { arena.setPrevious(next, previous) }
            if arena.isStar(bucket) {
                arena.setStar(parent, InterestArena.none)
            } else {
                arena.setLiterals(parent, arena.literals(parent) &- 1)
                table.remove(bucket, in: arena)
            }
        }
        arena.release(bucket)
    }

    /// Moves all blocks together.
    private mutating func compact() {
        let old = arena
        var new = InterestArena()
        var forward: [UInt32: UInt32] = [:]
        forward.reserveCapacity(table.count &+ 1)
        old.forEach { block in if !old.isFree(block) { forward[block] = new.take(block, from: old) } }
        func moved(_ block: UInt32) -> UInt32 { forward[block] ?? InterestArena.none }
        var literals: [UInt32] = []
        literals.reserveCapacity(table.count)
        for block in forward.values {
            let isLiteral = new.parent(block) != InterestArena.none && !new.isStar(block)
            new.setParent(block, moved(new.parent(block)))
            new.setPrevious(block, moved(new.previous(block)))
            new.setNext(block, moved(new.next(block)))
            if new.isNode(block) {
                new.setStar(block, moved(new.star(block)))
                new.setFirstChild(block, moved(new.firstChild(block)))
            }
            if isLiteral { literals.append(block) }
        }
        arena = new
        root = moved(root)
        table.refill(literals, in: arena)
    }
}
