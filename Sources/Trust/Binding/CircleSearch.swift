import NKeys
import Subjects

/// Follows imports from account to account, and says whether one of them closes a circle (B-cycle).
///
/// A message on a subject that an import takes goes to the exporter under another name; there the account's mappings
/// apply, and then its own imports take the message further. A way, which is a sequence of such steps, closes a circle
/// when there are an account and a subject that the way both sets out from and comes back on. In other words: when some
/// message can go it twice in a row.
///
/// Subjects are followed as patterns. Each step of a way is an intersection and a renaming, both exact, and a renaming
/// can be turned round; so the subjects that a way sets out from are known exactly too. What a sibling's narrower
/// subject lets through is followed as that, and the answer depends on no order. Only a mapping that computes subjects
/// (such as a partition) is taken for any subject it might give.
///
/// A circle through an import may begin at any account on it, and there only: a message that can go twice round from one
/// account may not come round twice from the next. So every way from the import back to its own account is tried from
/// each account on it.
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
        let step: CircleStep
        let subjects: FollowedSubjects
        let previous: Int
        let depth: Int
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
        follow(start, from: FollowedSubjects(start.renaming.local), previous: -1, &open)
        while let place = open.popLast() {
            let (subjects, depth) = (visits[place].subjects, visits[place].depth)
            let account = visits[place].step.way.exporter
            var next = ways(account, subjects.pattern)
            if account == start.importer {
                if isCircle(place, through: start) { return .circle(steps(to: place).map(\.way.importer)) }
                if !next.contains(where: start.isSame) { next.append(start) }
            }
            for way in next where way.renaming.local.overlaps(subjects.pattern) {
                if budget <= 0 || depth >= Self.depthLimit { return .exhausted }
                budget &-= 1
                follow(way, from: subjects, previous: place, &open)
            }
        }
        return .none
    }

    private mutating func follow(
        _ way: FollowedImport, from subjects: FollowedSubjects, previous: Int, _ open: inout [Int]
    ) {
        let mappings = way.kind == .service ? mappings(way.exporter) : []
        for step in CircleStep.steps(through: way, subjects, mappings) {
            guard let after = step.forward(subjects) else { continue }
            open.append(visits.count)
            visits.append(
                Visit(
                    step: step, subjects: after, previous: previous,
                    depth: previous < 0 ? 1 : visits[previous].depth &+ 1))
        }
    }

    /// The steps of the way to `place`, the first one first.
    private func steps(to place: Int) -> [CircleStep] {
        var steps: [CircleStep] = []
        var here = place
        while here >= 0 {
            steps.append(visits[here].step)
            here = visits[here].previous
        }
        return steps.reversed()
    }

    /// Whether the way through `start` to `place`, which leads back to where it began, can be gone twice in a row from
    /// some account on it.
    ///
    /// Gone twice from the account after `count` steps, it is the rest of the way, the way, and its first `count` steps.
    private mutating func isCircle(_ place: Int, through start: FollowedImport) -> Bool {
        let arrived = visits[place].subjects
        if arrived.intersection(start.renaming.local) == nil { return false }
        let way = steps(to: place)
        var end = arrived
        for count in way.indices {
            budget &-= 2 &* way.count
            let rest = way[count...].reduce(Optional(FollowedSubjects(way[count].way.renaming.local))) {
                $0?.through($1)
            }
            let begin = (way + way[..<count]).reversed().reduce(Optional(end)) { $0?.before($1) }
            if let rest, let begin, rest.intersection(begin) != nil { return true }
            guard let further = way[count].forward(end) else { return false }
            end = further
        }
        return false
    }
}

extension FollowedSubjects {
    fileprivate func through(_ step: CircleStep) -> FollowedSubjects? { step.forward(self) }
    fileprivate func before(_ step: CircleStep) -> FollowedSubjects? { step.back(self) }
}
