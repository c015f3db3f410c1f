import NKeys
import Subjects

extension Explainer {
    /// The C rules of a user at rest, and those that only a connection can show.
    private static let restRules: [Rule] = [
        .userSigner, .userScope, .template, .templateValue, .userRevoked, .userBearer, .userAudience,
    ]
    private static let connectionRules: [Rule] = [
        .accountLimit, .userProof, .userSource, .userHours, .userConnection, .userProxy,
    ]

    /// Why a user is accepted in its account, or not.
    ///
    /// Below it stand the operator, the account and the user's token, each with its rules in the order of the catalogue.
    /// - Parameters:
    ///   - verdict: the verdict on the user at rest, in its account.
    ///   - token: the user's token as it was judged by itself.
    ///   - account: the account as it was judged; nil when it is not known.
    public func user(_ verdict: Verdict<TrustedUser>, token: JudgedToken, account: JudgedToken?) -> Explanation {
        let user = token.claims as? UserClaims
        var title = "user\(Self.named(user))"
        if let account = account?.claims { title += " of account\(Self.named(account))" }
        return Explanation(
            title, verdict.isAccepted ? .holds : .fails, message: verdict.isAccepted ? "accepted" : "refused",
            token: token.name,
            explainOperator(findings(verdict.failures, of: .operator)) + [explain(account, of: user, verdict)]
                + [explain(token, user, account, verdict)])
    }

    // MARK: Whose a finding is

    private enum Part { case `operator`, account, user }

    /// What of a verdict on a user stands against one part of the chain, at places of that part's own token.
    private func findings(_ findings: [Finding], of part: Part) -> [Finding] {
        findings.compactMap { finding in
            let path = finding.place.path
            if path.hasPrefix("operator.") {
                return part == .operator ? finding.moved(to: Place(String(path.dropFirst("operator.".count)))) : nil
            }
            // The limits on connections stand in the account, and are asked of the user.
            let isAccounts =
                Self.accountRules.contains(finding.rule) || finding.rule.code.hasPrefix("B-")
                || (finding.rule.code.hasPrefix("T-") && (path == "account" || path.hasPrefix("account.")))
            guard isAccounts else { return part == .user ? finding : nil }
            guard part == .account else { return nil }
            if path == "account" { return finding.moved(to: .whole) }
            return path.hasPrefix("account.")
                ? finding.moved(to: Place(String(path.dropFirst("account.".count)))) : finding
        }
    }

    // MARK: The account

    private func explain(
        _ account: JudgedToken?, of user: UserClaims?, _ verdict: Verdict<TrustedUser>
    ) -> Explanation {
        let failures = findings(verdict.failures, of: .account)
        let warnings = findings(verdict.warnings, of: .account)
        guard let account else {
            let answers = RuleAnswers(failures: failures, warnings: warnings, notJudged: Self.accountRules)
            let key = user.map { $0.issuerAccount ?? $0.common.issuer }
            let isUnknown = !failures.isEmpty
            return Explanation(
                "the account", isUnknown ? .fails : .notJudged,
                message: isUnknown
                    ? "not known, so nothing of it was judged"
                    : "not looked for: the user's token names it without proof",
                claims: key.map { [.init("account", $0.text)] } ?? [], Self.accountRules.map { answers.tell($0) })
        }
        let own = JudgedToken(
            claims: account.claims, failures: account.failures + failures, warnings: account.warnings + warnings,
            notJudged: account.notJudged)
        return explainAccount(own, "the account", .byKey, bindings: Self.accountBindingRules)
    }

    // MARK: The user

    private func explain(
        _ token: JudgedToken, _ user: UserClaims?, _ account: JudgedToken?, _ verdict: Verdict<TrustedUser>
    ) -> Explanation {
        let notJudged = verdict.notJudged.filter { $0.code.hasPrefix("C-") } + token.notJudged
        let answers = RuleAnswers(
            failures: findings(verdict.failures, of: .user), warnings: findings(verdict.warnings, of: .user),
            notJudged: notJudged)
        let scope = user.flatMap { account?.account?.signingKey($0.common.issuer)?.scope }
        let limits = scope?.limits ?? user?.limits ?? UserLimits()
        var rules = rulesOfToken(answers, user)
        for rule in Rule.allCases where Self.restRules.contains(rule) || Self.connectionRules.contains(rule) {
            let claims = claims(of: rule, user, account?.account, scope, limits)
            let exemption =
                Self.connectionRules.contains(rule)
                ? "only a connection can show it" : exemption(of: rule, user, scope, limits)
            rules.append(answers.tell(rule, claims, exemption: exemption))
        }
        return Explanation("the user's token", Self.outcome(of: answers), token: token.name, rules)
    }

    private func exemption(
        of rule: Rule, _ user: UserClaims?, _ scope: UserScope?, _ limits: UserLimits
    ) -> String? {
        switch rule {
        case .userScope, .template, .templateValue: scope == nil ? "no scoped key signed the user" : nil
        case .userBearer: limits.bearer ? nil : "the user is no bearer"
        case .userAudience:
            user?.common.audience == nil && chain.verifier.policy.audienceDemand == .optional
                ? "the token names no audience, and none is demanded" : nil
        default: nil
        }
    }

    private func claims(
        of rule: Rule, _ user: UserClaims?, _ account: AccountClaims?, _ scope: UserScope?, _ limits: UserLimits
    ) -> [Explanation.Claim] {
        guard let user else { return [] }
        switch rule {
        case .userSigner: return signer(of: user, account)
        case .userScope, .template: return scope.map { [.init("role", $0.role)] } ?? []
        case .templateValue:
            return scope == nil ? [] : [.init("name", user.common.name), .init("tags", Self.list(user.tags))]
        case .userRevoked: return revocations(of: user, account)
        case .userBearer: return limits.bearer ? [.init("bearer_token", "true")] : []
        case .userAudience: return user.common.audience.map { [.init("aud", $0)] } ?? []
        case .accountLimit:
            return account.map {
                [
                    .init("limits.conn", "\($0.limits.connections)"),
                    .init("limits.leaf", "\($0.limits.leafConnections)"),
                ]
            } ?? []
        case .userSource: return limits.sources.map { [.init("src", Self.list($0.map(\.description)))] } ?? []
        case .userHours:
            guard let times = limits.times else { return [] }
            let windows = times.map { "\(TimeWindow.text($0.start)) to \(TimeWindow.text($0.end))" }
            return [
                .init("times", Self.list(windows)),
                .init("times_location", limits.timeZone ?? chain.verifier.policy.defaultTimeZone),
            ]
        case .userConnection:
            return limits.connectionTypes.map { [.init("allowed_connection_types", Self.list($0))] } ?? []
        case .userProxy: return limits.proxyRequired ? [.init("proxy_required", "true")] : []
        default: return []
        }
    }

    /// A few of a list's texts, and how many more there are.
    private static func list(_ texts: [String]) -> String {
        let shown = texts.prefix(8).joined(separator: ", ")
        return texts.count > 8 ? "\(shown) and \(texts.count - 8) more" : shown
    }

    private func signer(of user: UserClaims, _ account: AccountClaims?) -> [Explanation.Claim] {
        let issuer = user.common.issuer
        var claims: [Explanation.Claim] = [.init("iss", issuer.text)]
        if let named = user.issuerAccount { claims.append(.init("issuer_account", named.text)) }
        guard let account else { return claims }
        if issuer == account.common.subject {
            claims.append(.init("key", "the account's identity key"))
        } else if let index = account.signingKeys.firstIndex(where: { $0.key == issuer }) {
            claims.append(.init("key", "signing_keys[\(index)] of the account"))
            if let scope = account.signingKeys[index].scope { claims.append(.init("role", scope.role)) }
        }
        return claims
    }

    private func revocations(of user: UserClaims, _ account: AccountClaims?) -> [Explanation.Claim] {
        let issuedAt = user.common.issuedAt ?? .zero
        var claims: [Explanation.Claim] = [.init("iat", user.common.issuedAt.map { "\($0)" } ?? "absent")]
        guard let revocations = account?.revocations else { return claims }
        if let time = revocations.keys[user.common.subject], time >= issuedAt {
            claims.append(.init("revocations[`\(user.common.subject.text)`]", "\(time)"))
        }
        if let time = revocations.everyone, time >= issuedAt { claims.append(.init("revocations[`*`]", "\(time)")) }
        return claims
    }
}
