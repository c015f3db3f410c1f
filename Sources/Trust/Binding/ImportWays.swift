import NKeys
import Subjects

/// The imports of one kind of an account, found by the subjects that arrive.
struct ImportWays: Sendable {
    let all: [FollowedImport]
    /// Where there are many: those whose local subject begins with a word, by that word.
    private var byWord: [String: [FollowedImport]] = [:]
    /// The others.
    private var others: [FollowedImport] = []

    /// As many as are looked through one by one.
    static let few = 8

    init(_ ways: [FollowedImport]) {
        all = ways
        guard ways.count > Self.few else { return }
        for way in ways {
            if let word = Self.word(way.renaming.local) {
                byWord[word, default: []].append(way)
            } else {
                others.append(way)
            }
        }
    }

    /// Those whose local subjects may overlap `subjects`.
    func meeting(_ subjects: SubjectPattern) -> [FollowedImport] {
        guard all.count > Self.few, let word = Self.word(subjects) else { return all }
        return (byWord[word] ?? []) + others
    }

    /// The first token; nil for a wildcard.
    private static func word(_ pattern: SubjectPattern) -> String? {
        guard let first = pattern.token(at: 0), first != "*", first != ">" else { return nil }
        return first
    }
}
