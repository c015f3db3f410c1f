/// The replies that one connection may still send by its response permission.
///
/// A request's reply subject is remembered when the request is delivered, and forgotten when it was used as
/// often as allowed or its time is over. At most `capacity` are remembered; beyond that the oldest is forgotten.
/// Time is a parameter: nanoseconds of any clock that does not go back.
public struct ReplyLedger: Sendable {
    private struct Pending: Sendable {
        var used: Int
        var since: UInt64
        var serial: UInt64
    }

    /// The permission that it keeps to.
    public let permission: ResponsePermission
    private let capacity: Int
    private var pending: [Subject: Pending] = [:]
    /// In the order of recording, from `head`; one whose serial is not its subject's any more is out of date.
    private var order: [(subject: Subject, serial: UInt64)] = []
    private var head = 0
    private var serial: UInt64 = 0

    /// An empty ledger. A capacity below 1 is taken as 1.
    public init(_ permission: ResponsePermission, capacity: Int = SubjectLimits.pendingReplies) {
        self.permission = permission
        self.capacity = max(1, capacity)
    }

    /// How many replies are remembered, some perhaps out of time.
    public var count: Int { pending.count }

    /// Remembers a reply subject, because a request that carries it is delivered. Recorded again, it starts
    /// anew. The caller leaves out replies that may be published anyway.
    public mutating func received(reply: Subject, at now: UInt64) {
        serial &+= 1
        pending[reply] = Pending(used: 0, since: now, serial: serial)
        order.append((reply, serial))
        while head < order.count {
            let oldest = order[head]
            let entry = pending[oldest.subject]
            if entry?.serial == oldest.serial {
                guard pending.count > capacity || isOver(entry, now) else { break }
                pending[oldest.subject] = nil
            }
            head &+= 1
        }
        tidy()
    }

    /// Whether a reply on `subject` may be sent now; if so it counts as sent.
    public mutating func admits(_ subject: Subject, at now: UInt64) -> Bool {
        guard var entry = pending[subject] else { return false }
        if isOver(entry, now) {
            pending[subject] = nil
            return false
        }
        guard let limit = permission.limit else { return true }
        entry.used &+= 1
        pending[subject] = entry.used >= limit ? nil : entry
        return true
    }

    private func isOver(_ entry: Pending?, _ now: UInt64) -> Bool {
        guard let entry, let nanoseconds = permission.nanoseconds else { return false }
        return now > entry.since && now &- entry.since > nanoseconds
    }

    /// Keeps the order no longer than a few times what is pending, at a constant cost for each recording.
    private mutating func tidy() {
        guard head > 64 && head > order.count / 2 || order.count &- head > 2 &* pending.count &+ 64 else { return }
        order = order[head...].filter { pending[$0.subject]?.serial == $0.serial }
        head = 0
    }
}

extension Permissions {
    /// Whether a message may be published on `subject`, by the lists or else as a reply that `replies` admits;
    /// the latter counts as sent. A reply that was asked for passes whatever a deny says of its subject.
    public func decide(publish subject: Subject, replies: inout ReplyLedger, at now: UInt64) -> Decision {
        let decision = decide(publish: subject)
        if decision.isAllowed { return decision }
        return replies.admits(subject, at: now) ? Decision(.byReply) : decision
    }

    /// Notes in `replies` that a request with this reply subject is delivered, unless it may be published anyway.
    public func noteDelivery(reply: Subject, in replies: inout ReplyLedger, at now: UInt64) {
        if !decide(publish: reply).isAllowed { replies.received(reply: reply, at: now) }
    }
}
