import Trust

/// Turns what the rules found into findings of an audit.
enum Grading {
    /// One finding a failed rule, and one, of the least severity, a warning. `place` is put before each place.
    static func findings<Proof>(
        of verdict: Verdict<Proof>, subject: AuditFinding.Subject, at place: Place, in origin: Origin,
        leavingOut isLeftOut: (Finding) -> Bool = { _ in false }
    ) -> [AuditFinding] {
        findings(
            failures: verdict.failures, warnings: verdict.warnings, subject: subject, at: place, in: origin,
            leavingOut: isLeftOut)
    }

    static func findings(
        failures: [Finding], warnings: [Finding], subject: AuditFinding.Subject, at place: Place, in origin: Origin,
        leavingOut isLeftOut: (Finding) -> Bool = { _ in false }
    ) -> [AuditFinding] {
        func finding(_ finding: Finding, _ severity: Severity) -> AuditFinding {
            AuditFinding(
                .trust(finding.rule), severity, of: subject, at: Self.place(finding.place, in: place), in: origin,
                finding.message)
        }
        let graded = failures.filter { !isLeftOut($0) }.map { finding($0, severity(of: $0, among: failures)) }
        return graded + warnings.filter { !isLeftOut($0) }.map { finding($0, .low) }
    }

    /// A token that does not hold is as bad as the rule that it breaks: one that is only expired is not forged.
    private static func severity(of finding: Finding, among failures: [Finding]) -> Severity {
        guard finding.rule == .activationInvalid else { return finding.rule.severity }
        let causes = failures.filter { $0.place == finding.place && $0.rule <= .tokenContent }
        let others = failures.filter { $0.place.path.hasPrefix(finding.place.path + ".") && $0.rule <= .tokenContent }
        return (causes + others).map(\.rule.severity).max() ?? finding.rule.severity
    }

    private static func place(_ inner: Place, in outer: Place) -> Place {
        if outer.path.isEmpty { return inner }
        return inner.path.isEmpty ? outer : outer.member(inner.path)
    }
}
