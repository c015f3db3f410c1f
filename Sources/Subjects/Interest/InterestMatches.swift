/// What a message goes to; see `Interest.match`.
public struct InterestMatches: Sendable {
    /// The plain subscriptions: each gets the message.
    public internal(set) var plain: [SubscriptionID] = []
    /// The queue groups: one member of each gets the message. Groups of one name under several patterns are one
    /// group.
    public internal(set) var queues: [(name: QueueName, members: [SubscriptionID])] = []
    /// The walk's.
    var stack: [UInt64] = []

    /// No matches yet.
    public init() {}

    @inline(__always)
    mutating func clear() {
        // Telling that nothing is there costs less than removing it.
        if !plain.isEmpty { plain.removeAll(keepingCapacity: true) }
        if !queues.isEmpty { queues.removeAll(keepingCapacity: true) }
    }

    @inline(never)
    mutating func add(_ members: InterestMembers) {
        members.plain.appendAll(to: &plain)
        for (queue, members) in members.queues { add(queue, members) }
    }

    private mutating func add(_ queue: QueueName, _ members: Members) {
        if let known = queues.firstIndex(where: { $0.name == queue }) {
            members.appendAll(to: &queues[known].members)
        } else {
            queues.append((queue, members.items))
        }
    }
}
