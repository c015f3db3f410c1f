import Audit
import NKeys
import Trust

/// What an audit found, and in how much.
struct AuditReport: Sendable {
    /// Worst first.
    var findings: [AuditFinding]
    /// How many accounts, users and imports were looked at.
    var accounts: Int
    var users: Int
    var imports: Int
}

/// Audits a source with all cores: accounts by themselves, then their imports, then what shows between them, then what
/// shows against an earlier version.
struct AuditRun: Sendable {
    let auditor: Auditor
    let workers: Workers

    func report(
        on source: any TokenSource, operator token: StoredToken?, since earlier: (any TokenSource)?,
        progress: ProgressBar
    ) async -> AuditReport {
        let auditor = auditor
        var findings = source.faults.map { $0.finding() }
        if let token { findings += auditor.findings(ofOperator: token.token, name: token.name, in: token.origin) }
        let surveys = await workers.map(source.count) { range in
            let surveys = source.entries(in: range).map(auditor.survey)
            progress.advance(by: range.count)
            return surveys
        }
        let audit = StoreAudit(auditor, surveys.flatMap { $0 })
        let count = audit.accounts.count
        let judged = await workers.map(count) { range in range.map(audit.judgeImports) }
        let imports = audit.resolve(judged.flatMap { $0 })
        let found = await workers.map(count) { range in
            range.flatMap { audit.findings(ofAccountAt: $0, imports[$0]) }
        }
        findings += found.flatMap { $0 } + audit.findingsAcrossAccounts()
        if let earlier { findings += await self.findings(in: audit, since: earlier) }
        findings.sort(by: AuditFinding.precedes)
        let size = audit.size
        return AuditReport(findings: findings, accounts: size.accounts, users: size.users, imports: size.imports)
    }

    private func findings(in audit: StoreAudit, since earlier: any TokenSource) async -> [AuditFinding] {
        let changes = await workers.map(earlier.count) { range in
            earlier.entries(in: range).map(audit.changes)
        }
        var findings = earlier.faults.map { $0.finding() }
        var withdrawn = Set(earlier.operatorToken.map { audit.withdrawnKeys(ofOperator: $0.token) } ?? [])
        for change in changes.joined() {
            findings += change.findings
            withdrawn.formUnion(change.withdrawn)
        }
        return findings + audit.findings(signedByWithdrawn: withdrawn)
    }
}
