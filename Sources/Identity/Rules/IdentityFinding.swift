import Trust

/// One rule that failed, of either catalogue: which, where, and what is wrong and to be done. Never holds a token or a
/// secret.
public struct IdentityFinding: Hashable, Sendable {
    /// The code of the rule, for example `F-audience` or `T-expired`.
    public let code: String
    /// Where it failed: a parameter, a claim, a member of the configuration; empty for the whole.
    public let place: String
    /// What is wrong, in one line.
    public let message: String

    /// A rule of identity.
    public init(_ rule: IdentityRule, at place: String, _ message: String) {
        (code, self.place, self.message) = (rule.code, place, message)
    }

    /// A rule of the trust model, which failed inside `place`.
    public init(_ finding: Finding, in place: String) {
        let inner = finding.place.description
        code = finding.rule.code
        self.place = inner.isEmpty ? place : place.isEmpty ? inner : "\(place).\(inner)"
        message = finding.message
    }
}

/// What a judgement came to: the proof, or why not; the list of failures is never empty.
public enum IdentityVerdict<Proof> {
    case accepted(Proof, warnings: [IdentityFinding])
    case refused(IdentityRefusal)

    /// The proof; nil when refused.
    public var proof: Proof? {
        if case .accepted(let proof, _) = self { proof } else { nil }
    }

    /// What failed; empty when accepted.
    public var failures: [IdentityFinding] {
        if case .refused(let refusal) = self { refusal.failures } else { [] }
    }

    /// What is reported beside the verdict.
    public var warnings: [IdentityFinding] {
        switch self {
        case .accepted(_, let warnings): warnings
        case .refused(let refusal): refusal.warnings
        }
    }
}

extension IdentityVerdict: Sendable where Proof: Sendable {}

/// Why something was refused: at least one finding.
public struct IdentityRefusal: Error, Hashable, Sendable {
    /// What failed, in the order in which it was judged; never empty.
    public let failures: [IdentityFinding]
    /// What is reported beside it.
    public let warnings: [IdentityFinding]

    /// A refusal.
    public init(_ first: IdentityFinding, _ others: [IdentityFinding] = [], warnings: [IdentityFinding] = []) {
        failures = [first] + others
        self.warnings = warnings
    }

    /// A refusal by one rule.
    public init(_ rule: IdentityRule, at place: String, _ message: String) {
        self.init(IdentityFinding(rule, at: place, message))
    }
}
