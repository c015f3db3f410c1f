import Trust

/// Whether an explanation says what the verdict says, of every vector that is judged by more than its own token.
enum ExplanationAgreement {
    /// What differs; nil when the rules that fail in the tree are those of the verdict. The rules of an exporter, which
    /// stand below B-exporter-unknown, are not the import's.
    static func complaint(_ tree: Explanation?, _ failures: [Finding]) -> String? {
        guard let tree else { return "nothing is explained" }
        let told = failing(tree)
        let expected = Set(failures.map(\.rule))
        if told != expected {
            return "explained by \(told.map(\.code).sorted()), refused by \(expected.map(\.code).sorted())"
        }
        return (tree.outcome == .holds) == failures.isEmpty ? nil : "the outcome of the tree is \(tree.outcome)"
    }

    private static func failing(_ node: Explanation) -> Set<Rule> {
        var rules: Set<Rule> = []
        if let rule = node.rule, node.outcome == .fails { rules.insert(rule) }
        guard node.rule != .exporterUnknown else { return rules }
        return node.children.reduce(into: rules) { $0.formUnion(failing($1)) }
    }

    /// A token by the rules for tokens alone.
    static func report(_ token: String, _ verifier: TokenVerifier, at now: UnixTime) -> TokenReport {
        Array(token.utf8).withUnsafeBufferPointer { verifier.report(utf8: $0, at: now) }
    }
}
