/// What tests ask of a trie.
extension InterestTrie {
    /// The target of every pattern.
    var targets: [(kind: UInt64, payload: UInt64)] {
        blocks.flatMap { block in
            targetPlaces(block).map { (arena.kind($0), arena.payload($0)) }
        }
    }

    /// The blocks in use that can be reached from the root.
    var blocks: [UInt32] {
        var found: [UInt32] = root == InterestArena.none ? [] : [root]
        var index = 0
        while index < found.count {
            if arena.isNode(found[index]) { found += children(found[index]) }
            index += 1
        }
        return found
    }

    /// How many nodes there are.
    var nodeCount: Int { blocks.count { arena.isNode($0) } }

    /// What holds between changes: every block in use is reached once, by its parent, its siblings and the table;
    /// counts are exact; a bucket is neither empty nor crowded, and a node has more than a few patterns.
    var isConsistent: Bool {
        let blocks = blocks
        var live = 0
        arena.forEach { if !arena.isFree($0) { live += 1 } }
        let literals = blocks.filter { $0 != root && !arena.isStar($0) }
        let taken = blocks.reduce(0) { $0 + arena.capacity(of: $1) }
        let patterns = blocks.reduce(0) { $0 + targetPlaces($1).count }
        return live == blocks.count && table.count == literals.count && patterns == count
            && taken + arena.freeWords == arena.blockWords && blocks.allSatisfy(isWhole)
            && (count > 0 || arena.words.isEmpty)
    }

    private func isWhole(_ block: UInt32) -> Bool {
        guard arena.isNode(block) else {
            return (1...Self.crowd).contains(arena.recordCount(block))
                && arena.firstRecord(block) + arena.recordWords(block) <= Int(block) + arena.capacity(of: block)
                && targetPlaces(block).allSatisfy { arena.kind($0) != InterestBlock.Kind.none }
        }
        let children = children(block)
        let stars = children.filter { arena.isStar($0) }
        var previous = InterestArena.none
        for child in children {
            if arena.parent(child) != block || arena.previous(child) != previous || !isFound(child) { return false }
            previous = child
        }
        return stars == (arena.star(block) == InterestArena.none ? [] : [arena.star(block)])
            && children.count == Int(arena.literals(block)) + stars.count
            && Int(arena.patterns(block)) == patternsBelow(block) && Int(arena.patterns(block)) > Self.few
    }

    /// Whether the table leads to a child by its token.
    private func isFound(_ child: UInt32) -> Bool {
        if arena.isStar(child) { return true }
        var text = InterestText()
        text.set(token: child, rest: nil, in: arena)
        return self.child(arena.parent(child), text.token(0, salt: salt), text, 0) == child
    }

    private func patternsBelow(_ block: UInt32) -> Int {
        let below = arena.isNode(block) ? children(block).reduce(0) { $0 + patternsBelow($1) } : 0
        return below + targetPlaces(block).count
    }

    private func children(_ node: UInt32) -> [UInt32] {
        var found: [UInt32] = []
        var child = arena.firstChild(node)
        while child != InterestArena.none {
            found.append(child)
            child = arena.next(child)
        }
        return found
    }

    private func targetPlaces(_ block: UInt32) -> [Int] {
        if arena.isNode(block) {
            return [arena.entry(block), arena.rest(block)].filter { arena.kind($0) != InterestBlock.Kind.none }
        }
        var places: [Int] = []
        var record = arena.firstRecord(block)
        for _ in 0..<arena.recordCount(block) {
            places.append(record)
            record += InterestBlock.recordWords(arena[record])
        }
        return places
    }
}
