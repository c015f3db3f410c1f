/// How buckets and nodes are made of each other.
extension InterestTrie {
    /// An empty bucket below a node.
    mutating func addBucket(
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
    mutating func append(
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

    mutating func removeRecord(_ place: Place) {
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
    mutating func branch(_ bucket: UInt32) -> UInt32 {
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
    mutating func gather(_ node: UInt32) {
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
    mutating func compact() {
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
