extension SubjectPattern {
    /// Whether every subject that `other` means is one that this pattern means.
    ///
    /// There are endlessly many words, so a comparison token by token is exact.
    /// - Complexity: one walk over both, nothing allocated.
    public func contains(_ other: SubjectPattern) -> Bool {
        if other.endsInRest && !endsInRest { return false }
        return PatternWalk.contains(bytes.span, other.bytes.span, literal: false)
    }

    /// Whether `subject` is one of those that this pattern means.
    public func matches(_ subject: Subject) -> Bool {
        PatternWalk.contains(bytes.span, subject.bytes.span, literal: true)
    }

    /// Whether the queue name is matched by this pattern, token by token as subjects are.
    public func matches(_ queue: QueueName) -> Bool {
        PatternWalk.contains(bytes.span, queue.bytes.span, literal: true)
    }

    /// Whether some subject is meant by both patterns.
    public func overlaps(_ other: SubjectPattern) -> Bool {
        PatternWalk.overlaps(bytes.span, other.bytes.span)
    }

    /// The pattern of the subjects that both mean; nothing when there are none. One pattern always suffices.
    public func intersection(_ other: SubjectPattern) -> SubjectPattern? {
        guard overlaps(other) else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(max(bytes.count, other.bytes.count))
        var here = 0
        var there = 0
        while here < bytes.count, there < other.bytes.count {
            if !result.isEmpty { result.append(Bytes.dot) }
            let hereEnd = Bytes.tokenEnd(bytes.span, from: here)
            let thereEnd = Bytes.tokenEnd(other.bytes.span, from: there)
            if PatternWalk.isRest(bytes.span, here, hereEnd) {
                result.append(contentsOf: other.bytes[there...])
                break
            }
            if PatternWalk.isRest(other.bytes.span, there, thereEnd) {
                result.append(contentsOf: bytes[here...])
                break
            }
            if PatternWalk.isStar(bytes.span, here, hereEnd) {
                result.append(contentsOf: other.bytes[there..<thereEnd])
            } else {
                result.append(contentsOf: bytes[here..<hereEnd])
            }
            here = hereEnd &+ 1
            there = thereEnd &+ 1
        }
        // Both were valid; the meet can only fail by length, where no subject short enough is in it.
        return try? SubjectPattern(utf8: result.span)
    }
}

/// Walks over two patterns at once, token by token, on their validated bytes.
enum PatternWalk {
    @inline(__always)
    static func isStar(_ bytes: borrowing Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        end &- start == 1 && bytes[start] == Bytes.star
    }

    @inline(__always)
    static func isRest(_ bytes: borrowing Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        end &- start == 1 && bytes[start] == Bytes.rest
    }

    /// Whether `outer` contains `inner`. With `literal`, wildcards in `inner` are ordinary words.
    static func contains(
        _ outer: borrowing Span<UInt8>, _ inner: borrowing Span<UInt8>, literal: Bool
    ) -> Bool {
        var here = 0
        var there = 0
        while here < outer.count {
            if there >= inner.count { return false }
            let byte = outer[here]
            let alone = here &+ 1 == outer.count || outer[here &+ 1] == Bytes.dot
            if alone && byte == Bytes.rest { return true }
            let end = Bytes.tokenEnd(inner, from: there)
            if alone && byte == Bytes.star {
                if !literal && isRest(inner, there, end) { return false }
                here &+= 2
            } else {
                if !literal && (isStar(inner, there, end) || isRest(inner, there, end)) { return false }
                let length = end &- there
                if outer.count &- here < length { return false }
                for step in 0..<length where outer[here &+ step] != inner[there &+ step] { return false }
                let next = here &+ length
                if next < outer.count && outer[next] != Bytes.dot { return false }
                here = next &+ 1
            }
            there = end &+ 1
        }
        return there >= inner.count
    }

    /// Whether some literal is in both.
    static func overlaps(_ left: borrowing Span<UInt8>, _ right: borrowing Span<UInt8>) -> Bool {
        var here = 0
        var there = 0
        while here < left.count, there < right.count {
            let hereEnd = Bytes.tokenEnd(left, from: here)
            let thereEnd = Bytes.tokenEnd(right, from: there)
            if isRest(left, here, hereEnd) || isRest(right, there, thereEnd) { return true }
            if !isStar(left, here, hereEnd) && !isStar(right, there, thereEnd) {
                let length = hereEnd &- here
                if length != thereEnd &- there { return false }
                for step in 0..<length where left[here &+ step] != right[there &+ step] { return false }
            }
            here = hereEnd &+ 1
            there = thereEnd &+ 1
        }
        return here >= left.count && there >= right.count
    }
}
