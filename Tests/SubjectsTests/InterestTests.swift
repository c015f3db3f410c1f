import Testing

@testable import Subjects

@Suite struct InterestTests {
    private struct Held: Hashable {
        let id: SubscriptionID
        let pattern: String
        let queue: String?
    }

    private static func expectSame(_ interest: Interest, _ held: Set<Held>, _ literal: String) throws {
        var matches = InterestMatches()
        interest.match(try Subject(literal), into: &matches)
        let hits = held.filter { Oracle.matches($0.pattern, literal) }
        let plain = hits.filter { $0.queue == nil }.map(\.id.rawValue).sorted()
        #expect(matches.plain.map(\.rawValue).sorted() == plain, "\(literal)")
        let groups = Dictionary(grouping: hits.filter { $0.queue != nil }, by: { $0.queue ?? "" })
            .mapValues { $0.map(\.id.rawValue).sorted() }
        let got = Dictionary(
            matches.queues.map { ($0.name.text, $0.members.map(\.rawValue).sorted()) }, uniquingKeysWith: { $0 + $1 })
        #expect(got == groups, "\(literal)")
        let any = interest.hasInterest(in: try Subject(literal))
        #expect(any != hits.isEmpty)
    }

    @Test(arguments: [UInt64(1), 2, 3]) func `random inserts and removals keep the structure whole`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let words = ["a", "b", "*x", "a-word-that-is-longer-than-any-slot", "a-word-that-is-longer-than-any-sloth"]
        let patterns = SmallWorld.patterns(words, depth: 3)
        let literals = SmallWorld.sequences(words + ["c"], depth: 4)
        var interest = Interest()
        var held: Set<Held> = []
        for step in 0..<3_000 {
            let generation = interest.generation
            // Grow first, then shrink, then hover.
            let growing = step < 1_000 ? 80 : step < 2_000 ? 20 : 50
            let insert = Int.random(in: 0..<100, using: &generator) < growing
            let known = insert ? nil : held.randomElement(using: &generator)
            let one =
                known
                ?? Held(
                    id: SubscriptionID(.random(in: 0..<40, using: &generator)),
                    pattern: patterns.randomElement(using: &generator) ?? "a",
                    queue: [nil, nil, "q", "r"].randomElement(using: &generator) ?? nil)
            let pattern = try SubjectPattern(one.pattern)
            let queue = try one.queue.map { try QueueName($0) }
            if insert {
                let isNew = interest.insert(one.id, to: pattern, queue: queue)
                #expect(held.insert(one).inserted == isNew)
            } else {
                let was = interest.remove(one.id, from: pattern, queue: queue)
                let expected = held.remove(one) != nil
                #expect(was == expected)
            }
            #expect(interest.count == held.count && interest.generation >= generation)
            if step % 16 == 0 || step < 64 {
                #expect(interest.isConsistent, "after step \(step)")
                try Self.expectSame(interest, held, literals.randomElement(using: &generator) ?? "a")
            }
        }
        for one in held {
            interest.remove(
                one.id, from: try SubjectPattern(one.pattern), queue: try one.queue.map { try QueueName($0) })
        }
        #expect(interest.count == 0 && interest.patternCount == 0 && interest.isConsistent)
    }

    @Test func `every pattern against every literal`() throws {
        let patterns = SmallWorld.patterns(["a", "b"], depth: 3)
        var interest = Interest()
        var held: Set<Held> = []
        for (place, pattern) in patterns.enumerated() {
            let queue = place % 3 == 0 ? "q" : nil
            let id = SubscriptionID(UInt64(place))
            interest.insert(id, to: try SubjectPattern(pattern), queue: try queue.map { try QueueName($0) })
            held.insert(Held(id: id, pattern: pattern, queue: queue))
        }
        for literal in SmallWorld.sequences(["a", "b", "c"], depth: 4) { try Self.expectSame(interest, held, literal) }
    }

    @Test func `a copy is a snapshot that later changes leave alone`() throws {
        var interest = Interest()
        interest.insert(SubscriptionID(1), to: try SubjectPattern("a.*"))
        let snapshot = interest
        interest.remove(SubscriptionID(1), from: try SubjectPattern("a.*"))
        let subject = try Subject("a.b")
        #expect(snapshot.hasInterest(in: subject))
        #expect(!interest.hasInterest(in: subject))
    }

    @Test func `many members of one pattern come and go`() throws {
        var interest = Interest()
        let pattern = try SubjectPattern("a")
        for number in 0..<1_000 { interest.insert(SubscriptionID(UInt64(number)), to: pattern) }
        let again = interest.insert(SubscriptionID(7), to: pattern)
        #expect(!again)
        for number in 0..<1_000 where number % 2 == 0 {
            let was = interest.remove(SubscriptionID(UInt64(number)), from: pattern)
            #expect(was)
        }
        var matches = InterestMatches()
        interest.match(try Subject("a"), into: &matches)
        let odd = (0..<500).map { number in UInt64(number * 2 + 1) }
        #expect(matches.plain.map(\.rawValue).sorted() == odd)
    }
}
