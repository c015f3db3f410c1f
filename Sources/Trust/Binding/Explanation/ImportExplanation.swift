import NKeys
import Subjects

extension Explainer {
    /// Why the import at `index` of an account is in force, or not.
    ///
    /// Every B rule stands once below it, in the order of the catalogue; those that refuse it fail there. The T rules of
    /// its activation token stand below B-token-invalid, the exporting account with its own rules below
    /// B-exporter-unknown, and the exports that decide below B-export-missing.
    /// - Parameters:
    ///   - importer: the account that imports.
    ///   - verdict: the verdict on the import with the circles found, as `AccountInForce` has it; nil where the account
    ///     is refused, and so nothing was judged.
    ///   - exporter: the account named by the import; nil when it is not known.
    /// - Returns: nil when the account has no import at `index`.
    public func `import`(
        at index: Int, of importer: JudgedToken, verdict: Verdict<Binding>?, exporter: JudgedToken?
    ) -> Explanation? {
        guard let account = importer.account, account.imports.indices.contains(index) else { return nil }
        return ImportExplanation(
            explainer: self, importer: importer, account: account, index: index, verdict: verdict, exporter: exporter
        ).tree()
    }
}

/// One import, as it is explained.
private struct ImportExplanation {
    let explainer: Explainer
    let importer: JudgedToken
    let account: AccountClaims
    let item: Import
    let index: Int
    let verdict: Verdict<Binding>?
    let exporter: JudgedToken?
    /// What the import's token says, be it of the right type or not; nil without one that can be read.
    let read: (any TokenClaims)?
    /// The exports that decide, each with its place.
    let exports: [(index: Int, export: Export)]
    let answers: RuleAnswers

    init(
        explainer: Explainer, importer: JudgedToken, account: AccountClaims, index: Int, verdict: Verdict<Binding>?,
        exporter: JudgedToken?
    ) {
        self.explainer = explainer
        self.importer = importer
        self.account = account
        self.index = index
        self.verdict = verdict
        self.exporter = exporter
        item = account.imports[index]
        var token = item.token ?? ""
        let report = token.withUTF8 { explainer.chain.verifier.report(utf8: $0, at: explainer.now) }
        read = item.token == nil ? nil : report.claims
        let offered = exporter?.account?.exports ?? []
        exports = item.decidingExports(among: offered).map { ($0, offered[$0]) }

        // B rules of the account itself count among those of each of its imports.
        func ofBindings(_ findings: [Finding]) -> [Finding] { findings.filter { $0.rule.code.hasPrefix("B-") } }
        var notJudged = Set(verdict?.notJudged ?? Explainer.bindingRules + Explainer.tokenRules)
        notJudged.formUnion(importer.notJudged.filter { $0.code.hasPrefix("B-") })
        if verdict == nil, !importer.notJudged.contains(.accountLimits) { notJudged.remove(.accountLimits) }
        // Only imports that hold by every other rule are followed.
        if verdict?.isAccepted == false { notJudged.insert(.importCycle) }
        // Whether a token stands on a public export can be told of an export alone.
        if exports.isEmpty, item.token != nil { notJudged.insert(.publicToken) }
        answers = RuleAnswers(
            failures: (verdict?.failures ?? []) + ofBindings(importer.failures),
            warnings: (verdict?.warnings ?? []) + ofBindings(importer.warnings), notJudged: notJudged)
    }

    private var activation: ActivationClaims? { read as? ActivationClaims }

    func tree() -> Explanation {
        let isInForce = verdict?.isAccepted == true
        let of = exporter?.claims?.common.name ?? ""
        let from = of.isEmpty ? "of `\(item.account.text)`" : "of `\(of)` (`\(item.account.text)`)"
        var claims: [Explanation.Claim] = [
            .init("subject", item.subject.text), .init("account", item.account.text), .init("type", item.kind.rawValue),
        ]
        if let local = item.localPattern { claims.append(.init("known here as", local.text)) }
        let rules = importer.failures.filter { !$0.rule.code.hasPrefix("B-") }
        let own = JudgedToken(
            claims: importer.claims, failures: rules,
            warnings: importer.warnings.filter { !$0.rule.code.hasPrefix("B-") }, notJudged: importer.notJudged)
        return Explanation(
            "\(item.kind.rawValue) import \(index) of account\(Explainer.named(account)): "
                + "`\(item.exporterSubject.text)` \(from)",
            isInForce ? .holds : .fails, at: Place("imports").element(index),
            message: isInForce ? "in force" : importer.isAccepted ? "not in force" : "its account is refused",
            claims: claims,
            explainer.explainOperator() + [explainer.explainAccount(own, "the importing account", .listed)]
                + Explainer.bindingRules.map(tell))
    }

    // MARK: The B rules

    private func tell(_ rule: Rule) -> Explanation {
        let unjudged =
            switch rule {
            case _ where verdict == nil: "the importing account is refused"
            case .importCycle: "only imports that hold by every other rule are followed"
            default: RuleAnswers.nothingLeft
            }
        return answers.tell(rule, claims(of: rule), exemption: exemption(of: rule), unjudged: unjudged, below(rule))
    }

    /// Why a rule does not apply to this import.
    private func exemption(of rule: Rule) -> String? {
        let demands = exports.contains { $0.export.tokenRequired }
        switch rule {
        case .activationMissing where !demands: return "no export that decides demands a token"
        case .accountPosition where !exports.contains { $0.export.accountTokenPosition > 0 }:
            return "no export that decides demands the importer's key in the subject"
        case .activationInvalid, .activationImporter, .activationExporter, .activationScopedSigner, .activationKind,
            .activationSubject, .activationExportSubject, .activationRevoked, .activationAudience, .publicToken:
            if item.token == nil { return "the import has no token" }
            if rule == .publicToken, demands { return "the export is private" }
            if rule == .activationAudience, activation?.common.audience == nil { return "the token names no audience" }
            return nil
        default: return nil
        }
    }

    private func below(_ rule: Rule) -> [Explanation] {
        switch rule {
        case .exporterUnknown:
            guard let exporter else { return [] }
            let bindings = Explainer.accountBindingRules.filter { rule in
                (exporter.failures + exporter.warnings).contains { $0.rule == rule }
            }
            return [explainer.explainAccount(exporter, "the exporting account", .listed, bindings: bindings)]
        case .exportMissing where !answers.notJudged.contains(rule): return exports.map(tell)
        case .activationInvalid: return explainToken()
        default: return []
        }
    }

    private func tell(_ index: Int, _ export: Export) -> Explanation {
        let place = Place("exports").element(index)
        return Explanation(
            "the export `\(export.subject.text)`", .holds, at: place, message: "it decides about this import",
            token: exporter?.name,
            claims: [
                .init("subject", export.subject.text), .init("type", export.kind.rawValue),
                .init("token_req", "\(export.tokenRequired)"),
                .init("account_token_position", "\(export.accountTokenPosition)"),
            ])
    }

    /// The import's token with its T rules; nothing where there is none, or a text that no rule was asked about.
    private func explainToken() -> [Explanation] {
        func ofToken(_ findings: [Finding]) -> [Finding] { findings.filter { $0.rule.code.hasPrefix("T-") } }
        let own = RuleAnswers(
            failures: ofToken(answers.failures), warnings: ofToken(answers.warnings), notJudged: answers.notJudged)
        if read == nil, own.failures.isEmpty { return [] }
        var claims: [Explanation.Claim] = []
        if let common = read?.common {
            claims = [
                .init("iss", common.issuer.text), .init("sub", common.subject.text),
                .init("iat", common.issuedAt.map { "\($0)" } ?? "absent"),
                .init("exp", common.expires.map { "\($0)" } ?? "never"),
            ]
        }
        if let activation {
            claims += [.init("kind", activation.kind.rawValue), .init("subject", activation.subject.text)]
            if let account = activation.issuerAccount { claims.append(.init("issuer_account", account.text)) }
        }
        let outcome: Explanation.Outcome = verdict == nil ? .notJudged : Explainer.outcome(of: own)
        return [
            Explanation(
                "the activation token", outcome, at: Place("imports").element(index).member("token"),
                token: read.map { TokenName($0) }, claims: claims, explainer.rulesOfToken(own, read))
        ]
    }

    // MARK: The claims that decide

    private func claims(of rule: Rule) -> [Explanation.Claim] {
        let common = activation?.common
        switch rule {
        case .exporterUnknown: return [.init("account", item.account.text)]
        case .exportMissing:
            return [.init("subject", item.exporterSubject.text), .init("type", item.kind.rawValue)]
        case .exportChoice: return exports.map { .init(place($0.index, "subject"), $0.export.subject.text) }
        case .activationMissing:
            return exports.map { .init(place($0.index, "token_req"), "\($0.export.tokenRequired)") }
        case .activationImporter:
            return common.map { [.init("sub", $0.subject.text), .init("importer", account.common.subject.text)] } ?? []
        case .activationExporter: return signer
        case .activationScopedSigner: return common.map { [.init("iss", $0.issuer.text)] } ?? []
        case .activationKind:
            return activation.map { [.init("kind", $0.kind.rawValue), .init("type", item.kind.rawValue)] } ?? []
        case .activationSubject:
            guard let activation else { return [] }
            return [.init("token's subject", activation.subject.text), .init("import's", item.exporterSubject.text)]
        case .activationExportSubject:
            guard let activation else { return [] }
            return [.init("token's subject", activation.subject.text)]
                + exports.map { .init(place($0.index, "subject"), $0.export.subject.text) }
        case .accountPosition: return positions
        case .activationRevoked: return revocations
        case .activationAudience: return common?.audience.map { [.init("aud", $0)] } ?? []
        case .localSubject: return item.localSubject.map { [.init("local_subject", $0)] } ?? []
        case .accountLimits: return Explainer.limits(of: account, for: rule)
        case .importCycle, .publicToken, .activationInvalid: return []
        default: return []
        }
    }

    private func place(_ index: Int, _ member: String) -> String {
        Place("exports").element(index).member(member).path
    }

    /// Whose key signed the activation.
    private var signer: [Explanation.Claim] {
        guard let activation else { return [] }
        let issuer = activation.common.issuer
        var claims: [Explanation.Claim] = [.init("iss", issuer.text)]
        if let account = activation.issuerAccount { claims.append(.init("issuer_account", account.text)) }
        if issuer == item.account {
            claims.append(.init("key", "the exporter's identity key"))
        } else if let index = exporter?.account?.signingKeys.firstIndex(where: { $0.key == issuer }) {
            claims.append(.init("key", "signing_keys[\(index)] of the exporter"))
        }
        return claims
    }

    private var positions: [Explanation.Claim] {
        exports.flatMap { index, export -> [Explanation.Claim] in
            let position = export.accountTokenPosition
            guard position > 0 else { return [] }
            return [
                .init(place(index, "account_token_position"), "\(position)"),
                .init("token \(position) of the subject", item.exporterSubject.token(at: position - 1) ?? "none"),
            ]
        }
    }

    /// The revocations of the exports that decide, for the importer of the token and for everyone, that cover it.
    private var revocations: [Explanation.Claim] {
        guard let common = activation?.common else { return [] }
        let issuedAt = common.issuedAt ?? .zero
        let covering = exports.flatMap { index, export -> [Explanation.Claim] in
            let place = place(index, "revocations")
            let own = export.revocations.keys[common.subject].flatMap { $0 >= issuedAt ? $0 : nil }
            let all = export.revocations.everyone.flatMap { $0 >= issuedAt ? $0 : nil }
            return (own.map { [.init("\(place)[`\(common.subject.text)`]", "\($0)")] } ?? [])
                + (all.map { [.init("\(place)[`*`]", "\($0)")] } ?? [])
        }
        return [.init("iat", common.issuedAt.map { "\($0)" } ?? "absent")] + covering
    }
}
