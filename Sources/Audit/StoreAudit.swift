import NKeys
import Trust

/// The accounts of a store together: imports against their exporters, and what shows only side by side.
public struct StoreAudit: Sendable {
    let auditor: Auditor
    let surveys: [AccountSurvey]
    /// The account that counts for each key: of several, the accepted one that was issued last.
    let places: [PublicKey: Int]

    /// The accounts, in the order in which they were surveyed.
    public init(_ auditor: Auditor, _ surveys: [AccountSurvey]) {
        self.auditor = auditor
        self.surveys = surveys
        var places: [PublicKey: Int] = [:]
        places.reserveCapacity(surveys.count)
        for (index, survey) in surveys.enumerated() {
            guard let key = survey.key else { continue }
            if let known = places[key], !survey.counts(before: surveys[known]) { continue }
            places[key] = index
        }
        self.places = places
    }

    /// The places of the accounts.
    public var accounts: Range<Int> { surveys.indices }

    /// How many accounts, users and imports there are.
    public var size: (accounts: Int, users: Int, imports: Int) {
        surveys.reduce(into: (0, 0, 0)) { sum, survey in
            sum.0 += 1
            sum.1 += survey.users?.count ?? 0
            sum.2 += survey.claims?.imports.count ?? 0
        }
    }

    // MARK: Imports

    /// Judges the imports of an account but for the circles that they close; nil when the account is refused. Any
    /// thread.
    public func judgeImports(ofAccountAt index: Int) -> JudgedImports? {
        guard auditor.extent.isFull, let importer = surveys[index].trusted else { return nil }
        let bindings = BindingVerifier(verifier: auditor.chain.verifier)
        return bindings.imports(of: importer, at: auditor.now, exporter: exporter)
    }

    /// Puts the imports that close circles out. Of an account that stands several times one is followed.
    public func resolve(_ judged: [JudgedImports?]) -> [[Verdict<Binding>]] {
        let followed = judged.indices.filter { index in
            surveys[index].key.map { places[$0] == index } ?? false && judged[index] != nil
        }
        let inForce = AccountsInForce.resolve(followed.compactMap { judged[$0] }, policy: auditor.chain.verifier.policy)
        var verdicts = judged.map { $0?.verdicts ?? [] }
        for (index, account) in zip(followed, inForce) { verdicts[index] = account.imports }
        return verdicts
    }

    func exporter(_ key: PublicKey) -> Exporter {
        guard let index = places[key] else { return .unknown }
        switch surveys[index].standing {
        case .trusted(let account): return .trusted(account)
        case .refused(let refusal, _): return .refused(refusal)
        case .unread: return .unknown
        }
    }

    // MARK: Findings

    /// What stands against an account, its users and its imports. Any thread.
    public func findings(ofAccountAt index: Int, _ imports: [Verdict<Binding>]) -> [AuditFinding] {
        let survey = surveys[index]
        var findings = survey.findings
        if auditor.extent.hasAdvisory { findings += AdvisoryChecks.findings(auditor, on: survey) }
        guard auditor.extent.isFull else { return findings }
        for verdict in imports {
            findings += Grading.findings(of: verdict, subject: survey.subject, at: .whole, in: survey.origin)
        }
        findings += ownTokens(of: survey)
        findings += outlivedRevocations(of: survey)
        findings += ExportOverlaps.findings(on: survey)
        findings += RoleValues.findings(on: survey, policy: auditor.chain.verifier.policy)
        findings += Bearers.findings(on: survey)
        findings += BroadAudiences.findings(on: survey)
        findings += Expiries.findings(on: survey, imports)
        if let finding = SharedInbox.finding(on: survey) { findings.append(finding) }
        return findings
    }

    /// What shows only when accounts are held side by side: tokens in several hands, accounts that stand twice.
    public func findingsAcrossAccounts() -> [AuditFinding] {
        guard auditor.extent.isFull else { return [] }
        var reuse = TokenReuse()
        var findings: [AuditFinding] = []
        for (index, survey) in surveys.enumerated() {
            if let claims = survey.claims { reuse.note(claims, ofAccountAt: index) }
            if let key = survey.key, let first = places[key], first != index {
                findings.append(
                    AuditFinding(
                        .audit(.accountTwice), of: survey.subject, at: "sub", in: survey.origin,
                        "the account stands also in \(surveys[first].whereabouts), which counts"))
            }
        }
        return findings + reuse.findings(in: surveys, auditor)
    }

    /// The tokens of a refused account's imports: nothing of it is in force, but who has another's token has it.
    private func ownTokens(of survey: AccountSurvey) -> [AuditFinding] {
        guard case .refused(_, let claims?) = survey.standing else { return [] }
        return claims.imports.enumerated().compactMap { index, item in
            guard let token = item.token, let subject = auditor.report(token).claims?.common.subject,
                subject != claims.common.subject
            else { return nil }
            return AuditFinding(
                .trust(.activationImporter), of: survey.subject,
                at: Place("imports").element(index).member("token"), in: survey.origin,
                Detail.importerOther(subject).message)
        }
    }

    /// Activations that are dated ahead of the clock, and so of a revocation that is there for them.
    private func outlivedRevocations(of survey: AccountSurvey) -> [AuditFinding] {
        guard let claims = survey.claims else { return [] }
        return claims.imports.enumerated().compactMap { index, item in
            guard let token = item.token, case .trusted(let exporter) = exporter(item.account) else { return nil }
            let exports = exporter.claims.exports.filter {
                $0.kind == item.kind && !$0.revocations.isEmpty && $0.subject.contains(item.exporterSubject)
            }
            guard !exports.isEmpty, let common = auditor.report(token).claims?.common else { return nil }
            let times = exports.compactMap { FutureDate.outliving($0.revocations, common, at: auditor.now) }.first
            return times.map { times in
                AuditFinding(
                    .audit(.revocationOutlived), of: survey.subject,
                    at: Place("imports").element(index).member("token.iat"), in: survey.origin,
                    "revoked by the exporter at \(times.revoked), and the token says that it was issued at "
                        + "\(times.issued), ahead of now, \(auditor.now)")
            }
        }
    }
}

extension AccountSurvey {
    /// Whether this one of two of the same key counts.
    fileprivate func counts(before other: AccountSurvey) -> Bool {
        switch (trusted, other.trusted) {
        case (let new?, let old?):
            new.claims.common.issuedAt ?? .zero > old.claims.common.issuedAt ?? .zero
        case (.some, nil): true
        default: false
        }
    }

    var whereabouts: String {
        let file = origin.file.isEmpty ? "the pack" : "`\(origin.file)`"
        return origin.line.map { "line \($0) of \(file)" } ?? file
    }
}
