import Trust

/// Tokens that never expire: what is forgotten stays good for ever.
enum Expiries {
    /// At most one finding on the account's token, one on its users and one on the activations that it imports with.
    static func findings(on account: AccountSurvey, _ imports: [Verdict<Binding>]) -> [AuditFinding] {
        var findings: [AuditFinding] = []
        func add(_ place: Place, _ message: String) {
            findings.append(
                AuditFinding(.audit(.noExpiry), of: account.subject, at: place, in: account.origin, message))
        }
        if let trusted = account.trusted, trusted.claims.common.expires == nil {
            add("exp", "the account's token never expires")
        }
        let users = (account.users ?? []).filter(\.isAccepted)
        let lasting = users.filter(\.neverExpires)
        if !lasting.isEmpty {
            let share = Wording.share(lasting.count, of: users.count, "user")
            add("users", "the tokens of \(share) never expire: \(Wording.list(lasting.map(\.name)))")
        }
        let tokens = imports.compactMap(\.proof).filter { $0.token != nil }
        let activations = tokens.filter { $0.expires == nil }
        if !activations.isEmpty {
            let share = Wording.share(activations.count, of: tokens.count, "activation")
            let subjects = activations.map(\.import.exporterSubject.text)
            add("imports", "\(share) never expire\(activations.count == 1 ? "s" : ""): \(Wording.list(subjects))")
        }
        return findings
    }
}
