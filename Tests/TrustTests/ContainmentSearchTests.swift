import Subjects
import Testing

@testable import Trust

/// Which patterns contain which others, beside the plain comparison of all pairs.
@Suite struct ContainmentSearchTests {
    /// Whether the pattern at `outer` is a container of that at `inner`: of equal ones the earlier is.
    private func contains(_ patterns: [SubjectPattern], _ outer: Int, _ inner: Int) -> Bool {
        outer != inner && patterns[outer].contains(patterns[inner])
            && (outer < inner || patterns[outer] != patterns[inner])
    }

    private func expectRight(_ patterns: [SubjectPattern]) {
        var search = ContainmentSearch(patterns: patterns)
        let found = search.containments()
        #expect(!search.isExhausted)
        for (outer, inner) in found where !contains(patterns, outer, inner) {
            Issue.record("\(patterns[outer]) does not contain \(patterns[inner])")
        }
        // One container is named for each pattern that has any.
        let contained = patterns.indices.filter { inner in patterns.indices.contains { contains(patterns, $0, inner) } }
        if found.map(\.1) != contained { Issue.record("of \(patterns) found \(found)") }
    }

    private func pattern(_ mutations: inout Mutations) throws -> SubjectPattern {
        let words = ["a", "b", "ab", "*", "*x", ">x"]
        var tokens = (0..<Int.random(in: 1...6, using: &mutations)).map { _ in
            words.randomElement(using: &mutations) ?? "a"
        }
        if Int.random(in: 0..<4, using: &mutations) == 0 { tokens[tokens.count - 1] = ">" }
        return try SubjectPattern(tokens.joined(separator: "."))
    }

    @Test func `random sets of patterns are searched as the comparison of all pairs does`() throws {
        var mutations = Mutations(seed: 71)
        for round in 0..<400 {
            var patterns: [SubjectPattern] = []
            for _ in 0..<(round % 30) { patterns.append(try pattern(&mutations)) }
            expectRight(patterns)
        }
    }

    @Test func `all patterns of three tokens over two words and the wildcards are searched rightly`() throws {
        let words = ["a", "b", "*"]
        var texts = words + [">"]
        for first in words {
            for second in words + [">"] {
                texts.append("\(first).\(second)")
                if second == ">" { continue }
                for third in words + [">"] { texts.append("\(first).\(second).\(third)") }
            }
        }
        let patterns = try texts.map { try SubjectPattern($0) }
        expectRight(patterns)
        expectRight(patterns.reversed())
        expectRight(patterns.filter { !$0.endsInRest })
    }

    @Test func `literals are compared with few others, however many there are`() throws {
        let patterns = try (0..<20_000).map { try SubjectPattern("orders.region.\($0).created") }
        var search = ContainmentSearch(patterns: patterns)
        #expect(search.containments().isEmpty && !search.isExhausted)
        #expect(search.comparisons < 200_000)
    }

    @Test func `a search among patterns that all begin alike ends within its budget`() throws {
        let patterns = try (0..<6_000).map { try SubjectPattern("a.*.\($0)") }
        var search = ContainmentSearch(patterns: patterns)
        _ = search.containments()
        #expect(search.isExhausted)
        // The budget is looked at once for each pattern.
        #expect(search.comparisons <= ContentLimits.comparisons + patterns.count)
    }
}
