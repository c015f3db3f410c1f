import Subjects
import Trust

/// Whether permissions that are asked for lie within those of a source, proved by the algebra of patterns; and the
/// permissions that are issued then.
///
/// Asked for is every operation that the lists would allow by themselves: a publish on a subject, a subscription to a
/// pattern, one in a queue group. Each of them has to be one that the source's lists allow. Where one is not, it is
/// named: that *witness* is the proof that more was asked for than there is.
///
/// There are endlessly many operations, and few of them decide:
/// - A publish is on a literal subject, and literal subjects are what `SubjectSet` subtracts exactly.
/// - A subscription is admitted by one entry `e` that is asked for and contains it. Where the source has nothing that
///   admits it, or some entry `f` that refuses it (a deny, or an allow entry for other queues), then the pattern of
///   `e`, or what `e` and `f` have in common, is refused there too, and is asked for as well: it is the widest such
///   pattern, and an entry that contains it contains what is inside. So those patterns stand for all.
/// - Of the queues of one pattern the answer is again one of sets: queue names are matched as subjects are.
public enum PermissionContainment {
    /// An operation that is asked for and that the source does not allow.
    public struct Witness: Hashable, Sendable, CustomStringConvertible {
        /// Publishing or subscribing.
        public let operation: PermissionEntry.Place
        /// The subject; for a subscription a pattern, where no single subject in it shows as much.
        public let subject: SubjectPattern
        /// The queue group; nil for none.
        public let queue: QueueName?

        /// In words, without a subject longer than people read.
        public var description: String {
            let verb = operation == .publish ? "publishing on" : "subscribing to"
            let text = subject.text.utf8.count <= 256 ? subject.text : "\(subject.text.prefix(200))…"
            return "\(verb) `\(text)`" + (queue.map { " in the queue group `\($0.text.prefix(200))`" } ?? "")
        }
    }

    /// What the question came to.
    public enum Answer: Hashable, Sendable {
        /// All that is asked for is allowed there.
        case contained
        /// This is asked for and not allowed there.
        case outside(Witness)
        /// There was too much to compare. It says nothing, and is a refusal.
        case exhausted
    }

    /// How many patterns are compared, and subjects tried, unless the caller says otherwise: a tenth of a second or so.
    public static let budget = 2_000_000

    /// Whether everything that `request` allows is allowed by `source`.
    ///
    /// Response permissions are not asked for: an answer to a request that was received belongs to no list. With one,
    /// the absence of a list for publishing allows nothing.
    public static func judge(
        _ request: PermissionClaims, within source: PermissionClaims, budget: Int = budget
    ) -> Answer {
        switch publishing(of: request).subtracting(publishing(of: source), budget: budget) {
        case .none: break
        case .witness(let subject):
            return .outside(Witness(operation: .publish, subject: subject.pattern, queue: nil))
        case .exhausted: return .exhausted
        }
        var search = SubscriptionSearch(request, source, budget: budget)
        return search.run()
    }

    /// The permissions that are issued to whoever asked for `request` and was found to be within `source`: those, and
    /// beside them everything that the source denies, whether or not it was asked for, and its response permission.
    public static func narrowed(_ source: PermissionClaims, to request: PermissionClaims) -> PermissionClaims {
        var issued = request
        issued.publishDeny = joined(request.publishDeny, source.publishDeny)
        issued.subscribeDeny = joined(request.subscribeDeny, source.subscribeDeny)
        issued.responses = source.responses
        return explicit(issued)
    }

    /// The same permissions, so written that every reader takes them alike: an allow list that is there and empty
    /// allows nothing here, and is none to the real server where the deny list is empty too. So all is denied beside
    /// it.
    public static func explicit(_ permissions: PermissionClaims) -> PermissionClaims {
        var explicit = permissions
        let all = [PermissionEntry(pattern: .all)]
        if permissions.publishAllow?.isEmpty == true { explicit.publishDeny = joined(permissions.publishDeny, all) }
        if permissions.subscribeAllow?.isEmpty == true {
            explicit.subscribeDeny = joined(permissions.subscribeDeny, all)
        }
        return explicit
    }

    private static func joined(_ first: [PermissionEntry]?, _ second: [PermissionEntry]?) -> [PermissionEntry]? {
        guard let first, let second else { return first ?? second }
        let known = Set(first)
        return first + second.filter { !known.contains($0) }
    }

    private static func publishing(of permissions: PermissionClaims) -> SubjectSet {
        let standard: [SubjectPattern] = permissions.responses == nil ? [.all] : []
        return SubjectSet(
            permissions.publishAllow?.map(\.pattern) ?? standard,
            except: permissions.publishDeny?.map(\.pattern) ?? [])
    }
}

/// Looks through the patterns that stand for all subscriptions.
private struct SubscriptionSearch {
    /// The lists for subscribing, entries with a queue apart. Without an allow list everything is allowed, as by `>`.
    struct Lists {
        var allow: [SubjectPattern] = []
        var deny: [SubjectPattern] = []
        var queuedAllow: [PermissionEntry] = []
        var queuedDeny: [PermissionEntry] = []

        init(_ permissions: PermissionClaims) {
            for entry in permissions.subscribeAllow ?? [PermissionEntry(pattern: .all)] {
                if entry.queue == nil { allow.append(entry.pattern) } else { queuedAllow.append(entry) }
            }
            for entry in permissions.subscribeDeny ?? [] {
                if entry.queue == nil { deny.append(entry.pattern) } else { queuedDeny.append(entry) }
            }
        }

        var count: Int { allow.count + deny.count + queuedAllow.count + queuedDeny.count }

        /// Whether a plain subscription is allowed.
        func admits(_ pattern: SubjectPattern) -> Bool {
            !deny.contains { $0.contains(pattern) } && allow.contains { $0.contains(pattern) }
        }

        /// The queues in which a subscription is allowed.
        func queues(of pattern: SubjectPattern) -> SubjectSet {
            if deny.contains(where: { $0.contains(pattern) }) { return SubjectSet([]) }
            var queues = queuedAllow.filter { $0.pattern.contains(pattern) }.compactMap(\.queue)
            if queues.isEmpty, allow.contains(where: { $0.contains(pattern) }) { queues = [.all] }
            return SubjectSet(
                queues, except: queuedDeny.filter { $0.pattern.contains(pattern) }.compactMap(\.queue))
        }

        func admits(_ pattern: SubjectPattern, _ queue: QueueName?) -> Bool {
            guard let queue else { return admits(pattern) }
            guard let name = try? Subject(queue.text) else { return false }
            return queues(of: pattern).contains(name)
        }
    }

    let asked: Lists
    let source: Lists
    var left: Int

    init(_ request: PermissionClaims, _ source: PermissionClaims, budget: Int) {
        asked = Lists(request)
        self.source = Lists(source)
        left = budget
    }

    mutating func run() -> PermissionContainment.Answer {
        let others =
            source.deny + source.queuedDeny.map(\.pattern) + source.queuedAllow.map(\.pattern)
        for pattern in asked.allow + asked.queuedAllow.map(\.pattern) {
            if let answer = judge(pattern) { return answer }
            for other in others {
                left -= 1
                guard left > 0 else { return .exhausted }
                guard let common = pattern.intersection(other), common != pattern else { continue }
                if let answer = judge(common) { return answer }
            }
        }
        return .contained
    }

    /// An answer where this pattern gives one; nil where what is asked for of it is allowed.
    private mutating func judge(_ pattern: SubjectPattern) -> PermissionContainment.Answer? {
        left -= 2 * (asked.count + source.count)
        guard left > 0 else { return .exhausted }
        if asked.admits(pattern), !source.admits(pattern) { return outside(pattern, nil) }
        // Nearly always: no entry with a queue is about it, and the plain answer is the answer for every queue.
        if asked.queuedAllow.isEmpty, asked.queuedDeny.isEmpty, source.queuedAllow.isEmpty, source.queuedDeny.isEmpty {
            return nil
        }
        switch asked.queues(of: pattern).subtracting(source.queues(of: pattern), budget: left) {
        case .none: return nil
        case .witness(let name):
            guard let queue = try? QueueName(name.text) else { return .exhausted }
            return outside(pattern, queue)
        case .exhausted: return .exhausted
        }
    }

    /// The witness: one subject where one shows it, else the pattern.
    private func outside(_ pattern: SubjectPattern, _ queue: QueueName?) -> PermissionContainment.Answer {
        let allowed = source.allow + source.queuedAllow.map(\.pattern)
        let found = SubjectSet([pattern], except: asked.deny).subtracting(
            SubjectSet(allowed, except: source.deny), budget: max(0, left))
        var subject = pattern
        if case .witness(let literal) = found {
            let single = literal.pattern
            if asked.admits(single, queue), !source.admits(single, queue) { subject = single }
        }
        return .outside(.init(operation: .subscribe, subject: subject, queue: queue))
    }
}
