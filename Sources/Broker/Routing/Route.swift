import Subjects
import Trust

/// Where messages on one subject go in one account, worked out once and used until something changes.
final class Route {
    /// The subject's bytes, as they came.
    let key: UnsafeBufferPointer<UInt8>
    let subject: Subject
    /// Plain subscriptions: each gets the message.
    let plain: [Delivery]
    /// Queue groups: one member of each gets the message.
    let queues: [QueueDelivery]
    /// Service imports that the subject leads into.
    let crossings: [ServiceCrossing]
    /// Services of the broker itself.
    let services: [BrokerService]
    /// The subscriptions of `plain`, where nothing else is to be done for a message than to write it to each of them; nil
    /// where there is.
    let direct: UnsafeBufferPointer<Unmanaged<Subscription>>?

    private let space: AccountSpace
    private let generation: UInt64
    /// What else it was worked out from: importers of the account's streams.
    private let others: [(space: AccountSpace, generation: UInt64)]

    init(_ draft: RouteDraft, in space: AccountSpace, services: [BrokerService]) {
        subject = draft.subject
        (plain, queues, crossings, others) = (draft.plain, draft.queues, draft.crossings, draft.others)
        self.services = services
        self.space = space
        generation = space.generation
        key = draft.subject.withUTF8 { bytes in
            let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
            _ = copy.initialize(from: bytes)
            return UnsafeBufferPointer(copy)
        }
        let isDirect =
            queues.isEmpty && crossings.isEmpty && services.isEmpty && plain.allSatisfy { $0.localSubject == nil }
            && !Self.mayBeReserved(key)
        if isDirect {
            let copy = UnsafeMutableBufferPointer<Unmanaged<Subscription>>.allocate(capacity: plain.count)
            // `plain` keeps them.
            _ = copy.initialize(from: plain.lazy.map { Unmanaged.passUnretained($0.subscription) })
            direct = UnsafeBufferPointer(copy)
        } else {
            direct = nil
        }
    }

    deinit {
        key.deallocate()
        direct?.deallocate()
    }

    /// Whether nothing has changed since.
    @inline(__always)
    var isCurrent: Bool {
        if generation != space.generation { return false }
        return others.isEmpty || areOthersCurrent
    }

    @inline(never)
    private var areOthersCurrent: Bool { others.allSatisfy { $0.generation == $0.space.generation } }

    /// Whether servers may keep the subject for themselves: then whoever publishes is looked at closely.
    private static func mayBeReserved(_ subject: UnsafeBufferPointer<UInt8>) -> Bool {
        subject.first == UInt8(ascii: "_") || subject.first == UInt8(ascii: "$")
    }
}

/// A route while it is being worked out.
struct RouteDraft {
    let subject: Subject
    var plain: [Delivery] = []
    var queues: [QueueDelivery] = []
    var crossings: [ServiceCrossing] = []
    var others: [(space: AccountSpace, generation: UInt64)] = []

    init(_ subject: Subject) { self.subject = subject }

    mutating func depends(on other: AccountSpace) { others.append((other, other.generation)) }
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
