import Trust

/// Users whose audience means many verifiers: what is good at each of them can be carried from one to the other. An
/// activation's audience is its importer or nothing, which is a rule (B-audience) and found as one.
enum BroadAudiences {
    /// At most one finding on an account's users.
    static func findings(on account: AccountSurvey) -> [AuditFinding] {
        let users = (account.users ?? []).filter { $0.audience.flatMap(AudienceFault.init(in:)) != nil }
        guard !users.isEmpty else { return [] }
        let share = Wording.share(users.count, of: account.users?.count ?? 0, "user")
        return [
            AuditFinding(
                .audit(.broadAudience), of: account.subject, at: "users", in: account.origin,
                "the audiences of \(share) name no single verifier: \(Wording.list(users.map(\.name)))")
        ]
    }
}
