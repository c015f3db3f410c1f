import NKeys
import Trust

/// Activation tokens that several accounts import with. A token is given to one: the others have it from somewhere.
struct TokenReuse {
    private struct Use {
        let account: Int
        let index: Int
    }

    private var uses: [String: [Use]] = [:]

    /// Notes the tokens that an account imports with.
    mutating func note(_ claims: AccountClaims, ofAccountAt account: Int) {
        for (index, item) in claims.imports.enumerated() {
            if let token = item.token { uses[token, default: []].append(Use(account: account, index: index)) }
        }
    }

    /// A finding for each import with a token that another account has too and that was not given to this one.
    func findings(in accounts: [AccountSurvey], _ auditor: Auditor) -> [AuditFinding] {
        var findings: [AuditFinding] = []
        for (token, uses) in uses where uses.count > 1 {
            let keys = Set(uses.compactMap { accounts[$0.account].key })
            guard keys.count > 1 else { continue }
            let owner = auditor.report(token).claims?.common.subject
            // A few names are told: one token may be in very many hands.
            let some = keys.sorted().prefix(4)
            for use in uses where accounts[use.account].key != owner {
                let account = accounts[use.account]
                let others = some.filter { $0 != account.key }.map(\.text)
                let given = owner.map { keys.contains($0) ? ", and given to `\($0.text)`" : "" } ?? ""
                findings.append(
                    AuditFinding(
                        .audit(.tokenReuse), of: account.subject,
                        at: Place("imports").element(use.index).member("token"), in: account.origin,
                        "the same token is used by \(Wording.list(others, of: keys.count - 1))\(given)"))
            }
        }
        return findings
    }
}
