/// A token as it was judged: what it says, accepted or not, and what its rules found. What a refused token says proves
/// nothing, and is told all the same.
public struct JudgedToken: Sendable {
    /// What it says; nil when it cannot be read.
    public let claims: (any TokenClaims)?
    /// The failed rules.
    public let failures: [Finding]
    /// The rules that warn.
    public let warnings: [Finding]
    /// The rules that could not be judged.
    public let notJudged: [Rule]

    /// A token and what was found.
    public init(
        claims: (any TokenClaims)?, failures: [Finding], warnings: [Finding] = [], notJudged: [Rule] = []
    ) {
        self.claims = claims
        self.failures = failures
        self.warnings = warnings
        self.notJudged = notJudged
    }

    /// A token by the verdict on it.
    public init<Proof>(_ verdict: Verdict<Proof>, claims: (any TokenClaims)?) {
        self.init(
            claims: claims, failures: verdict.failures, warnings: verdict.warnings, notJudged: verdict.notJudged)
    }

    /// A token by the rules for tokens alone.
    public init(_ report: TokenReport) {
        self.init(
            claims: report.claims, failures: report.failures, warnings: report.warnings, notJudged: report.notJudged)
    }

    /// What it is called; nil when it cannot be read.
    public var name: TokenName? { claims.map { TokenName($0) } }

    var isAccepted: Bool { failures.isEmpty }
    var account: AccountClaims? { claims as? AccountClaims }
}

/// What judgements found, told rule by rule.
struct RuleAnswers {
    var failures: [Finding]
    var warnings: [Finding]
    var notJudged: Set<Rule>

    init(failures: [Finding], warnings: [Finding] = [], notJudged: some Sequence<Rule> = []) {
        self.failures = failures.inCatalogueOrder()
        self.warnings = warnings.inCatalogueOrder()
        self.notJudged = Set(notJudged)
    }

    init(_ token: JudgedToken) {
        self.init(failures: token.failures, warnings: token.warnings, notJudged: token.notJudged)
    }

    static let nothingLeft = "something else that failed left nothing to judge"

    /// The rule with its outcome. `exemption` says why it was not asked, where nothing was found; several findings of one
    /// rule stand below it.
    func tell(
        _ rule: Rule, _ claims: [Explanation.Claim] = [], exemption: String? = nil, unjudged: String = nothingLeft,
        _ children: [Explanation] = []
    ) -> Explanation {
        let failed = failures.filter { $0.rule == rule }
        let warned = warnings.filter { $0.rule == rule }
        if let first = failed.first ?? warned.first {
            let more =
                failed.count + warned.count == 1
                ? []
                : failed.map { Explanation($0.message, .fails, at: $0.place) }
                    + warned.map { Explanation($0.message, .warns, at: $0.place) }
            return Explanation(
                rule.statement, failed.isEmpty ? .warns : .fails, rule: rule, at: first.place, message: first.message,
                claims: claims, more + children)
        }
        if notJudged.contains(rule) {
            return Explanation(rule.statement, .notJudged, rule: rule, message: unjudged, claims: claims, children)
        }
        if let exemption {
            return Explanation(rule.statement, .notAsked, rule: rule, message: exemption, claims: claims, children)
        }
        return Explanation(rule.statement, .holds, rule: rule, claims: claims, children)
    }
}
