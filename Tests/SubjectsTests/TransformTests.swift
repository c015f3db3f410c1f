import Testing

@testable import Subjects

@Suite struct TransformTests {
    @Test func `a renaming turned round gives every subject back`() throws {
        var generator = SeededGenerator(seed: 21)
        for _ in 0..<300 {
            let stars = Int.random(in: 0...4, using: &generator)
            let rest = Bool.random(using: &generator) ? ".>" : ""
            let source = try SubjectPattern("s" + String(repeating: ".*", count: stars) + rest)
            let order = (1...max(1, stars)).shuffled(using: &generator).prefix(stars)
            let local = "l" + order.map { ".k.$\($0)" }.joined() + rest
            let renaming = try SubjectTransform(from: source, localSubject: local)
            let words = (0..<stars).map { _ in ["a", "*x", "b"].randomElement(using: &generator) ?? "a" }
            let subject = try Subject((["s"] + words + (rest.isEmpty ? [] : ["t", "u"])).joined(separator: "."))
            let there = try #require(renaming.apply(to: subject))
            #expect(renaming.localPattern.matches(there))
            #expect(renaming.reversed.apply(to: there) == subject)
            #expect(renaming.reversed.reversed == renaming)
            let whole = renaming.apply(to: source)
            #expect(whole == renaming.localPattern)
        }
    }

    @Test func `what a pattern means is renamed with it`() throws {
        let renaming = try SubjectTransform(from: SubjectPattern("a.*.b.>"), localSubject: "l.$1.>")
        #expect(renaming.apply(to: try SubjectPattern("a.*.b.c.>"))?.text == "l.*.c.>")
        #expect(renaming.apply(to: try SubjectPattern("a.x.b.*"))?.text == "l.x.*")
        #expect(renaming.apply(to: try SubjectPattern("a.>")) == nil)
        #expect(renaming.apply(to: try Subject("a.x.c.d")) == nil)
    }

    @Test(arguments: [
        ("a.*", "x.$0", TransformError.index), ("a.*", "x.$-1", .index),
        ("a.*.*", "x.$1.$1", .duplicate(index: 1)), ("a.*.*", "x.*.$1", .duplicate(index: 1)),
        ("a.*.*", "x.$1", .unused(used: 1, count: 2)), ("a.*", "x.$2", .wildcardOutOfRange(index: 2, count: 1)),
        ("a.b", "x.>", .restMismatch), ("a.>", "x", .restMismatch), ("a.*", "x.y", .unused(used: 0, count: 1)),
        ("a.b", "x y", .subject(SubjectError(.whitespace, token: 0, offset: 1))),
        ("a.*", "x.$99999999999999999999", .wildcardOutOfRange(index: .max, count: 1)),
    ])
    func `a renaming at fault is refused with its reason`(
        source: String, local: String, reason: TransformError
    ) throws {
        let pattern = try SubjectPattern(source)
        #expect(throws: reason) { try SubjectTransform(from: pattern, localSubject: local) }
    }

    @Test func `output is bounded`() throws {
        let source = try SubjectPattern("*")
        let transform = try MappingTransform(
            from: source, to: Array(repeating: "$1", count: 200).joined(separator: "."))
        var generator = SystemRandomNumberGenerator()
        let long = try Subject(String(repeating: "a", count: 100))
        #expect(transform.apply(to: long, using: &generator) == nil)
        let short = transform.apply(to: try Subject("a"), using: &generator)
        #expect(short?.tokenCount == 200)
    }

    @Test func `weights are kept to, and what they leave stays or is lost`() throws {
        var generator = SeededGenerator(seed: 2)
        let stay = try WeightedMapping(
            source: SubjectPattern("m"), destinations: [.init(subject: "a", weight: 30)])
        let lose = try WeightedMapping(
            source: SubjectPattern("m"),
            destinations: [.init(subject: "a", weight: 30), .init(subject: "m", weight: 1)])
        let subject = try Subject("m")
        var counts: [WeightedMapping.Outcome: Int] = [:]
        for _ in 0..<10_000 { counts[stay.apply(to: subject, using: &generator), default: 0] += 1 }
        let mapped = counts[.subject(try Subject("a"))] ?? 0
        #expect((2_700...3_300).contains(mapped) && counts[.subject(subject)] == 10_000 - mapped)
        counts = [:]
        for _ in 0..<10_000 { counts[lose.apply(to: subject, using: &generator), default: 0] += 1 }
        #expect((6_500...7_300).contains(counts[.dropped] ?? 0))
        #expect(lose.apply(to: try Subject("n"), using: &generator) == .unmatched)
    }

    @Test func `a cluster has its own destinations`() throws {
        var generator = SeededGenerator(seed: 2)
        let mapping = try WeightedMapping(
            source: SubjectPattern("m"),
            destinations: [.init(subject: "a", cluster: "c1"), .init(subject: "c")])
        let subject = try Subject("m")
        let one = mapping.apply(to: subject, in: "c1", using: &generator)
        let other = mapping.apply(to: subject, in: "c9", using: &generator)
        let names = [try Subject("a"), try Subject("c")]
        #expect(one == .subject(names[0]) && other == .subject(names[1]))
    }
}
