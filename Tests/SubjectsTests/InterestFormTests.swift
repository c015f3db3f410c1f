import Testing

@testable import Subjects

/// The forms that an `Interest` takes: buckets that split and merge, memory that is moved together, collisions.
@Suite struct InterestFormTests {
    private static func match(_ interest: Interest, _ literal: String) throws -> [UInt64] {
        var matches = InterestMatches()
        interest.match(try Subject(literal), into: &matches)
        return matches.plain.map(\.rawValue).sorted()
    }

    /// Every bucket form: what ends here, `>`, `*`, words that fill a key, words that do not fit one.
    private static let tails = [
        "", ".>", ".*", ".*.z", ".seven77", ".eight888", ".fifteen-fifteen", ".sixteen-sixteen-", ".a.b.c.d",
        ".a-word-that-is-longer-than-any-slot.>", ".a-word-that-is-longer-than-any-slot.*.x", ".*x",
    ]

    @Test(arguments: ["p", "a.b.c.d.e.f", "*.*", "sixteen-sixteen-.sixteen-sixteen+", "x.*.a-word-longer-than-a-slot"])
    func `a bucket splits when it is crowded and merges when few are left`(stem: String) throws {
        var interest = Interest()
        var held: [(id: UInt64, pattern: String)] = []
        for (place, tail) in Self.tails.enumerated() {
            held.append((UInt64(place), stem + tail))
            interest.insert(SubscriptionID(UInt64(place)), to: try SubjectPattern(stem + tail))
            #expect(interest.isConsistent, "after \(stem + tail)")
            #expect((interest.trie.nodeCount > 0) == (place >= InterestTrie.crowd))
            try Self.expectAll(interest, held)
        }
        while let last = held.popLast() {
            let was = interest.remove(SubscriptionID(last.id), from: try SubjectPattern(last.pattern))
            #expect(was && interest.isConsistent, "after \(last.pattern)")
            #expect((interest.trie.nodeCount > 0) == (held.count > InterestTrie.few))
            try Self.expectAll(interest, held)
        }
        #expect(interest.trie.byteCount <= InterestTrie().byteCount * 8 && interest.byteCount < 100)
    }

    private static func expectAll(_ interest: Interest, _ held: [(id: UInt64, pattern: String)]) throws {
        for (_, pattern) in held {
            for filler in ["a", "sixteen-sixteen-", "z"] {
                let literal = pattern.split(separator: ".").map { $0 == "*" || $0 == ">" ? filler : String($0) }
                    .joined(separator: ".")
                let expected = held.filter { Oracle.matches($0.pattern, literal) }.map(\.id).sorted()
                #expect(try match(interest, literal) == expected, "\(literal)")
            }
        }
    }

    @Test func `one pattern that comes and goes at the edge moves nothing each time`() throws {
        var interest = Interest()
        for number in 0..<InterestTrie.crowd {
            interest.insert(SubscriptionID(UInt64(number)), to: try SubjectPattern("a.w\(number)"))
        }
        let pattern = try SubjectPattern("a.w")
        for _ in 0..<100 {
            interest.insert(SubscriptionID(99), to: pattern)
            #expect(interest.trie.nodeCount == 2)
            interest.remove(SubscriptionID(99), from: pattern)
            #expect(interest.trie.nodeCount == 2 && interest.isConsistent)
        }
    }

    @Test(arguments: [UInt64(0), 1, 7]) func `collisions cost steps and no answers`(mask: UInt64) throws {
        var generator = SeededGenerator(seed: mask &+ 11)
        var seed = TokenTable.Seed.random()
        seed.mask = mask
        var interest = Interest(InterestTrie(seed: seed))
        var held: [String: UInt64] = [:]
        let patterns = SmallWorld.patterns(["a", "b", "c", "a-word-that-is-longer-than-any-slot"], depth: 3)
        for step in 0..<2_000 {
            let pattern = patterns.randomElement(using: &generator) ?? "a"
            if let known = held.removeValue(forKey: pattern) {
                interest.remove(SubscriptionID(known), from: try SubjectPattern(pattern))
            } else {
                held[pattern] = UInt64(step)
                interest.insert(SubscriptionID(UInt64(step)), to: try SubjectPattern(pattern))
            }
            #expect(interest.isConsistent, "after step \(step)")
            if interest.trie.nodeCount > 0, step % 8 == 0 {
                let literal = pattern.replacing("*", with: "a").replacing(">", with: "b.c")
                let expected = held.filter { Oracle.matches($0.key, literal) }.map(\.value).sorted()
                #expect(try Self.match(interest, literal) == expected, "\(literal)")
            }
        }
    }

    @Test func `a run that grows too long is spread anew`() throws {
        var seed = TokenTable.Seed.random()
        seed.mask = 0
        var interest = Interest(InterestTrie(seed: seed))
        func displaced() -> Int {
            let slots = interest.trie.table.slots
            return slots.filter { $0 != .max && $0 >> 32 == 0 }.count
        }
        for number in 0..<250 {
            interest.insert(SubscriptionID(UInt64(number)), to: try SubjectPattern("w\(number)"))
        }
        #expect(displaced() == 250 && interest.isConsistent)
        for number in 250..<300 {
            interest.insert(SubscriptionID(UInt64(number)), to: try SubjectPattern("w\(number)"))
        }
        #expect(displaced() < 10 && interest.isConsistent)
        for number in 0..<300 { #expect(try Self.match(interest, "w\(number)") == [UInt64(number)]) }
    }

    @Test func `a long word whose hash is that of another is told from it`() throws {
        let (word, other) = (
            try SubjectPattern("a-word-longer-than-a-key"), try SubjectPattern("a-word-longer-than-a-kez")
        )
        var (text, otherText) = (InterestText(), InterestText())
        text.set(word)
        otherText.set(other)
        let token = text.token(0, salt: 5)
        #expect(token.isLong)
        for (stored, isFound) in [(text, true), (otherText, false)] {
            var arena = InterestArena()
            var table = InterestTable()
            let child = arena.allocate(.bucket, parent: 0, token, stored.bytes.span.bytes, 0, body: 1)
            table.insert(child, in: arena)
            let found = table.find(
                0, token, text.bytes.span.bytes, 0, blocks: arena.words.span.bytes, slots: table.slots.span.bytes)
            #expect((found == child) == isFound)
        }
    }

    @Test func `memory follows the patterns that are left`() throws {
        let patterns = try (0..<20_000).map { try SubjectPattern("word\($0 % 97).with\($0).a.long-and-longer-tail") }
        var interest = Interest()
        for (number, pattern) in patterns.enumerated() { interest.insert(SubscriptionID(UInt64(number)), to: pattern) }
        #expect(interest.isConsistent)
        let full = interest
        var rest = Interest()
        for (number, pattern) in patterns.enumerated() {
            if number % 50 == 0 {
                rest.insert(SubscriptionID(UInt64(number)), to: pattern)
            } else {
                interest.remove(SubscriptionID(UInt64(number)), from: pattern)
            }
        }
        #expect(interest.isConsistent && full.isConsistent && interest.patternCount == 400)
        #expect(interest.byteCount < rest.byteCount * 5, "\(interest.byteCount) and \(rest.byteCount)")
        for number in stride(from: 0, to: 20_000, by: 7) {
            let literal = patterns[number].text
            #expect(try Self.match(interest, literal) == (number % 50 == 0 ? [UInt64(number)] : []))
            #expect(try Self.match(full, literal) == [UInt64(number)])
        }
    }

    @Test func `patterns of the greatest depth and length come and go`() throws {
        let deep = Array(repeating: "a", count: SubjectLimits.depth - 1).joined(separator: ".")
        let long = String(repeating: "x", count: SubjectLimits.length - deep.utf8.count - 3)
        let patterns = (0..<9).map { "\(deep).\($0)" } + ["\(deep).>", "\(deep).*", "\(deep).\(long)"]
        var interest = Interest()
        for (number, pattern) in patterns.enumerated() {
            interest.insert(SubscriptionID(UInt64(number)), to: try SubjectPattern(pattern))
        }
        #expect(interest.isConsistent && interest.trie.nodeCount == SubjectLimits.depth)
        #expect(try Self.match(interest, "\(deep).3") == [3, 9, 10])
        #expect(try Self.match(interest, "\(deep).\(long)") == [9, 10, 11])
        #expect(try Self.match(interest, deep) == [])
        for (number, pattern) in patterns.enumerated() {
            interest.remove(SubscriptionID(UInt64(number)), from: try SubjectPattern(pattern))
            #expect(interest.isConsistent)
        }
    }

    /// Every mix of a word and a star over ten tokens, and every pattern of twelve tokens of which half are stars:
    /// a walk that goes on twice at each token.
    @Test(arguments: [true, false]) func `a match looks at no more than what matches the beginning`(
        all: Bool
    ) throws {
        let depth = all ? 10 : 12
        let sets = (0..<(1 << depth)).filter { all || $0.nonzeroBitCount == depth / 2 }
        let patterns = sets.map { set in
            (0..<depth).map { set >> $0 & 1 == 1 ? "*" : "a" }.joined(separator: ".") + ".z"
        }
        var interest = Interest()
        for (number, pattern) in patterns.enumerated() {
            interest.insert(SubscriptionID(UInt64(number)), to: try SubjectPattern(pattern))
        }
        #expect(interest.isConsistent)
        var generator = SeededGenerator(seed: 4)
        var stack: [UInt64] = []
        for _ in 0..<20 {
            let tokens = (0..<depth).map { _ in Int.random(in: 0..<10, using: &generator) < 8 ? "a" : "b" } + ["z"]
            let subject = try Subject(tokens.joined(separator: "."))
            var found: [UInt64] = []
            let work = interest.trie.walk(subject.bytes.span.bytes, stack: &stack) { _, payload in
                found.append(payload)
                return true
            }
            let expected = patterns.indices.filter { Oracle.matches(patterns[$0], subject.text) }.map { UInt64($0) }
            #expect(found.sorted() == expected)
            #expect(work <= InterestTrie.crowd * Self.beginnings(patterns, tokens), "\(subject)")
        }
    }

    /// How many different beginnings of patterns, of no token and more, match the beginning of a subject.
    private static func beginnings(_ patterns: [String], _ tokens: [String]) -> Int {
        var found: Set<[Substring]> = []
        for pattern in patterns {
            let parts = pattern.split(separator: ".")
            for count in 0...parts.count {
                if count > 0, parts[count - 1] != "*", String(parts[count - 1]) != tokens[count - 1] { break }
                found.insert(Array(parts.prefix(count)))
            }
        }
        return found.count
    }
}
