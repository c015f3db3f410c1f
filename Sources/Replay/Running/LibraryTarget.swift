import Trust

/// Runs a suite against this library: the accounts by the chain, their imports by every B rule.
public struct LibraryTarget: Sendable {
    private let policy: Policy

    /// A run by this policy.
    public init(policy: Policy) { self.policy = policy }

    /// What becomes of each world's import at `now`, in the order of the worlds.
    public func outcomes(of suite: ReplaySuite, at now: UnixTime) -> [ReplayOutcome] {
        let chain = chain(suite.operators, at: now)
        return suite.worlds.map { outcome(of: $0, chain, at: now) }
    }

    /// What becomes of each of `attacks`, which are attacks on uploads of the suite, in their order. They are judged
    /// under their own operator alone, as a server does that has one.
    public func outcomes(
        of attacks: [ReplaySuite.UploadAttack], in suite: ReplaySuite, at now: UnixTime
    ) -> [ReplayOutcome] {
        let judges = suite.operators.map { LibraryUploads(chain([$0], at: now), at: now) }
        return attacks.map { attack in
            judges.indices.contains(attack.operatorIndex)
                ? judges[attack.operatorIndex].outcome(of: attack) : .notTried("there is no such operator")
        }
    }

    private func chain(_ operators: [String], at now: UnixTime) -> ChainVerifier {
        let verifier = TokenVerifier(policy: policy)
        let trusted = operators.compactMap { verifier.verify($0, as: OperatorClaims.self, at: now).proof }
        return ChainVerifier(anchors: TrustAnchors(trusted), verifier: verifier)
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
