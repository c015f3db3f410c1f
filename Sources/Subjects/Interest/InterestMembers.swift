/// The subscriptions of one pattern, where they are more than a single plain one.
struct InterestMembers: Sendable {
    var plain = Members()
    var queues: [QueueName: Members] = [:]

    var isEmpty: Bool { plain.count == 0 && queues.isEmpty }
    /// The number of subscriptions.
    var count: Int { queues.values.reduce(plain.count) { $0 + $1.count } }
    /// The only subscription, if it is a plain one.
    var single: SubscriptionID? { plain.count == 1 && queues.isEmpty ? plain.items.first : nil }
    /// The bytes behind it, about.
    var byteCount: Int { queues.values.reduce(plain.byteCount) { $0 + $1.byteCount + 64 } }

    mutating func insert(_ subscription: SubscriptionID, _ queue: QueueName?) -> Bool {
        guard let queue else { return plain.insert(subscription) }
        return queues[queue, default: Members()].insert(subscription)
    }

    mutating func remove(_ subscription: SubscriptionID, _ queue: QueueName?) -> Bool {
        guard let queue else { return plain.remove(subscription) }
        let was = queues[queue]?.remove(subscription) ?? false
        if queues[queue]?.count == 0 { queues[queue] = nil }
        return was
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

    /// The bytes behind it, about.
    var byteCount: Int { items.count &* 8 &+ places.capacity &* 17 }
}
