/// What a target did with the import of a world, or with an upload.
public enum ReplayOutcome: Equatable, Sendable {
    /// It works.
    case accepted
    /// It was judged, and refused by these rules.
    case refused(rules: [String])
    /// It does not work; how that showed.
    case stopped(String)
    /// It was refused, and yet what is stored has changed by it.
    case changed
    /// The target says one thing and another of it; which.
    case inconsistent(String)
    /// It could not be tried, and nothing is known.
    case notTried(String)
}
