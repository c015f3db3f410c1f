import Trust

/// Bearers in an account that shares: with `share` an exporter is told who asks, on servers of the field with the whole
/// token, and the token of a bearer is all that it takes to be that user.
enum Bearers {
    /// A finding for each service that is imported with `share` by an account of bearers.
    static func findings(on account: AccountSurvey) -> [AuditFinding] {
        guard let claims = account.claims else { return [] }
        let bearers = bearers(of: account, claims)
        guard !bearers.isEmpty else { return [] }
        return claims.imports.enumerated().compactMap { index, item in
            guard item.share, item.kind == .service else { return nil }
            return AuditFinding(
                .audit(.bearerShared), of: account.subject, at: Place("imports").element(index).member("share"),
                in: account.origin,
                "`\(item.account.text)` is told who asks, and may be told the tokens of the bearers "
                    + Wording.list(bearers))
        }
    }

    /// The users who are bearers; where users are not known, the roles whose users are.
    private static func bearers(of account: AccountSurvey, _ claims: AccountClaims) -> [String] {
        if let users = account.users { return users.filter { $0.isAccepted && $0.isBearer }.map(\.name) }
        guard !claims.limits.disallowsBearer else { return [] }
        return claims.signingKeys.compactMap(\.scope).filter(\.limits.bearer).map { "role \($0.role)" }
    }
}
