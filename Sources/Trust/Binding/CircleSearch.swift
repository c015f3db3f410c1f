import NKeys
import Subjects

/// Follows imports from account to account, and says whether one of them closes a circle (B-cycle).
///
/// A message on a subject that an import takes goes to the exporter under another name; there the account's mappings
/// apply, and then its own imports take the message further. The import closes a circle when on some such way there
/// are an account and a subject that the way both sets out from and comes back on: then it could be gone again.
///
/// Subjects are followed as patterns. Each step of a way is an intersection and a renaming, both exact, and a renaming
/// can be turned round; so the subjects that a way sets out from are known exactly too. What a sibling's narrower
/// subject lets through is followed as that, and the answer depends on no order. Only a mapping that computes subjects
/// (such as a partition) is taken for any subject it might give.
struct CircleSearch {
    enum Answer: Equatable {
        case none
        /// The accounts on the circle, in the order in which they are met.
        case circle([PublicKey])
        /// The budget ran out first.
        case exhausted
    }

    /// How many steps one search may take; a step follows one import from one set of subjects.
    static let standardBudget = 10_000
    /// How many accounts a way may lead through: as many as the field's servers follow.
    static let depthLimit = 1024

    /// The imports of an account that messages on these subjects may follow; some may not overlap them.
    private let ways: (PublicKey, SubjectPattern) -> [FollowedImport]
    /// The mappings of an account.
    private let mappings: (PublicKey) -> [AccountMapping]
    /// Steps that are left.
    private(set) var budget: Int

    /// Subjects that a way has come to, and the step that led there.
    private struct Visit {
        let account: PublicKey
        let subjects: SubjectPattern
        let previous: Int
        let depth: Int
        let way: FollowedImport
        let mapping: MappingStep
    }

    private var visits: [Visit] = []

    init(
        budget: Int = standardBudget, ways: @escaping (PublicKey, SubjectPattern) -> [FollowedImport],
        mappings: @escaping (PublicKey) -> [AccountMapping]
    ) {
        self.budget = budget
        self.ways = ways
        self.mappings = mappings
    }

    /// Whether `start` closes a circle with the ways there are, all of its kind; it is one of them or not.
    mutating func circle(through start: FollowedImport) -> Answer {
        visits.removeAll(keepingCapacity: true)
        var open: [Int] = []
        follow(start, from: start.renaming.local, previous: -1, &open)
        while let place = open.popLast() {
            let visit = visits[place]
            if let length = circleLength(at: place, through: start) {
                if length > 0 { return .circle(accounts(behind: place, length)) }
                continue
            }
            var next = ways(visit.account, visit.subjects)
            if visit.account == start.importer, !next.contains(where: start.isSame) { next.append(start) }
            for way in next {
                guard let part = way.renaming.local.intersection(visit.subjects) else { continue }
                if budget <= 0 || visit.depth >= Self.depthLimit { return .exhausted }
                budget &-= 1
                follow(way, from: part, previous: place, &open)
            }
        }
        return .none
    }

    private mutating func follow(
        _ way: FollowedImport, from part: SubjectPattern, previous: Int, _ open: inout [Int]
    ) {
        guard let arriving = way.renaming.outward(part) else { return }
        // Mappings are of what is published, and a stream's messages come the other way.
        let steps =
            way.kind == .service
            ? MappingStep.steps(of: arriving, through: mappings(way.exporter))
            : MappingStep.steps(of: arriving, through: [])
        for step in steps {
            open.append(visits.count)
            visits.append(
                Visit(
                    account: way.exporter, subjects: step.pattern, previous: previous,
                    depth: previous < 0 ? 1 : visits[previous].depth &+ 1, way: way, mapping: step))
        }
    }

    /// Looks back along the way to `place` for the account it has come to: nil when it never set out from there on a
    /// subject that it comes back on; otherwise how many steps ago, or 0 when `start` is not between.
    private mutating func circleLength(at place: Int, through start: FollowedImport) -> Int? {
        let arrived = visits[place]
        guard hasLeft(arrived.account, before: place) else { return nil }
        // What the way comes back on, as what it was at each place before.
        var subjects: SubjectPattern? = arrived.subjects
        var isThroughStart = false
        var length = 0
        var here = place
        while here >= 0, let now = subjects {
            let visit = visits[here]
            budget &-= 1
            subjects = visit.mapping.back(now).flatMap { visit.way.renaming.inward($0) }
            isThroughStart = isThroughStart || visit.way.isSame(as: start)
            length &+= 1
            if visit.way.importer == arrived.account, let before = subjects, before.overlaps(arrived.subjects) {
                return isThroughStart ? length : 0
            }
            here = visit.previous
        }
        return nil
    }

    /// Whether the way to `place` has set out from `account` before.
    private func hasLeft(_ account: PublicKey, before place: Int) -> Bool {
        var here = place
        while here >= 0 {
            if visits[here].way.importer == account { return true }
            here = visits[here].previous
        }
        return false
    }

    private func accounts(behind place: Int, _ length: Int) -> [PublicKey] {
        var keys: [PublicKey] = []
        var here = place
        for _ in 0..<length where here >= 0 {
            keys.append(visits[here].way.importer)
            here = visits[here].previous
        }
        return keys.reversed()
    }
}
