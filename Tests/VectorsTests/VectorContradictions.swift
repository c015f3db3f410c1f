import Trust

/// Cases whose expectation contradicts Docs/TrustRules.md. The rules win: each row says which rule refuses the case
/// all the same, and why; Docs/Divergences.md lists them. A row whose case agrees with the rules is stale and fails.
enum VectorContradictions {
    struct Row {
        let rule: String
        let place: String
        let reason: String
    }

    static let rows: [String: Row] = [
        "account-signing-scope-bad-subject": Row(
            rule: "T-json", place: "signing_keys[0].template.pub",
            reason: "the template names `pub` twice, and no member may be named twice at any depth"),
        "account-signing-scope-bad-fn": Row(
            rule: "T-json", place: "signing_keys[0].template.pub",
            reason: "the template names `pub` twice, and no member may be named twice at any depth"),
        "revoked-account-level": Row(
            rule: "B-exporter-unknown", place: "imports[0].account",
            reason: "the exporter revokes an account key as if it were a user's, which T-key refuses"),
    ]

    /// Whether these failures are those of the case's row.
    static func explain(_ failures: [Finding], of id: String) -> Bool {
        guard let row = rows[id], !failures.isEmpty else { return false }
        return failures.allSatisfy { $0.rule.code == row.rule && $0.place.path == row.place }
    }
}
