import Trust

/// Roles whose templates the account itself would widen: its name or tags are put into the subjects of every user.
enum RoleValues {
    static func findings(on account: AccountSurvey, policy: Policy) -> [AuditFinding] {
        // The roles of a refused account are nobody's.
        guard let claims = account.trusted?.claims else { return [] }
        var findings: [AuditFinding] = []
        for (index, key) in claims.signingKeys.enumerated() {
            guard let scope = key.scope else { continue }
            // A user like any other: what stands against these values does not come from the user.
            let values = TemplateValues(
                name: "user", subject: claims.common.subject, accountName: claims.common.name,
                account: claims.common.subject, accountTags: claims.tags)
            let place = Place("signing_keys").element(index)
            for failure in scope.permissions.expanded(for: values, policy: policy, at: place).failures
            where failure.rule == .templateValue {
                findings.append(
                    AuditFinding(
                        .trust(.templateValue), of: account.subject, at: failure.place, in: account.origin,
                        failure.message))
            }
        }
        return findings
    }
}
