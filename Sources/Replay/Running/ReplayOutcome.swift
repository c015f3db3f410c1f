/// What a target did with the import of a world.
public enum ReplayOutcome: Equatable, Sendable {
    /// The import works.
    case accepted
    /// It was judged, and refused by these rules.
    case refused(rules: [String])
    /// It does not work; how that showed.
    case stopped(String)
    /// It could not be tried, and nothing is known.
    case notTried(String)
}
