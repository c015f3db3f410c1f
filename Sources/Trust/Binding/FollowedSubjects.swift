import Subjects

/// The subjects on which a message may be on its way: those of a pattern, without those of some others, which an
/// account's mappings have taken elsewhere. Never empty.
struct FollowedSubjects: Sendable {
    /// What all of them match.
    let pattern: SubjectPattern
    /// What none of them matches; each overlaps `pattern`.
    private let except: [SubjectPattern]

    /// Every subject of `pattern`.
    init(_ pattern: SubjectPattern) {
        self.pattern = pattern
        except = []
    }

    /// What `pattern` means and none of `except` does; nil when that is nothing.
    init?(_ pattern: SubjectPattern, except: [SubjectPattern]) {
        let except = except.filter { $0.overlaps(pattern) }
        guard Self.isAnythingLeft(of: pattern, without: except) else { return nil }
        self.pattern = pattern
        self.except = except
    }

    /// Those that `other` means too; nil when there are none.
    func intersection(_ other: SubjectPattern) -> FollowedSubjects? {
        guard let meet = pattern.intersection(other) else { return nil }
        return except.isEmpty ? FollowedSubjects(meet) : FollowedSubjects(meet, except: except)
    }

    /// Those that both mean; nil when there are none.
    func intersection(_ other: FollowedSubjects) -> FollowedSubjects? {
        guard let meet = pattern.intersection(other.pattern) else { return nil }
        return FollowedSubjects(meet, except: except + other.except)
    }

    /// What a renaming makes of them; nil when they are not inside its source, or become longer than subjects may be.
    func renamed(by rename: (SubjectPattern) -> SubjectPattern?) -> FollowedSubjects? {
        guard let after = rename(pattern) else { return nil }
        if except.isEmpty { return FollowedSubjects(after) }
        return FollowedSubjects(after, except: except.compactMap { $0.intersection(pattern).flatMap(rename) })
    }

    /// There are endlessly many words, so subjects of one length are all taken only where one pattern takes them. A
    /// final `>` stands for one token, or two, and so on; beyond the longest of the others nothing changes.
    private static func isAnythingLeft(of pattern: SubjectPattern, without others: [SubjectPattern]) -> Bool {
        if others.isEmpty { return true }
        if others.contains(where: { $0.contains(pattern) }) { return false }
        guard pattern.endsInRest, others.contains(where: \.endsInRest) else { return true }
        var text = String(pattern.text.dropLast())
        let longest = others.reduce(0) { max($0, $1.tokenCount) }
        for _ in pattern.tokenCount...max(pattern.tokenCount, longest) {
            text += "*"
            guard let sized = try? SubjectPattern(text) else { return true }
            if !others.contains(where: { $0.contains(sized) }) { return true }
            text += "."
        }
        return false
    }
}
