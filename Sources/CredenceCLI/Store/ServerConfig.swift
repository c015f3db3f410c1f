import NKeys
import Trust

/// The part of a nats-server configuration that says whom the server trusts, with the accounts in it.
///
///     // Operator "CORP"
///     operator: eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ...
///     system_account: ABFNDF7HQGU7YXIYO776K6U7MVO2GJYGE3XKKRCF7CAYBGJMNT7HLR5J
///     resolver: MEMORY
///     resolver_preload: {
///       // Account "ORDERS"
///       ADR3BQ4PHMPPUZCIRDULQ2LRUBCFAC4FFJALWVWFQMY46DQ5WZRELBSW: eyJ0eXAi...
///     }
struct ServerConfig {
    let `operator`: VerifiedToken<OperatorClaims>
    /// The account of the servers themselves; none for a server without one.
    var systemAccount: PublicKey?
    /// The accounts that the server knows.
    var accounts: [TrustedAccount] = []

    init(operator: VerifiedToken<OperatorClaims>) {
        self.operator = `operator`
        systemAccount = `operator`.claims.systemAccount
    }

    /// The text of the file. Names are in comments alone; line breaks in them cannot end one.
    var text: String {
        var lines = [Self.comment("Operator", `operator`.claims.common.name), "operator: \(`operator`.text)", ""]
        if let systemAccount { lines += ["system_account: \(systemAccount.text)", ""] }
        lines += ["resolver: MEMORY", "", "resolver_preload: {"]
        for account in accounts {
            lines.append("  " + Self.comment("Account", account.claims.common.name))
            lines += ["  \(account.key.text): \(account.text)", ""]
        }
        lines.append("}")
        return lines.map { $0 + "\n" }.joined()
    }

    private static func comment(_ what: String, _ name: String) -> String {
        "// \(what) \"\(Printable.line(name))\""
    }
}
