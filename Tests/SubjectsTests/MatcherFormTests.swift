import Testing

@testable import Subjects

/// The forms that a compiled set takes when merging would explode, and what they cost.
@Suite struct MatcherFormTests {
    /// Every pattern of `count` tokens of which half are `a` and half are stars.
    static func antichain(_ count: Int) -> [String] {
        (0..<(1 << count)).filter { $0.nonzeroBitCount == count / 2 }.map { mask in
            (0..<count).map { mask >> $0 & 1 == 1 ? "a" : "*" }.joined(separator: ".") + ".z"
        }
    }

    /// Rules below `*` beside many words with rules of their own: too many to merge into each.
    static let wide =
        (0..<400).map { "w\($0).x\($0 % 7).y" } + (0..<400).map { "w\($0).*.z\($0 % 11)" }
        + (0..<300).map { "*.s\($0).>" } + (0..<300).map { "*.*.t\($0)" }

    private static func text(_ patterns: [String]) throws -> RuleText {
        var text = RuleText()
        for one in patterns {
            let pattern = try SubjectPattern(one)
            text.append(pattern.bytes.span)
        }
        text.finish()
        return text
    }

    private static func compile(
        _ patterns: [String], seed: TokenTable.Seed? = nil, workFactor: Int = MatcherBuilder.standardWork
    ) throws -> Matcher {
        MatcherBuilder.compile(
            text: try text(patterns), allowCount: patterns.count, standard: .none, seed: seed,
            workFactor: workFactor)
    }

    private static func says(_ matcher: Matcher, _ query: String, _ mode: MatchMode) -> Bool {
        let bytes = Array(query.utf8)
        let verdict = matcher.verdict(bytes.span.bytes, mode: mode)
        return !verdict.isNone
    }

    /// Words and stars at random: no two states are alike, so merging them would double with each token.
    static let dense = dense(600, tokens: 12)

    static func dense(_ count: Int, tokens: Int) -> [String] {
        var generator = SeededGenerator(seed: 17)
        return (0..<count).map { _ in
            (0..<tokens).map { _ in ["a", "b", "*", "*"].randomElement(using: &generator) ?? "*" }.joined(
                separator: ".")
        }
    }

    @Test func `dense wildcards become bit-parallel, small and right`() throws {
        let matcher = try Self.compile(Self.dense, workFactor: 0)
        #expect(matcher.forms.contains(.bits))
        #expect(matcher.byteCount < Self.dense.count * 400)
        var generator = SeededGenerator(seed: 3)
        for round in 0..<60 {
            let words = round % 2 == 0 ? ["a", "b"] : ["a", "b", "*", "c"]
            let query = (0..<12).map { _ in words.randomElement(using: &generator) ?? "a" }.joined(separator: ".")
            let expected = Self.dense.contains { Oracle.contains($0, query) }
            #expect(Self.says(matcher, query, .pattern) == expected, "\(query)")
        }
    }

    /// A budget of next to nothing makes bitmaps of all but the smallest sets.
    @Test(arguments: [0, 1, 2]) func `every form says the same`(workFactor: Int) throws {
        let patterns = SmallWorld.patterns(["a", "b"], depth: 3)
        let literals = SmallWorld.sequences(["a", "b", "x"], depth: 4)
        var generator = SeededGenerator(seed: 8)
        for size in [5, 9, 30, 80] {
            let rules = (0..<size).compactMap { _ in patterns.randomElement(using: &generator) }
            let matcher = try Self.compile(rules, workFactor: workFactor)
            if workFactor == 0, size > 20 { #expect(matcher.forms.contains(.bits)) }
            for query in literals {
                let expected = rules.contains { Oracle.matches($0, query) }
                #expect(Self.says(matcher, query, .literal) == expected, "\(rules) and \(query)")
            }
            for query in patterns {
                let expected = rules.contains { Oracle.contains($0, query) }
                #expect(Self.says(matcher, query, .pattern) == expected, "\(rules) and \(query)")
            }
        }
    }

    @Test func `an antichain is decided rightly and kept small`() throws {
        let rules = Self.antichain(10)
        let matcher = try Self.compile(rules)
        #expect(matcher.byteCount < rules.count * 200)
        for mask in 0..<1024 {
            let subject = (0..<10).map { mask >> $0 & 1 == 1 ? "a" : "b" }.joined(separator: ".") + ".z"
            #expect(Self.says(matcher, subject, .literal) == (mask.nonzeroBitCount >= 5), "\(subject)")
        }
    }

    @Test func `wide sets fork, and both ways are walked`() throws {
        let matcher = try Self.compile(Self.wide)
        #expect(matcher.forms.contains(.fork))
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<200 {
            let first = ["w\(Int.random(in: 0..<450, using: &generator))", "v"].randomElement(using: &generator) ?? "v"
            let second = ["s3", "x1", "q", "*"].randomElement(using: &generator) ?? "q"
            let third = ["y", "z3", "t5", "u"].randomElement(using: &generator) ?? "u"
            let query = "\(first).\(second).\(third)"
            let expected = Self.wide.contains { Oracle.contains($0, query) }
            #expect(Self.says(matcher, query, .pattern) == expected, "\(query)")
        }
    }

    @Test func `every mix of a word and a star becomes few states`() throws {
        let rules = (0..<1024).map { mask in
            (0..<10).map { mask >> $0 & 1 == 1 ? "*" : "a" }.joined(separator: ".") + ".z"
        }
        let matcher = try Self.compile(rules)
        #expect(!matcher.forms.contains(.bits) && !matcher.forms.contains(.fork))
        #expect(Self.says(matcher, "a.b.a.b.a.b.a.b.a.b.z", .literal))
    }

    @Test func `a collision made on purpose cannot give a wrong answer`() throws {
        let rules = (0..<300).map { "word\($0).a" } + (0..<40).map { "a-word-longer-than-a-slot-\($0).b" }
        let matcher = try Self.compile(rules, seed: TokenTable.Seed(low: 0, high: 0, mask: 0))
        for query in rules + rules.map({ $0 + "x" }) + ["word300.a", "a-word-longer-than-a-slot-40.b"] {
            #expect(Self.says(matcher, query, .literal) == rules.contains(query), "\(query)")
        }
    }

    /// Words that all meet under one seed are apart under another, so a set cannot be prepared in advance.
    @Test func `words made to collide under one seed are spread by the next`() throws {
        let known = TokenTable.Seed(low: 0x1234_5678_9abc_def1, high: 0x0fed_cba9_8765_4321)
        var colliding: [TokenTable.Slot] = []
        var word = 0
        while colliding.count < 400 {
            let bytes = Array("w\(word)".utf8)
            let token = TokenKey(bytes.span.bytes, at: 0, salt: 1)
            if known.narrowed(to: 2048).place(1, token.low, token.high) < 8 {
                colliding.append(TokenTable.Slot(key: 1 << 32, low: token.low, high: token.high, extra: 0))
            }
            word += 1
        }
        #expect(TokenTable(colliding, seed: known).longestRun >= 400)
        #expect(TokenTable(colliding, seed: nil).longestRun <= TokenTable.runLimit)
        let places = colliding.indices.map { UInt32($0 + 1) }
        #expect(EdgeIndex(colliding, places: places, seed: known).longestRun >= 400)
        #expect(EdgeIndex(colliding, places: places, seed: nil).longestRun <= TokenTable.runLimit)
    }
}
