import Testing

@testable import Subjects

/// What holds of all permissions, tried on random ones.
@Suite struct PermissionsLawTests {
    static let patterns = SmallWorld.patterns(["a", "b"], depth: 3)
    static let literals = SmallWorld.sequences(["a", "b", "x"], depth: 4)

    private struct Case {
        let allow: [String]?
        let deny: [String]
        let other: String
    }

    private static func some(_ most: Int, _ generator: inout SeededGenerator) -> [String] {
        (0..<Int.random(in: 0...most, using: &generator)).compactMap { _ in patterns.randomElement(using: &generator) }
    }

    private static func compile(_ allow: [String]?, _ deny: [String]) throws -> Permissions {
        try Permissions(publishAllow: allow, publishDeny: deny, subscribeAllow: allow, subscribeDeny: deny)
    }

    private static func allowed(_ permissions: Permissions) throws -> Set<String> {
        Set(try literals.filter { permissions.decide(publish: try Subject($0)).isAllowed })
            .union(
                try patterns.filter { permissions.decide(subscribe: try SubjectPattern($0)).isAllowed }.map {
                    "sub " + $0
                })
    }

    private static func each(_ body: ([String], [String], String) throws -> Void) throws {
        var generator = SeededGenerator(seed: 99)
        for _ in 0..<80 {
            try body(some(12, &generator), some(6, &generator), patterns.randomElement(using: &generator) ?? "a")
        }
    }

    @Test func `deny wins`() throws {
        try Self.each { allow, deny, other in
            let subject = try Subject(SubjectPattern(other).text.replacingWildcards())
            let permissions = try Self.compile(allow + [other, ">"], deny + [other])
            #expect(!permissions.decide(publish: subject).isAllowed)
            #expect(!permissions.decide(subscribe: try SubjectPattern(other)).isAllowed)
        }
    }

    @Test func `nothing is allowed unless some allow says so`() throws {
        try Self.each { allow, deny, _ in
            let permissions = try Self.compile(allow, deny)
            for literal in try Self.allowed(permissions) where !literal.hasPrefix("sub ") {
                #expect(allow.contains { Oracle.matches($0, literal) })
            }
            let none = try Self.compile([], deny)
            #expect(try Self.allowed(none).isEmpty)
        }
    }

    @Test func `order does not matter`() throws {
        var generator = SeededGenerator(seed: 5)
        try Self.each { allow, deny, _ in
            let one = try Self.allowed(Self.compile(allow, deny))
            let other = try Self.allowed(
                Self.compile(allow.shuffled(using: &generator), deny.shuffled(using: &generator)))
            #expect(one == other)
        }
    }

    @Test func `adding a deny never allows, adding an allow never denies`() throws {
        try Self.each { allow, deny, other in
            let before = try Self.allowed(Self.compile(allow, deny))
            #expect(try Self.allowed(Self.compile(allow, deny + [other])).isSubset(of: before))
            #expect(try Self.allowed(Self.compile(allow + [other], deny)).isSuperset(of: before))
        }
    }

    @Test func `containing is transitive`() throws {
        let all = try Self.patterns.map { try SubjectPattern($0) }
        for one in all {
            for other in all where one.contains(other) {
                for third in all where other.contains(third) { #expect(one.contains(third)) }
            }
        }
    }

    @Test func `the entry that decided says so by itself`() throws {
        try Self.each { allow, deny, _ in
            let permissions = try Self.compile(allow, deny)
            for literal in Self.literals {
                let decision = permissions.decide(publish: try Subject(literal))
                switch decision.cause {
                case .allow(let index): #expect(decision.isAllowed && Oracle.matches(allow[index], literal))
                case .deny(let index): #expect(!decision.isAllowed && Oracle.matches(deny[index], literal))
                case .notAllowed: #expect(!allow.contains { Oracle.matches($0, literal) })
                case .noAllowList, .reply: Issue.record("there is an allow list, and no reply")
                }
            }
        }
    }

    @Test func `a denial of a subscription names the plain or queued entry`() throws {
        let permissions = try Permissions(
            publishAllow: nil, publishDeny: [], subscribeAllow: ["a.> q", "b", "a.>"],
            subscribeDeny: ["x", "a.b r", "b"])
        let pattern = try SubjectPattern("a.b")
        #expect(permissions.decide(subscribe: pattern).cause == .allow(index: 2))
        #expect(permissions.decide(subscribe: try SubjectPattern("b")).cause == .deny(index: 2))
        #expect(permissions.decide(subscribe: pattern, queue: try QueueName("q")).cause == .allow(index: 0))
        #expect(permissions.decide(subscribe: pattern, queue: try QueueName("r")).cause == .deny(index: 1))
        #expect(permissions.decide(subscribe: pattern, queue: try QueueName("z")).cause == .notAllowed)
    }

    @Test func `equal lists share one compiled set, and unused ones go`() throws {
        var table = PermissionsTable()
        let lists = try PermissionLists(allow: ["a.>"], in: .publish)
        let one = try table.permissions(publish: lists, subscribe: PermissionLists())
        let other = try table.permissions(publish: lists, subscribe: PermissionLists())
        #expect(one.isShared(with: other))
        _ = try table.permissions(publish: PermissionLists(), subscribe: PermissionLists())
        #expect(table.count == 2)
        table.removeUnused()
        #expect(table.count == 1)
        withExtendedLifetime((one, other)) {}
    }

    @Test func `an entry that is no valid pattern refuses the whole value and is named`() throws {
        #expect(
            throws: PermissionsError.entry(
                .subscribe, .deny, index: 1, SubjectError(.restNotLast, token: 1, offset: 2))
        ) {
            try Permissions(publishAllow: ["a"], publishDeny: [], subscribeAllow: nil, subscribeDeny: ["a", "a.>.b"])
        }
        #expect(throws: PermissionsError.self) {
            try Permissions(publishAllow: ["a q"], publishDeny: [], subscribeAllow: nil, subscribeDeny: [])
        }
    }

    @Test func `a ledger forgets the oldest beyond its capacity`() throws {
        var ledger = ReplyLedger(ResponsePermission(max: -1, ttl: -1), capacity: 100)
        for number in 0..<1_000 { ledger.received(reply: try Subject("r.\(number)"), at: 0) }
        #expect(ledger.count == 100)
        let last = ledger.admits(try Subject("r.999"), at: 0)
        let first = ledger.admits(try Subject("r.899"), at: 0)
        #expect(last && !first)
        for number in 0..<100_000 { ledger.received(reply: try Subject("r.\(number % 3)"), at: UInt64(number)) }
        #expect(ledger.count == 100)
    }
}

extension String {
    /// The pattern with a word for each wildcard.
    fileprivate func replacingWildcards() -> String {
        split(separator: ".").map { $0 == "*" || $0 == ">" ? "x" : String($0) }.joined(separator: ".")
    }
}
