/// A set of subjects: what any of some patterns means, less what any of others does.
///
/// Questions about such sets have exact answers with a proof that can be shown: a *witness*, a concrete subject
/// that is in one and not in the other.
///
/// Words are without end, so a word that stands in no pattern is the hardest one to exclude: a subject made of a
/// pattern by putting such a word for each `*`, and one or more for a final `>`, is in the excluded patterns
/// only when everything like it is. So a few subjects stand for all, and each is looked up in a compiled matcher:
/// as many lookups as there are patterns, times the depth of the excluded ones for those that end in `>`.
public struct SubjectSet: Sendable {
    /// What a question about two sets came to.
    public enum Answer: Hashable, Sendable {
        /// There is no such subject.
        case none
        /// There is, and this is one.
        case witness(Subject)
        /// The budget was used up, or the subject that would prove it is longer than a subject may be. It says
        /// nothing of the sets.
        case exhausted
    }

    /// What is in it.
    public let allow: [SubjectPattern]
    /// What is not, although `allow` says so.
    public let except: [SubjectPattern]
    private let allowed: PatternMatcher
    private let excepted: PatternMatcher

    /// The subjects of `allow` that are none of `except`.
    public init(_ allow: [SubjectPattern], except: [SubjectPattern] = []) {
        self.allow = allow
        self.except = except
        allowed = PatternMatcher(allow)
        excepted = PatternMatcher(except)
    }

    /// Whether `subject` is in the set.
    public func contains(_ subject: Subject) -> Bool {
        allowed.matches(subject.bytes.span.bytes) && !excepted.matches(subject.bytes.span.bytes)
    }

    /// A subject that is in this set and not in `other`. There is none exactly when this is a subset of it.
    ///
    /// - Parameter budget: how many subjects may be tried.
    public func subtracting(_ other: SubjectSet, budget: Int = SubjectLimits.algebraSteps) -> Answer {
        var search = WitnessSearch(budget: budget)
        // Not in the other because none of its patterns admits it.
        let excluded = except + other.allow
        search.run(allow, outside: PatternMatcher(excluded), of: excluded) { contains($0) && !other.contains($0) }
        if search.answer != .none { return search.answer }
        // Not in the other because it excepts it.
        if other.except.isEmpty { return .none }
        return search.meets(allow, other.except, outside: excepted, of: except) {
            contains($0) && !other.contains($0)
        }
    }

    /// A subject that is in both sets.
    ///
    /// - Parameter budget: how many subjects may be tried.
    public func intersection(_ other: SubjectSet, budget: Int = SubjectLimits.algebraSteps) -> Answer {
        var search = WitnessSearch(budget: budget)
        let excluded = except + other.except
        return search.meets(allow, other.allow, outside: PatternMatcher(excluded), of: excluded) {
            contains($0) && other.contains($0)
        }
    }
}

/// Patterns compiled to say whether any matches.
struct PatternMatcher: Sendable {
    private let matcher: Matcher

    init(_ patterns: [SubjectPattern]) {
        var text = RuleText()
        for pattern in patterns { text.append(pattern.bytes.span) }
        text.finish()
        matcher = MatcherBuilder.compile(text: text, allowCount: patterns.count, standard: .none)
    }

    func matches(_ query: RawSpan) -> Bool { !matcher.verdict(query, mode: .literal).isNone }
}

/// Looks for one subject among those that stand for all.
struct WitnessSearch {
    private var left: Int
    private(set) var answer = SubjectSet.Answer.none

    init(budget: Int) { left = budget }

    /// Tries the subjects of each pattern. `proves` is the question itself, asked of what was found.
    mutating func run(
        _ patterns: [SubjectPattern], outside excluded: PatternMatcher, of list: [SubjectPattern],
        _ proves: (Subject) -> Bool
    ) {
        let word = FreshWord.outside(list)
        let depth = list.reduce(0) { max($0, $1.tokenCount) }
        for pattern in patterns where answer == .none {
            tryAll(pattern, word, depth: depth, outside: excluded, proves)
        }
    }

    /// Tries the subjects that each pair of patterns has in common.
    mutating func meets(
        _ patterns: [SubjectPattern], _ others: [SubjectPattern], outside excluded: PatternMatcher,
        of list: [SubjectPattern], _ proves: (Subject) -> Bool
    ) -> SubjectSet.Answer {
        let word = FreshWord.outside(list)
        let depth = list.reduce(0) { max($0, $1.tokenCount) }
        for pattern in patterns {
            for other in others where answer == .none {
                left &-= 1
                if left < 0 {
                    answer = .exhausted
                } else if let meet = pattern.intersection(other) {
                    tryAll(meet, word, depth: depth, outside: excluded, proves)
                }
            }
        }
        return answer
    }

    private mutating func tryAll(
        _ pattern: SubjectPattern, _ word: [UInt8], depth: Int, outside excluded: PatternMatcher,
        _ proves: (Subject) -> Bool
    ) {
        let stem = pattern.tokenCount &- (pattern.endsInRest ? 1 : 0)
        // Behind the deepest excluded pattern one more word changes nothing.
        let most = pattern.endsInRest ? min(SubjectLimits.depth &- stem, max(1, depth &- stem &+ 1)) : 0
        var extra = pattern.endsInRest ? 1 : 0
        while extra <= most {
            left &-= 1
            if left < 0 {
                answer = .exhausted
                return
            }
            let bytes = FreshWord.fill(pattern, with: word, rest: extra)
            if !excluded.matches(bytes.span.bytes) {
                guard let subject = try? Subject(utf8: bytes.span), proves(subject) else {
                    answer = .exhausted
                    return
                }
                answer = .witness(subject)
                return
            }
            extra &+= 1
        }
    }
}

/// A word that stands in no pattern of a list.
enum FreshWord {
    private static let letters = Array("xyzabcdefghijklmnopqrstuvw0123456789".utf8)

    /// The first in the order of length and letters.
    static func outside(_ patterns: [SubjectPattern]) -> [UInt8] {
        var words: Set<[UInt8]> = []
        for pattern in patterns {
            for token in pattern.bytes.split(separator: Bytes.dot) where token.count <= 4 { words.insert(Array(token)) }
        }
        var candidates = letters.map { [$0] }
        while true {
            if let found = candidates.first(where: { !words.contains($0) }) { return found }
            candidates = candidates.flatMap { stem in letters.map { stem + [$0] } }
        }
    }

    /// The pattern with `word` for each `*`, and `rest` times for the final `>`.
    static func fill(_ pattern: SubjectPattern, with word: [UInt8], rest: Int) -> [UInt8] {
        var result: [UInt8] = []
        for (place, token) in pattern.bytes.split(separator: Bytes.dot).enumerated() {
            if place > 0 { result.append(Bytes.dot) }
            if token.elementsEqual([Bytes.star]) {
                result += word
            } else if token.elementsEqual([Bytes.rest]) {
                for step in 0..<rest {
                    if step > 0 { result.append(Bytes.dot) }
                    result += word
                }
            } else {
                result += token
            }
        }
        return result
    }
}
