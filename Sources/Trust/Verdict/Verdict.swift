/// The outcome of a judgement: the proof that it gives, or every rule that stands against it.
public enum Verdict<Proof> {
    /// Everything that was asked holds. The warnings are rules that the policy relaxes, and remarks.
    case accepted(Proof, warnings: [Finding])
    /// At least one rule failed.
    case refused(Refusal)

    /// Whether the proof was given.
    public var isAccepted: Bool {
        if case .accepted = self { true } else { false }
    }

    /// The proof, if it was given.
    public var proof: Proof? {
        if case .accepted(let proof, _) = self { proof } else { nil }
    }

    /// The failed rules in catalogue order, none when accepted.
    public var failures: [Finding] {
        if case .refused(let refusal) = self { refusal.failures } else { [] }
    }

    /// The warnings in catalogue order.
    public var warnings: [Finding] {
        switch self {
        case .accepted(_, let warnings): warnings
        case .refused(let refusal): refusal.warnings
        }
    }

    /// Rules that could not be judged because an earlier one left nothing to judge, in catalogue order.
    public var notJudged: [Rule] {
        if case .refused(let refusal) = self { refusal.notJudged } else { [] }
    }

    /// The same verdict over another proof.
    public func map<Other>(_ transform: (Proof) -> Other) -> Verdict<Other> {
        switch self {
        case .accepted(let proof, let warnings): .accepted(transform(proof), warnings: warnings)
        case .refused(let refusal): .refused(refusal)
        }
    }
}

extension Verdict: Sendable where Proof: Sendable {}

/// Why something was refused: every failed rule, in catalogue order, and what could not be judged.
public struct Refusal: Hashable, Sendable {
    /// The failed rules, in catalogue order; never empty.
    public let failures: [Finding]
    /// Rules that failed but that the policy relaxes, and remarks.
    public let warnings: [Finding]
    /// Rules that could not be judged.
    public let notJudged: [Rule]

    /// A refusal for `first` and `others`.
    public init(_ first: Finding, _ others: [Finding] = [], warnings: [Finding] = [], notJudged: [Rule] = []) {
        failures = ([first] + others).inCatalogueOrder()
        self.warnings = warnings.inCatalogueOrder()
        self.notJudged = Set(notJudged).subtracting(failures.map(\.rule)).sorted()
    }
}

extension [Finding] {
    /// Sorted by rule, keeping the order of findings of one rule, each once.
    public func inCatalogueOrder() -> [Finding] {
        guard count > 1 else { return self }
        var seen: Set<Finding> = []
        let unique = filter { seen.insert($0).inserted }
        return unique.enumerated()
            .sorted { ($0.element.rule, $0.offset) < ($1.element.rule, $1.offset) }
            .map(\.element)
    }
}
