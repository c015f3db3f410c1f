import Trust

/// Runs a suite against this library: the accounts by the chain, their imports by every B rule.
public struct LibraryTarget: Sendable {
    private let policy: Policy

    /// A run by this policy.
    public init(policy: Policy) { self.policy = policy }

    /// What becomes of each world's import at `now`, in the order of the worlds.
    public func outcomes(of suite: ReplaySuite, at now: UnixTime) -> [ReplayOutcome] {
        let verifier = TokenVerifier(policy: policy)
        let operators = suite.operators.compactMap { verifier.verify($0, as: OperatorClaims.self, at: now).proof }
        let chain = ChainVerifier(anchors: TrustAnchors(operators), verifier: verifier)
        return suite.worlds.map { outcome(of: $0, chain, at: now) }
    }

    private func outcome(of world: ReplaySuite.World, _ chain: ChainVerifier, at now: UnixTime) -> ReplayOutcome {
        let importer = chain.account(world.importer.token, for: world.importer.key, at: now)
        let exporter = chain.account(world.exporter.token, for: world.exporter.key, at: now)
        guard let account = importer.proof else { return .refused(rules: importer.failures.codes) }
        guard let exporting = exporter.proof else {
            return .notTried("the exporter is refused: \(exporter.failures.codes.joined(separator: ", "))")
        }
        let bindings = BindingVerifier(verifier: chain.verifier)
        let judged = [account, exporting].map { one in
            bindings.imports(of: one, at: now) { $0 == exporting.key ? Exporter(exporter) : .unknown }
        }
        guard let inForce = AccountsInForce.resolve(judged, policy: policy).first, inForce.imports.count == 1,
            let verdict = inForce.imports.first
        else { return .notTried("the importer has not exactly one import") }
        return verdict.isAccepted ? .accepted : .refused(rules: verdict.failures.codes)
    }
}

extension [Finding] {
    /// Each code once, in the order of the catalogue.
    fileprivate var codes: [String] { Set(map(\.rule)).sorted().map(\.code) }
}
