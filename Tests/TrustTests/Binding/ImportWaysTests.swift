import NKeys
import Subjects
import Testing

@testable import Trust

/// The index of an account's imports leaves out none that a message may take.
@Suite struct ImportWaysTests {
    @Test func `no import whose local subject overlaps is missed`() throws {
        let seed = UInt64.random(in: 1...1_000_000_000)
        var generator = SeededGenerator(seed: seed)
        func pattern() throws -> SubjectPattern {
            var tokens = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                ["a", "b", "c", "*"].randomElement(using: &generator) ?? "a"
            }
            if generator.happens(20) { tokens[tokens.count - 1] = ">" }
            return try SubjectPattern(tokens.joined(separator: "."))
        }
        let (importer, exporter) = (try BindingForge.key(1), try BindingForge.key(2))
        var left = 0
        for count in [1, 8, 9, 10, 40, 300] {
            let ways = try (0..<count).compactMap { index in
                FollowedImport(
                    Import(subject: try pattern(), account: exporter, kind: .stream), of: importer, at: index)
            }
            let index = ImportWays(ways)
            for _ in 0..<200 {
                let subjects = try pattern()
                let found = index.meeting(subjects).map(\.index)
                let expected = ways.filter { $0.renaming.local.overlaps(subjects) }.map(\.index)
                #expect(Set(found).isSuperset(of: expected), "seed \(seed): \(subjects)")
                #expect(found == found.sorted(), "seed \(seed): \(subjects)")
                #expect(Set(found).count == found.count, "seed \(seed): \(subjects)")
                left += count - found.count
            }
        }
        #expect(left > 10_000, "the index leaves hardly any out")
    }
}
