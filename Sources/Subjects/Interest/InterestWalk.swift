extension InterestTrie {
    /// Shows `visit` the target, kind and payload, of every pattern that matches `subject`, until it returns false.
    /// `stack` is for the walk's use: where it went on by `*` waits there while it follows a literal.
    ///
    /// - Returns: how many nodes and records were looked at; no node twice, and none whose path does not match the
    ///   beginning of the subject.
    @inline(__always)
    @discardableResult
    func walk(_ subject: RawSpan, stack: inout [UInt64], _ visit: (UInt64, UInt64) -> Bool) -> Int {
        let none = InterestArena.none
        let blocks = arena.words.span.bytes
        let slots = table.slots.span.bytes
        let count = subject.byteCount
        var block = root
        var at = 0
        var work = 0
        if block == none { return 0 }
        // Only a walk that was ended early leaves anything.
        if !stack.isEmpty { stack.removeAll(keepingCapacity: true) }
        while true {
            var child = none
            let first = Self.word(blocks, Int(block))
            let body = Int(block) &+ InterestBlock.body(first)
            if !InterestBlock.isNode(first) {
                var record = body &+ InterestBlock.bucketBody
                let end = record &+ Int(truncatingIfNeeded: Self.word(blocks, body) &>> 32)
                while record < end {
                    let head = Self.word(blocks, record)
                    work &+= 1
                    let text = (record &+ InterestBlock.recordHead) &* 8
                    if TailMatch.matches(blocks, text, subject, at, rest: false),
                        !visit(InterestBlock.kind(head), Self.word(blocks, record &+ 1))
                    {
                        return work
                    }
                    record &+= InterestBlock.recordWords(head)
                }
            } else if at > count {
                work &+= 1
                let kind = InterestBlock.kind(Self.word(blocks, body &+ 2))
                if kind != InterestBlock.Kind.none, !visit(kind, Self.word(blocks, body &+ 3)) { return work }
            } else {
                work &+= 1
                let kind = InterestBlock.kind(Self.word(blocks, body &+ 4))
                if kind != InterestBlock.Kind.none, !visit(kind, Self.word(blocks, body &+ 5)) { return work }
                let star = UInt32(truncatingIfNeeded: Self.word(blocks, body))
                let token = TokenKey(subject, at: at, salt: salt)
                if Self.word(blocks, body &+ 1) &>> 32 != 0 {
                    child = table.find(block, token, subject, at, blocks: blocks, slots: slots)
                }
                at = token.end &+ 1
                if star != none {
                    if child == none {
                        child = star
                    } else {
                        stack.append(UInt64(star) &<< 32 | UInt64(at))
                    }
                }
            }
            if child != none {
                block = child
            } else {
                guard let waiting = stack.popLast() else { return work }
                block = UInt32(truncatingIfNeeded: waiting &>> 32)
                at = Int(waiting & 0xffff_ffff)
            }
        }
    }

    @inline(__always)
    private static func word(_ blocks: RawSpan, _ place: Int) -> UInt64 {
        blocks.unsafeLoad(fromByteOffset: place &* 8, as: UInt64.self)
    }
}
