import NKeys
import Trust

/// Answers that an account awaits on subjects that the broker made up.
struct AwaitedReplies {
    private var entries: [[UInt8]: AwaitedReply] = [:]
    /// What each account asked, the oldest first, so that none of them can take the room of another.
    private var asked: [AwaitedReply.Asker: Asked] = [:]

    /// As many answers one account awaits of another at most: beyond, the question that it asked first is forgotten.
    static let limit = 1 << 16

    private struct Asked {
        /// In the order of asking; those that were answered stand here for a while.
        var subjects: [[UInt8]] = []
        /// Where those begin that were not looked at.
        var first = 0
        /// How many are awaited still.
        var count = 0
    }

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    subscript(subject: [UInt8]) -> AwaitedReply? {
        get { entries[subject] }
        set {
            remove(subject)
            if let newValue { insert(newValue, at: subject) }
        }
    }

    private mutating func remove(_ subject: [UInt8]) {
        guard let old = entries.removeValue(forKey: subject) else { return }
        asked[old.asker]?.count -= 1
        if asked[old.asker]?.count == 0 { asked[old.asker] = nil }
    }

    private mutating func insert(_ entry: AwaitedReply, at subject: [UInt8]) {
        let asker = entry.asker
        while (asked[asker]?.count ?? 0) >= Self.limit, let oldest = takeOldest(of: asker) { remove(oldest) }
        entries[subject] = entry
        asked[asker, default: Asked()].subjects.append(subject)
        asked[asker, default: Asked()].count += 1
        compact(asker)
    }

    /// The question of an account that was asked first and is not answered.
    private mutating func takeOldest(of asker: AwaitedReply.Asker) -> [UInt8]? {
        while let list = asked[asker], list.first < list.subjects.count {
            asked[asker]?.first += 1
            if entries[list.subjects[list.first]]?.asker == asker { return list.subjects[list.first] }
        }
        return nil
    }

    /// Forgets those that were answered, once they are more than those that were not.
    private mutating func compact(_ asker: AwaitedReply.Asker) {
        guard let list = asked[asker], list.subjects.count > 2 * list.count + 1024 else { return }
        asked[asker]?.subjects = list.subjects[list.first...].filter { entries[$0]?.asker == asker }
        asked[asker]?.first = 0
    }

    subscript(subject: UnsafeBufferPointer<UInt8>) -> AwaitedReply? { entries[Array(subject)] }

    /// Takes out what has been waited for long enough at `now`.
    mutating func removeOverdue(at now: UInt64) -> [AwaitedReply] {
        var overdue: [AwaitedReply] = []
        for (subject, entry) in entries where entry.deadline <= now {
            overdue.append(entry)
            remove(subject)
        }
        return overdue
    }

    /// Takes out everything of which `condition` holds.
    mutating func removeAll(where condition: (AwaitedReply) -> Bool) {
        for (subject, entry) in entries where condition(entry) { remove(subject) }
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

    /// Who asked: an account, or the broker.
    typealias Asker = ObjectIdentifier?

    let target: Target
    /// Who asked.
    let asker: Asker
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
        asker = if case .account(let space, _) = target { ObjectIdentifier(space) } else { nil }
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
