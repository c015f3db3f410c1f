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
    /// The subscriptions of one pattern.
    private struct Entry: Sendable {
        var plain = Members()
        var queues: [QueueName: Members] = [:]

        var isEmpty: Bool { plain.count == 0 && queues.isEmpty }
    }

    private var trie = InterestTrie()
    private var entries: [Entry] = []
    private var free: [UInt32] = []

    /// No subscriptions.
    public init() {}

    /// The number of subscriptions.
    public private(set) var count = 0

    /// The number of different patterns.
    public var patternCount: Int { entries.count &- free.count }

    /// A number that every change raises.
    public private(set) var generation: UInt64 = 0

    /// Subscribes. The same subscription to the same pattern and queue counts once.
    ///
    /// - Returns: whether it was not there before.
    /// - Complexity: proportional to the pattern's length, amortised.
    @discardableResult
    public mutating func insert(
        _ subscription: SubscriptionID, to pattern: SubjectPattern, queue: QueueName? = nil
    ) -> Bool {
        let place: Int
        if let known = trie.entry(of: pattern) {
            place = Int(known)
        } else {
            if let reused = free.popLast() {
                place = Int(reused)
            } else {
                place = entries.count
                entries.append(Entry())
            }
            trie.insert(pattern, entry: UInt32(truncatingIfNeeded: place))
        }
        let isNew =
            if let queue {
                entries[place].queues[queue, default: Members()].insert(subscription)
            } else {
                entries[place].plain.insert(subscription)
            }
        if isNew {
            count &+= 1
            generation &+= 1
        }
        return isNew
    }

    /// Unsubscribes. Nothing is left of a pattern with its last subscription.
    ///
    /// - Returns: whether it was there.
    @discardableResult
    public mutating func remove(
        _ subscription: SubscriptionID, from pattern: SubjectPattern, queue: QueueName? = nil
    ) -> Bool {
        guard let known = trie.entry(of: pattern) else { return false }
        let place = Int(known)
        let was: Bool
        if let queue {
            was = entries[place].queues[queue]?.remove(subscription) ?? false
            if entries[place].queues[queue]?.count == 0 { entries[place].queues[queue] = nil }
        } else {
            was = entries[place].plain.remove(subscription)
        }
        guard was else { return false }
        count &-= 1
        generation &+= 1
        if entries[place].isEmpty {
            trie.remove(pattern)
            entries[place] = Entry()
            free.append(known)
            if free.count == entries.count {
                entries = []
                free = []
            }
        }
        return true
    }

    /// Finds the subscriptions that a message on `subject` goes to. `matches` keeps its memory between calls,
    /// so that nothing is allocated once it has grown.
    ///
    /// - Complexity: one lookup for each token and state that its predecessors lead to; states are bounded by
    ///   the patterns that match the beginning of the subject.
    public func match(_ subject: Subject, into matches: inout InterestMatches) {
        matches.clear()
        trie.match(
            subject.bytes.span.bytes, entries: &matches.entries, front: &matches.front, next: &matches.next)
        for place in matches.entries {
            entries[Int(place)].plain.appendAll(to: &matches.plain)
            if entries[Int(place)].queues.isEmpty { continue }
            for (queue, members) in entries[Int(place)].queues { matches.add(queue, members) }
        }
    }

    /// Whether a message on `subject` goes to anyone.
    public func hasInterest(in subject: Subject) -> Bool {
        var matches = InterestMatches()
        trie.match(
            subject.bytes.span.bytes, entries: &matches.entries, front: &matches.front, next: &matches.next)
        return !matches.entries.isEmpty
    }

    /// What holds whenever no change is under way; a test asks after every step.
    var isConsistent: Bool {
        let held = entries.reduce(0) { sum, entry in
            entry.queues.values.reduce(sum + entry.plain.count) { $0 + $1.count }
        }
        let used = entries.filter { !$0.isEmpty }.count
        let ended = trie.nodes.filter { $0.entry != InterestTrie.none }.count
        let edges = trie.nodes.reduce(0) {
            $0 + Int($1.literals) + ($1.star == InterestTrie.none ? 0 : 1) + ($1.rest == InterestTrie.none ? 0 : 1)
        }
        let literals = trie.nodes.reduce(0) { $0 + Int($1.literals) }
        let empty = count > 0 || (trie.nodes.count == 1 && entries.isEmpty && trie.table.longCount == 0)
        return held == count && used == patternCount && ended == used && edges == trie.nodeCount - 1
            && literals == trie.table.count && empty
    }
}

/// What a message goes to; see `Interest.match`.
public struct InterestMatches: Sendable {
    /// The plain subscriptions: each gets the message.
    public internal(set) var plain: [SubscriptionID] = []
    /// The queue groups: one member of each gets the message. Groups of one name under several patterns are one
    /// group.
    public internal(set) var queues: [(name: QueueName, members: [SubscriptionID])] = []
    var entries: [UInt32] = []
    var front: [UInt32] = []
    var next: [UInt32] = []

    /// No matches yet.
    public init() {}

    mutating func clear() {
        plain.removeAll(keepingCapacity: true)
        queues.removeAll(keepingCapacity: true)
    }

    mutating func add(_ queue: QueueName, _ members: Members) {
        if let known = queues.firstIndex(where: { $0.name == queue }) {
            members.appendAll(to: &queues[known].members)
        } else {
            queues.append((queue, members.items))
        }
    }
}

/// The members of one list, with places once there are many, so that each is removed at a constant cost.
struct Members: Sendable {
    private(set) var items: [SubscriptionID] = []
    private var places: [SubscriptionID: Int] = [:]
    private static let few = 16

    var count: Int { items.count }

    mutating func insert(_ item: SubscriptionID) -> Bool {
        if items.count <= Self.few {
            if items.contains(item) { return false }
            items.append(item)
            if items.count > Self.few {
                for (place, one) in items.enumerated() { places[one] = place }
            }
            return true
        }
        if places[item] != nil { return false }
        places[item] = items.count
        items.append(item)
        return true
    }

    mutating func remove(_ item: SubscriptionID) -> Bool {
        guard let place = items.count > Self.few ? places[item] : items.firstIndex(of: item) else { return false }
        let many = items.count > Self.few
        if many { places[item] = nil }
        let last = items.removeLast()
        if place < items.count {
            items[place] = last
            if many { places[last] = place }
        }
        if many && items.count <= Self.few { places = [:] }
        return true
    }

    func appendAll(to list: inout [SubscriptionID]) { list.append(contentsOf: items) }
}
