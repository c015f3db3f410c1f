/// Collects what a judgement finds, and asks the policy what each finding means.
struct Judgement {
    let policy: Policy
    private(set) var failures: [Finding] = []
    private(set) var warnings: [Finding] = []
    private(set) var notJudged: [Rule] = []

    init(_ policy: Policy) { self.policy = policy }

    /// A rule failed: a failure, or a warning where the policy relaxes the rule.
    mutating func fail(_ rule: Rule, at place: Place, _ detail: Detail) {
        add(Finding(rule, at: place, detail))
    }

    mutating func add(_ finding: Finding) {
        if policy.relaxed.contains(finding.rule) {
            warnings.append(finding)
        } else {
            failures.append(finding)
        }
    }

    /// A rule failed in a way that leaves nothing to go on with, so that no policy can relax it.
    mutating func refuse(_ rule: Rule, at place: Place, _ detail: Detail) {
        failures.append(Finding(rule, at: place, detail))
    }

    mutating func warn(_ rule: Rule, at place: Place, _ detail: Detail) {
        warnings.append(Finding(rule, at: place, detail))
    }

    mutating func couldNotJudge(_ rules: [Rule]) { notJudged.append(contentsOf: rules) }

    /// Takes over what another judgement found. Its policy has spoken already.
    mutating func merge<Proof>(_ verdict: Verdict<Proof>) {
        failures.append(contentsOf: verdict.failures)
        warnings.append(contentsOf: verdict.warnings)
        notJudged.append(contentsOf: verdict.notJudged)
    }

    var hasFailed: Bool { !failures.isEmpty }

    /// The refusal, if anything failed.
    var refusal: Refusal? {
        guard let first = failures.first else { return nil }
        return Refusal(first, Array(failures.dropFirst()), warnings: warnings, notJudged: notJudged)
    }

    /// The verdict: `proof` when nothing failed.
    func verdict<Proof>(_ proof: @autoclosure () -> Proof) -> Verdict<Proof> {
        if let refusal { return .refused(refusal) }
        return .accepted(proof(), warnings: warnings.inCatalogueOrder())
    }
}
