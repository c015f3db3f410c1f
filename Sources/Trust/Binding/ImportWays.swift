import NKeys
import Subjects

/// The imports of one kind of an account, found by the subjects that arrive.
struct ImportWays: Sendable {
    let all: [FollowedImport]
    /// Where there are many, they are found by the words that their local subjects begin with.
    private var root = Branch()

    /// Those whose local subjects begin with the same words.
    private struct Branch {
        /// All of them, by their places in `all`.
        var places: [Int] = []
        /// Those that go on with a wildcard, or not at all, or are not looked into further.
        var others: [Int] = []
        /// The rest, by their next word.
        var words: [String: Branch] = [:]

        mutating func insert(_ place: Int, _ pattern: SubjectPattern, _ depth: Int) {
            places.append(place)
            if depth < ImportWays.depth, let word = ImportWays.word(pattern, depth) {
                words[word, default: Branch()].insert(place, pattern, depth + 1)
            } else {
                others.append(place)
            }
        }
    }

    /// As many as are looked through one by one.
    static let few = 8
    /// How many words are looked at.
    private static let depth = 3

    init(_ ways: [FollowedImport]) {
        all = ways
        guard ways.count > Self.few else { return }
        for (place, way) in ways.enumerated() { root.insert(place, way.renaming.local, 0) }
    }

    /// Those whose local subjects may overlap `subjects`, in the order of `all`.
    func meeting(_ subjects: SubjectPattern) -> [FollowedImport] {
        guard all.count > Self.few else { return all }
        var found: [Int] = []
        var branch = root
        for depth in 0...Self.depth {
            found += branch.others
            guard let word = Self.word(subjects, depth) else {
                // A wildcard meets every word; a subject that ends here meets none that goes on.
                if depth < subjects.tokenCount { found += branch.words.values.flatMap(\.places) }
                break
            }
            guard let next = branch.words[word] else { break }
            branch = next
        }
        return found.sorted().map { all[$0] }
    }

    /// The token at `depth`; nil for a wildcard, and beyond the end.
    private static func word(_ pattern: SubjectPattern, _ depth: Int) -> String? {
        guard let word = pattern.token(at: depth), word != "*", word != ">" else { return nil }
        return word
    }
}
