/// The patterns of an `Interest`: a trie whose literal edges all live in one table.
struct InterestTrie: Sendable {
    /// No state.
    static let none: UInt32 = .max

    struct Node: Sendable {
        /// Where `*` leads.
        var star = InterestTrie.none
        /// Where a final `>` leads.
        var rest = InterestTrie.none
        /// The entry of the pattern that ends here.
        var entry = InterestTrie.none
        /// How many literal edges leave.
        var literals: UInt32 = 0

        var isEmpty: Bool { star == none && rest == none && entry == none && literals == 0 }
        private var none: UInt32 { InterestTrie.none }
    }

    private(set) var nodes = [Node()]
    private var free: [UInt32] = []
    private(set) var table = InterestTable()

    /// How many states are in use; the root is one.
    var nodeCount: Int { nodes.count &- free.count }

    /// The entry of `pattern`, if it has one.
    func entry(of pattern: SubjectPattern) -> UInt32? {
        var state: UInt32 = 0
        var found = true
        Self.walk(pattern.bytes.span.bytes, table.salt) { bytes, start, token in
            guard let next = step(state, bytes, start, token) else {
                found = false
                return false
            }
            state = next
            return true
        }
        guard found, nodes[Int(state)].entry != Self.none else { return nil }
        return nodes[Int(state)].entry
    }

    /// Makes the path of `pattern` and sets its entry.
    mutating func insert(_ pattern: SubjectPattern, entry: UInt32) {
        var state: UInt32 = 0
        Self.walk(pattern.bytes.span.bytes, table.salt) { bytes, start, token in
            state = step(state, bytes, start, token) ?? extend(state, bytes, start, token)
            return true
        }
        nodes[Int(state)].entry = entry
    }

    /// Takes the entry of `pattern` away, and every state that nothing needs any more.
    mutating func remove(_ pattern: SubjectPattern) {
        var path: [(state: UInt32, start: Int, token: TokenKey)] = []
        var state: UInt32 = 0
        var found = true
        Self.walk(pattern.bytes.span.bytes, table.salt) { bytes, start, token in
            path.append((state, start, token))
            guard let next = step(state, bytes, start, token) else {
                found = false
                return false
            }
            state = next
            return true
        }
        guard found else { return }
        nodes[Int(state)].entry = Self.none
        while nodes[Int(state)].isEmpty, let last = path.popLast() {
            free.append(state)
            detach(last.state, pattern.bytes.span.bytes, last.start, last.token)
            state = last.state
        }
        if free.count == nodes.count &- 1 {
            nodes = [Node()]
            free = []
        }
    }

    /// Calls `body` with each token of validated bytes until it returns false.
    @inline(__always)
    private static func walk(_ bytes: RawSpan, _ salt: UInt64, _ body: (RawSpan, Int, TokenKey) -> Bool) {
        var start = 0
        while start < bytes.byteCount {
            let token = TokenKey(bytes, at: start, salt: salt)
            if !body(bytes, start, token) { return }
            start = token.end &+ 1
        }
    }

    private enum Edge {
        case star, rest, literal
    }

    @inline(__always)
    private static func edge(_ start: Int, _ token: TokenKey) -> Edge {
        if token.end &- start != 1 { return .literal }
        return token.low == UInt64(Bytes.star) ? .star : token.low == UInt64(Bytes.rest) ? .rest : .literal
    }

    private func step(_ state: UInt32, _ bytes: RawSpan, _ start: Int, _ token: TokenKey) -> UInt32? {
        let next: UInt32
        switch Self.edge(start, token) {
        case .star: next = nodes[Int(state)].star
        case .rest: next = nodes[Int(state)].rest
        case .literal: return table.find(state, token, bytes, start)
        }
        return next == Self.none ? nil : next
    }

    private mutating func extend(_ state: UInt32, _ bytes: RawSpan, _ start: Int, _ token: TokenKey) -> UInt32 {
        let next: UInt32
        if let reused = free.popLast() {
            next = reused
            nodes[Int(next)] = Node()
        } else {
            next = UInt32(truncatingIfNeeded: nodes.count)
            nodes.append(Node())
        }
        switch Self.edge(start, token) {
        case .star: nodes[Int(state)].star = next
        case .rest: nodes[Int(state)].rest = next
        case .literal:
            nodes[Int(state)].literals &+= 1
            table.insert(state, token, bytes, start, next: next)
        }
        return next
    }

    private mutating func detach(_ state: UInt32, _ bytes: RawSpan, _ start: Int, _ token: TokenKey) {
        switch Self.edge(start, token) {
        case .star: nodes[Int(state)].star = Self.none
        case .rest: nodes[Int(state)].rest = Self.none
        case .literal:
            nodes[Int(state)].literals &-= 1
            table.remove(state, token, bytes, start)
        }
    }

    /// Puts the entries of all patterns that match `subject` into `entries`. All states that the tokens so far
    /// lead to are advanced together, so each token is read and hashed once.
    func match(_ subject: RawSpan, entries: inout [UInt32], front: inout [UInt32], next: inout [UInt32]) {
        entries.removeAll(keepingCapacity: true)
        front.removeAll(keepingCapacity: true)
        front.append(0)
        var start = 0
        while start <= subject.byteCount, !front.isEmpty {
            let token = TokenKey(subject, at: start, salt: table.salt)
            next.removeAll(keepingCapacity: true)
            for state in front {
                let node = nodes[Int(state)]
                if node.literals != 0, let found = table.find(state, token, subject, start) { next.append(found) }
                if node.star != Self.none { next.append(node.star) }
                if node.rest != Self.none { entries.append(nodes[Int(node.rest)].entry) }
            }
            swap(&front, &next)
            start = token.end &+ 1
        }
        for state in front where nodes[Int(state)].entry != Self.none { entries.append(nodes[Int(state)].entry) }
    }
}
