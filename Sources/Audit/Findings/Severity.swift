/// How bad a finding is, the least first.
public enum Severity: String, CaseIterable, Comparable, Hashable, Sendable {
    /// Nobody gets what is not theirs by it; to be tidied up.
    case low
    /// A weakness: one more mistake, and somebody gets what is not theirs.
    case medium
    /// Somebody can get what is not theirs, or does on servers that judge less strictly.
    case high
    /// What abuse looks like: a forged signature, another's token.
    case critical

    private var position: Int {
        switch self {
        case .low: 0
        case .medium: 1
        case .high: 2
        case .critical: 3
        }
    }

    /// The less bad first.
    public static func < (left: Severity, right: Severity) -> Bool { left.position < right.position }
}
