/// Names one subscription to whoever routes: a number of the caller's own.
public struct SubscriptionID: Hashable, Sendable {
    /// The caller's number.
    public let rawValue: UInt64

    /// A subscription with this number.
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// Who is subscribed to what: the structure that a broker routes with.
///
/// It is a value with one owner. A broker keeps one in each event loop and sends changes to the loops as
/// messages, so readers never wait for a writer and nothing is locked; a copy is a snapshot, taken at once and
/// paid for by the next change (decision 0003 says why). `generation` changes with every change, so that routes
/// worked out once can be kept until then.
///
/// ```swift
/// var interest = Interest()
/// interest.insert(SubscriptionID(1), to: try SubjectPattern("orders.*"))
/// var matches = InterestMatches()
/// interest.match(try Subject("orders.eu"), into: &matches)  // matches.plain holds 1
/// ```
public struct Interest: Sendable {
    /// The patterns; a target is a single plain subscription or the place of members.
    private(set) var trie: InterestTrie
    private var members: [InterestMembers] = []
    private var free: [UInt32] = []

    /// No subscriptions.
    public init() { trie = InterestTrie() }

    /// No subscriptions, in a trie that a test has made.
    init(_ trie: InterestTrie) { self.trie = trie }

    /// The number of subscriptions.
    public private(set) var count = 0

    /// The number of different patterns.
    public var patternCount: Int { trie.count }

    /// A number that every change raises.
    public private(set) var generation: UInt64 = 0

    /// The bytes that it holds, about.
    ///
    /// - Complexity: one step for each pattern with more than a plain subscription.
    public var byteCount: Int {
        members.reduce(trie.byteCount) { $0 + MemoryLayout<InterestMembers>.stride + $1.byteCount }
    }

    /// Subscribes. The same subscription to the same pattern and queue counts once.
    ///
    /// - Returns: whether it was not there before.
    /// - Complexity: proportional to the pattern's length, amortised; when a pattern is one too many for those that
    ///   begin as it does, they are moved on, each at most once a token.
    @discardableResult
    public mutating func insert(
        _ subscription: SubscriptionID, to pattern: SubjectPattern, queue: QueueName? = nil
    ) -> Bool {
        let place = trie.place(of: pattern)
        switch trie.kind(place) {
        case InterestBlock.Kind.many:
            guard members[Int(trie.payload(place))].insert(subscription, queue) else { return false }
        case InterestBlock.Kind.one:
            let known = trie.payload(place)
            if queue == nil, known == subscription.rawValue { return false }
            var both = InterestMembers()
            _ = both.insert(SubscriptionID(known), nil)
            _ = both.insert(subscription, queue)
            trie.set(place, InterestBlock.Kind.many, keep(both))
        default:
            if let queue {
                var group = InterestMembers()
                _ = group.insert(subscription, queue)
                trie.set(place, InterestBlock.Kind.many, keep(group))
            } else {
                trie.set(place, InterestBlock.Kind.one, subscription.rawValue)
            }
        }
        count &+= 1
        generation &+= 1
        return true
    }

    /// Unsubscribes. Nothing is left of a pattern with its last subscription.
    ///
    /// - Returns: whether it was there.
    /// - Complexity: as for `insert`.
    @discardableResult
    public mutating func remove(
        _ subscription: SubscriptionID, from pattern: SubjectPattern, queue: QueueName? = nil
    ) -> Bool {
        guard let place = trie.find(pattern) else { return false }
        let payload = trie.payload(place)
        if trie.kind(place) == InterestBlock.Kind.one {
            guard queue == nil, payload == subscription.rawValue else { return false }
            trie.remove(place)
        } else {
            guard members[Int(payload)].remove(subscription, queue) else { return false }
            if members[Int(payload)].isEmpty {
                forget(payload)
                trie.remove(place)
            } else if let single = members[Int(payload)].single {
                forget(payload)
                trie.set(place, InterestBlock.Kind.one, single.rawValue)
            }
        }
        count &-= 1
        generation &+= 1
        return true
    }

    private mutating func keep(_ new: InterestMembers) -> UInt64 {
        if let place = free.popLast() {
            members[Int(place)] = new
            return UInt64(place)
        }
        members.append(new)
        return UInt64(members.count &- 1)
    }

    private mutating func forget(_ place: UInt64) {
        members[Int(place)] = InterestMembers()
        free.append(UInt32(truncatingIfNeeded: place))
        if free.count == members.count { (members, free) = ([], []) }
    }

    /// Finds the subscriptions that a message on `subject` goes to. `matches` keeps its memory between calls,
    /// so that nothing is allocated for plain subscriptions once it has grown.
    ///
    /// - Complexity: one look-up for each beginning of a pattern that matches the beginning of the subject and that
    ///   many patterns share, and one comparison for each of a few patterns where fewer do.
    public func match(_ subject: Subject, into matches: inout InterestMatches) {
        matches.clear()
        // Taken out for the walk, which writes to the rest of `matches` meanwhile.
        var stack: [UInt64] = []
        swap(&stack, &matches.stack)
        trie.walk(subject.bytes.span.bytes, stack: &stack) { kind, payload in
            if kind == InterestBlock.Kind.one {
                matches.plain.append(SubscriptionID(payload))
            } else {
                matches.add(members[Int(payload)])
            }
            return true
        }
        swap(&stack, &matches.stack)
    }

    /// Whether a message on `subject` goes to anyone.
    ///
    /// - Complexity: as for `match`; it ends with the first subscription that is found.
    public func hasInterest(in subject: Subject) -> Bool {
        var stack: [UInt64] = []
        var found = false
        trie.walk(subject.bytes.span.bytes, stack: &stack) { _, _ in
            found = true
            return false
        }
        return found
    }

    /// What holds whenever no change is under way; a test asks after every step.
    var isConsistent: Bool {
        var held = 0
        var used: Set<UInt64> = []
        for target in trie.targets {
            if target.kind == InterestBlock.Kind.one {
                held += 1
            } else {
                guard target.kind == InterestBlock.Kind.many, used.insert(target.payload).inserted,
                    members.indices.contains(Int(target.payload))
                else { return false }
                let entry = members[Int(target.payload)]
                if entry.isEmpty || entry.single != nil { return false }
                held += entry.count
            }
        }
        return trie.isConsistent && held == count && used.count == members.count - free.count
            && (!used.isEmpty || members.isEmpty)
    }
}
