import NKeys
import Trust

/// Answers that an account awaits on subjects that the broker made up.
struct AwaitedReplies {
    private var entries: [[UInt8]: AwaitedReply] = [:]

    /// As many answers are awaited in one account at most: then requests through imports are heard by nobody.
    static let limit = 1 << 18

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    subscript(subject: [UInt8]) -> AwaitedReply? {
        get { entries[subject] }
        set { entries[subject] = newValue }
    }

    subscript(subject: UnsafeBufferPointer<UInt8>) -> AwaitedReply? { entries[Array(subject)] }

    /// Takes out what has been waited for long enough at `now`.
    mutating func removeOverdue(at now: UInt64) -> [AwaitedReply] {
        var overdue: [AwaitedReply] = []
        for (subject, entry) in entries where entry.deadline <= now {
            overdue.append(entry)
            entries[subject] = nil
        }
        return overdue
    }

    /// Takes out everything of which `condition` holds.
    mutating func removeAll(where condition: (AwaitedReply) -> Bool) {
        entries = entries.filter { !condition($0.value) }
    }
}

/// An answer that is awaited.
final class AwaitedReply {
    enum Target {
        /// It goes to this subject of the account that asked.
        case account(AccountSpace, subject: [UInt8])
        /// The broker itself asked.
        case broker((ReceivedMessage) -> Void)
    }

    let target: Target
    let responses: ResponseType
    /// How long an answer is waited for, in nanoseconds.
    let threshold: UInt64
    /// Until when, in nanoseconds of the broker's clock.
    var deadline: UInt64
    /// The import that the question came through; nil for the broker's own.
    let binding: Binding?
    /// What is measured of it; nil for nothing.
    var latency: LatencyMeasurement?

    init(
        _ target: Target, responses: ResponseType, threshold: UInt64, now: UInt64, binding: Binding? = nil,
        latency: LatencyMeasurement? = nil
    ) {
        self.target = target
        self.responses = responses
        self.threshold = threshold
        deadline = now &+ min(threshold, UInt64.max &- now)
        self.binding = binding
        self.latency = latency
    }
}

/// A message that came to the broker itself.
struct ReceivedMessage {
    let subject: [UInt8]
    let reply: [UInt8]
    let headers: [UInt8]
    let payload: [UInt8]
    /// Who published it, where that was a client.
    let publisher: Session?
}
