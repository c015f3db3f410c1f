import NKeys
import Trust

/// What the script that came with CVE-2021-3127 checks of an account's token and of the tokens of its imports, for
/// tokens of both versions, streams as well as services, and signing keys; and the importer, which it forgets.
///
/// As there, no signature counts, and no time: what stands in a token is compared, whoever wrote it.
struct AdvisoryChecks {
    let auditor: Auditor
    let account: AccountSurvey
    private(set) var findings: [AuditFinding] = []

    static func findings(_ auditor: Auditor, on account: AccountSurvey) -> [AuditFinding] {
        var checks = AdvisoryChecks(auditor: auditor, account: account)
        checks.check()
        return checks.findings
    }

    private init(auditor: Auditor, account: AccountSurvey) {
        self.auditor = auditor
        self.account = account
    }

    private mutating func check() {
        guard account.token != nil else { return }
        guard let claims = account.claims else {
            return add(.advisoryContent, .whole, "the token says nothing of an account that could be read")
        }
        let subject = claims.common.subject
        if let key = account.filedUnder, key != subject {
            add(.advisoryAccount, "sub", "filed under `\(key.text)`, and a token of `\(subject.text)`")
        }
        for (index, item) in claims.imports.enumerated() {
            guard let token = item.token else { continue }
            check(item, token, at: Place("imports").element(index).member("token"), importer: subject)
        }
    }

    private mutating func check(_ item: Import, _ token: String, at place: Place, importer: PublicKey) {
        if token.contains("://") {
            return add(.advisoryType, place, "an address stands in the place of the token")
        }
        let report = auditor.report(token)
        guard report.payload != nil, let common = report.claims?.common else {
            return add(.advisoryType, place, "the token cannot be read")
        }
        guard let activation = report.claims as? ActivationClaims else {
            let type = report.type ?? .generic
            return add(.advisoryType, place, "an activation belongs here, found a token of type `\(type.name)`")
        }
        if common.subject != importer {
            add(.advisoryImporter, place, "given to `\(common.subject.text)`, used by `\(importer.text)`")
        }
        let exporter = activation.issuerAccount ?? common.issuer
        if exporter != item.account {
            add(.advisoryExporter, place, "issued by `\(exporter.text)`, used to import from `\(item.account.text)`")
        }
        let isUnsaid = report.failures.contains { failure in
            failure.rule == .tokenVersion || failure.detail == .claimMissing("subject")
                || failure.rule == .tokenContent && ["kind", "subject"].contains(failure.place.path)
        }
        if isUnsaid { return add(.advisoryKind, place, "the token does not say what may be imported") }
        if activation.kind != item.kind {
            add(.advisoryKind, place, "for a \(activation.kind.rawValue), used to import a \(item.kind.rawValue)")
        }
        if !activation.subject.contains(item.exporterSubject) {
            add(.advisorySubject, place, "for `\(activation.subject)`, used to import `\(item.exporterSubject)`")
        }
    }

    private mutating func add(_ rule: AuditRule, _ place: Place, _ message: String) {
        findings.append(AuditFinding(.audit(rule), of: account.subject, at: place, in: account.origin, message))
    }
}
