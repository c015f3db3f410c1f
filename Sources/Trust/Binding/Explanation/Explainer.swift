import NKeys

/// Says why: makes the tree of rules behind a verdict, in the order of the catalogue, each rule with its outcome.
///
/// ```swift
/// let explainer = Explainer(chain: chain, operator: JudgedToken(report), at: now)
/// let why = explainer.import(at: 0, of: importer, verdict: account.imports[0], exporter: exporter)
/// ```
/// It judges nothing anew: every outcome is that of the verdicts handed over. A value without state.
public struct Explainer: Sendable {
    let chain: ChainVerifier
    let now: UnixTime
    let operatorToken: JudgedToken?

    /// What says why at `now`, under the policy and the anchors of `chain`; `operator` is the operator's token, nil when
    /// it is not at hand.
    public init(chain: ChainVerifier, operator: JudgedToken?, at now: UnixTime) {
        self.chain = chain
        self.now = now
        operatorToken = `operator`
    }

    static let tokenRules = Rule.allCases.filter { $0.code.hasPrefix("T-") }
    static let bindingRules = Rule.allCases.filter { $0.code.hasPrefix("B-") }
    /// The C rules of an account at rest.
    static let accountRules: [Rule] = [.accountSigner, .accountUnknown, .accountPinned, .accountMismatch]
    /// The B rules that an account can be refused for.
    static let accountBindingRules: [Rule] = [.localSubject, .accountLimits]

    // MARK: Tokens by themselves

    /// The T rules, in their order.
    func rulesOfToken(_ answers: RuleAnswers, _ claims: (any TokenClaims)?) -> [Explanation] {
        let common = claims?.common
        let limit = claims.flatMap { chain.verifier.policy.maximumLifetime[type(of: $0).type] }
        return Self.tokenRules.map { rule in
            let isFree = rule == .tokenLifetime && limit == nil
            return answers.tell(
                rule, Self.deciding(rule, common, now),
                exemption: isFree ? "the policy sets no longest life for this type" : nil)
        }
    }

    /// The claims that a T rule looks at.
    private static func deciding(_ rule: Rule, _ common: CommonClaims?, _ now: UnixTime) -> [Explanation.Claim] {
        guard let common else { return [] }
        switch rule {
        case .tokenIssuer: return [.init("iss", common.issuer.text)]
        case .tokenSubject: return [.init("sub", common.subject.text)]
        case .tokenSignature: return [.init("iss", common.issuer.text)]
        case .tokenExpired: return [.init("exp", common.expires.map { "\($0)" } ?? "never"), .init("now", "\(now)")]
        case .tokenNotBefore: return common.notBefore.map { [.init("nbf", "\($0)"), .init("now", "\(now)")] } ?? []
        case .tokenIssuedAt: return [.init("iat", common.issuedAt.map { "\($0)" } ?? "absent")]
        default: return []
        }
    }

    // MARK: Operator and account

    /// The operator with its rules; `more` are findings against it from other judgements.
    func explainOperator(_ more: [Finding] = []) -> [Explanation] {
        guard let token = operatorToken else { return [] }
        var answers = RuleAnswers(failures: token.failures + more, warnings: token.warnings, notJudged: token.notJudged)
        let isTrusted = token.claims.map { chain.anchors.trusts($0.common.subject) } ?? false
        // An operator that is refused by itself is no anchor; that it would be one otherwise was not asked.
        if !isTrusted { answers.notJudged.insert(.operatorTrusted) }
        let children = rulesOfToken(answers, token.claims) + [answers.tell(.operatorTrusted)]
        return [
            Explanation(
                "the operator\(Self.named(token.claims))", Self.outcome(of: answers), token: token.name, children)
        ]
    }

    /// How an account came to be judged.
    enum Asked {
        /// It was found by its key.
        case byKey
        /// It stands in a list of accounts.
        case listed
    }

    /// An account with its T and C rules, and the B rules that are against it where `bindings` says so.
    func explainAccount(
        _ token: JudgedToken, _ what: String, _ asked: Asked, bindings: [Rule] = [], more: [Explanation] = []
    ) -> Explanation {
        let answers = RuleAnswers(token)
        var children = rulesOfToken(answers, token.claims)
        for rule in Self.accountRules {
            let exemption: String? =
                switch rule {
                case .accountPinned where chain.pinned == nil: "no accounts are pinned"
                case .accountMismatch where asked == .listed: "nobody asked for it by its key"
                default: nil
                }
            children.append(answers.tell(rule, signer(of: token.account, for: rule), exemption: exemption))
        }
        for rule in bindings { children.append(answers.tell(rule, Self.limits(of: token.account, for: rule))) }
        return Explanation(
            "\(what)\(Self.named(token.claims))", Self.outcome(of: answers), token: token.name, children + more)
    }

    private func signer(of account: AccountClaims?, for rule: Rule) -> [Explanation.Claim] {
        guard rule == .accountSigner, let issuer = account?.common.issuer else { return [] }
        var claims: [Explanation.Claim] = [.init("iss", issuer.text)]
        if let found = chain.anchors.operator(of: issuer) {
            let isIdentity = found.common.subject == issuer
            claims.append(.init("operator", found.common.subject.text))
            claims.append(.init("key", isIdentity ? "the operator's identity key" : "a signing key of the operator"))
        }
        return claims
    }

    /// The numbers that B-limits looks at.
    static func limits(of account: AccountClaims?, for rule: Rule) -> [Explanation.Claim] {
        guard rule == .accountLimits, let account else { return [] }
        func text(_ count: Int, _ limit: Int64) -> String { limit < 0 ? "\(count), no limit" : "\(count) of \(limit)" }
        return [
            .init("imports", text(account.imports.count, account.limits.imports)),
            .init("exports", text(account.exports.count, account.limits.exports)),
            .init("limits.wildcards", "\(account.limits.wildcardExports)"),
        ]
    }

    // MARK: Texts

    /// The name that a token gives, in backquotes after a blank; nothing when it gives none.
    static func named(_ claims: (any TokenClaims)?) -> String {
        guard let name = claims?.common.name, !name.isEmpty else { return "" }
        return " `\(name)`"
    }

    static func outcome(of answers: RuleAnswers) -> Explanation.Outcome {
        if !answers.failures.isEmpty { return .fails }
        return answers.warnings.isEmpty ? .holds : .warns
    }
}
