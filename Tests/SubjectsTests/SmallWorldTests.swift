import Testing

@testable import Subjects

@Suite struct SmallWorldTests {
    static let words = ["a", "b"]
    static let patterns = SmallWorld.patterns(words, depth: 3)
    // A word of its own stands for all that no pattern names.
    static let literals = SmallWorld.sequences(words + ["c"], depth: 4)

    /// What each pattern means, worked out once: the literals, and the patterns that it contains.
    static let means = Dictionary(
        uniqueKeysWithValues: patterns.map { one in (one, literals.map { Oracle.matches(one, $0) }) })
    static let holds = Dictionary(
        uniqueKeysWithValues: patterns.map { one in (one, patterns.map { Oracle.contains(one, $0) }) })

    private static func admitted(
        _ table: [String: [Bool]], _ allow: [String], _ deny: [String], _ place: Int
    ) -> Bool {
        !deny.contains { table[$0]?[place] ?? false } && allow.contains { table[$0]?[place] ?? false }
    }

    private static func expectSame(
        _ permissions: Permissions, _ allow: [String], _ deny: [String], _ subjects: [Subject],
        _ queries: [SubjectPattern]
    ) {
        let differing = subjects.indices.filter {
            permissions.decide(publish: subjects[$0]).isAllowed != admitted(means, allow, deny, $0)
        }
        #expect(differing.isEmpty, "allow \(allow), deny \(deny), publish \(differing.map { subjects[$0] })")
        let wrong = queries.indices.filter {
            permissions.decide(subscribe: queries[$0]).isAllowed != admitted(holds, allow, deny, $0)
        }
        #expect(wrong.isEmpty, "allow \(allow), deny \(deny), subscribe \(wrong.map { queries[$0] })")
    }

    @Test func `every pattern against every literal`() throws {
        let subjects = try Self.literals.map { try Subject($0) }
        for text in Self.patterns {
            let pattern = try SubjectPattern(text)
            for (literal, subject) in zip(Self.literals, subjects) {
                #expect(pattern.matches(subject) == Oracle.matches(text, literal), "\(text) and \(literal)")
            }
        }
    }

    @Test func `every pair of patterns contains, overlaps and meets as sets do`() throws {
        for one in Self.patterns {
            let left = try SubjectPattern(one)
            let mine = Set(Self.literals.filter { Oracle.matches(one, $0) })
            for other in Self.patterns {
                let right = try SubjectPattern(other)
                let theirs = Set(Self.literals.filter { Oracle.matches(other, $0) })
                #expect(left.contains(right) == theirs.isSubset(of: mine), "\(one) contains \(other)")
                #expect(left.contains(right) == Oracle.contains(one, other), "\(one) contains \(other), read aloud")
                #expect(left.overlaps(right) == !mine.isDisjoint(with: theirs), "\(one) overlaps \(other)")
                let both = left.intersection(right)
                let meet = both.map { meet in Set(Self.literals.filter { Oracle.matches(meet.text, $0) }) } ?? []
                #expect(meet == mine.intersection(theirs), "\(one) meets \(other)")
            }
        }
    }

    @Test func `every pair of rules, one allowing and one denying, against every literal and pattern`() throws {
        let subjects = try Self.literals.map { try Subject($0) }
        let queries = try Self.patterns.map { try SubjectPattern($0) }
        for allow in Self.patterns {
            for deny in Self.patterns {
                let permissions = try Permissions(
                    publishAllow: [allow], publishDeny: [deny], subscribeAllow: [allow], subscribeDeny: [deny])
                Self.expectSame(permissions, [allow], [deny], subjects, queries)
            }
        }
    }

    /// Sets chosen so that every kind of state is built, against everything.
    @Test(arguments: [4, 12, 40]) func `random sets of many rules against every literal and pattern`(size: Int) throws {
        var generator = SeededGenerator(seed: 7 + UInt64(size))
        let subjects = try Self.literals.map { try Subject($0) }
        let queries = try Self.patterns.map { try SubjectPattern($0) }
        for _ in 0..<60 {
            let allow = (0..<size).map { _ in Self.patterns.randomElement(using: &generator) ?? "a" }
            let deny = (0..<(size / 4)).map { _ in Self.patterns.randomElement(using: &generator) ?? "a" }
            for seed in [nil, TokenTable.Seed(low: 1, high: 2, mask: 0)] {
                let permissions = try Permissions(
                    publishAllow: allow, publishDeny: deny, subscribeAllow: allow, subscribeDeny: deny,
                    responses: nil, seed: seed)
                Self.expectSame(permissions, allow, deny, subjects, queries)
            }
        }
    }
}
