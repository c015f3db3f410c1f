import Subjects
import Trust

/// Where messages on one subject go in one account, worked out once and used until something changes.
final class Route {
    /// The subject's bytes, as they came.
    let key: [UInt8]
    let subject: Subject
    /// Plain subscriptions: each gets the message.
    var plain: [Delivery] = []
    /// Queue groups: one member of each gets the message.
    var queues: [QueueDelivery] = []
    /// Service imports that the subject leads into.
    var crossings: [ServiceCrossing] = []
    /// Services of the broker itself.
    var services: [BrokerService] = []
    /// Whether no client may publish here, whatever its permissions.
    let isReserved: Bool

    private let space: AccountSpace
    private let generation: UInt64
    /// What else it was worked out from: importers of the account's streams.
    private var others: [(space: AccountSpace, generation: UInt64)] = []

    init(key: [UInt8], subject: Subject, in space: AccountSpace) {
        self.key = key
        self.subject = subject
        self.space = space
        generation = space.generation
        isReserved = key.withUnsafeBufferPointer { space.isReserved($0) }
    }

    func depends(on other: AccountSpace) { others.append((other, other.generation)) }

    /// Whether nothing has changed since.
    @inline(__always)
    var isCurrent: Bool {
        if generation != space.generation { return false }
        return others.isEmpty || areOthersCurrent
    }

    @inline(never)
    private var areOthersCurrent: Bool { others.allSatisfy { $0.generation == $0.space.generation } }
}

/// One way out of a route.
struct Delivery {
    let subscription: Subscription
    /// The subject that the subscriber sees, where it is not the route's: the message comes through a stream import.
    let localSubject: [UInt8]?
}

/// A queue group.
struct QueueDelivery {
    let name: QueueName
    var members: [Delivery]
}

/// A service import that a subject leads into.
struct ServiceCrossing {
    let binding: Binding
    let exporter: AccountSpace
    /// The subject on the exporter's side, before its mappings.
    let target: Subject
}
