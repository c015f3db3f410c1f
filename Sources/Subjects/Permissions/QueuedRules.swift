/// The entries of a direction that carry a queue. All that match a subscription matter, not only the first,
/// so they are kept bit-parallel.
struct QueuedRules: Sendable {
    /// An entry's list, place and queue.
    struct Entry: Sendable {
        let list: PermissionList
        let index: Int
        let queue: SubjectPattern
    }

    private let entries: [Entry]
    private let text: RuleText
    private let matcher: BitMatcher

    init(_ entries: [Entry], text: RuleText, seed: TokenTable.Seed?) {
        // The matcher puts what denies first; entries are kept in its order.
        let order =
            entries.indices.filter { entries[$0].list == .deny } + entries.indices.filter { entries[$0].list == .allow }
        self.entries = order.map { entries[$0] }
        self.text = text
        let residuals = order.map { place in
            Residual(
                at: text.starts[place],
                verdict: (entries[place].list == .deny ? RuleVerdict.deny(place) : .allow(place)).raw)
        }
        matcher = BitMatcher(residuals, text: text, salt: seed?.low ?? .random(in: 1...(.max)), seed: seed)
    }

    /// The bytes held.
    var byteCount: Int {
        matcher.byteCount &+ text.byteCount &+ entries.reduce(0) { $0 &+ 48 &+ $1.queue.bytes.count }
    }

    /// The verdict with queue, where the plain entries say `plain`, which denies nothing.
    func verdict(_ query: RawSpan, queue: QueueName, mode: MatchMode, plain: RuleVerdict) -> RuleVerdict {
        var carriesQueue = false
        var result: RuleVerdict?
        matcher.each(query, 0, mode: mode, text: text.bytes.span.bytes) { place in
            let entry = entries[place]
            let matches = entry.queue.matches(queue)
            if entry.list == .deny {
                if matches { result = .deny(entry.index) }
                return !matches
            }
            carriesQueue = true
            if matches { result = .allow(entry.index) }
            return !matches
        }
        return result ?? (carriesQueue ? .none : plain)
    }
}

/// Holds queued rules apart, so that the many permissions without any carry one empty word for them.
final class QueuedRulesBox: Sendable {
    let rules: QueuedRules

    /// The places of the plain entries in their lists, which queued ones stand between.
    private let allowPlaces: [UInt32]
    private let denyPlaces: [UInt32]

    init(_ rules: QueuedRules, allowPlaces: [UInt32], denyPlaces: [UInt32]) {
        self.rules = rules
        self.allowPlaces = allowPlaces
        self.denyPlaces = denyPlaces
    }

    /// The bytes held.
    var byteCount: Int { rules.byteCount &+ (allowPlaces.count &+ denyPlaces.count) &* 4 }

    /// A verdict of the plain entries, with the places that they have in their lists.
    func placed(_ verdict: RuleVerdict) -> RuleVerdict {
        if verdict.isNone || verdict == .byDefault { return verdict }
        return verdict.isDeny
            ? .deny(Int(denyPlaces[verdict.index])) : .allow(Int(allowPlaces[verdict.index]))
    }
}
