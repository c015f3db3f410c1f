/// One of the things that may become of messages on one subject under an account mapping, and of how many of them.
public struct MappingShare: Hashable, Sendable {
    /// What becomes of a message.
    public enum Image: Hashable, Sendable {
        /// It goes to this subject. A pattern with wildcards stands for one of its subjects, which chance decides.
        case subject(SubjectPattern)
        /// It is lost on purpose, by weights that do not reach 100.
        case dropped
        /// The transform makes no valid subject of it.
        case invalid
    }

    /// What becomes of the messages.
    public let image: Image
    /// How many of a hundred; never 0.
    public let percent: Int
}

extension WeightedMapping {
    /// The clusters that have destinations of their own, in the order of their names.
    public var clusters: [String] { choices.keys.filter { !$0.isEmpty }.sorted() }

    /// Everything that may become of messages on `subject` in a cluster, in the order of the destinations; nothing
    /// where the source does not match.
    public func shares(of subject: Subject, in cluster: String = "") -> [MappingShare] {
        guard source.matches(subject) else { return [] }
        var left = 100
        var shares: [MappingShare] = []
        for choice in choices[cluster] ?? choices[""] ?? [] {
            left &-= choice.weight
            let image = choice.transform.map { $0.image(of: subject) } ?? subject.pattern
            shares.append(MappingShare(image: image.map { .subject($0) } ?? .invalid, percent: choice.weight))
        }
        if left > 0 { shares.append(MappingShare(image: .dropped, percent: left)) }
        return shares
    }
}
