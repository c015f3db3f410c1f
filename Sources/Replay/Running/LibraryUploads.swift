import NKeys
import Trust

/// An account server without a network or a disk: attacks on uploads against the library's own judge.
struct LibraryUploads {
    private let chain: ChainVerifier
    private let now: UnixTime

    init(_ chain: ChainVerifier, at now: UnixTime) { (self.chain, self.now) = (chain, now) }

    /// What becomes of an attack, each in a world of its own.
    func outcome(of attack: ReplaySuite.UploadAttack) -> ReplayOutcome {
        var judge = UploadJudge(chain: chain)
        var stored = StoredAccounts()
        for request in attack.before {
            let rules = bring(request, to: &judge, over: &stored)
            guard rules.isEmpty else {
                return .notTried("what comes before the attack is refused: \(rules.joined(separator: ", "))")
            }
        }
        let before = stored.tokens
        let rules = bring(attack.attack, to: &judge, over: &stored)
        if rules.isEmpty { return .accepted }
        return stored.tokens == before ? .refused(rules: rules) : .changed
    }

    private func bring(
        _ request: ReplaySuite.Request, to judge: inout UploadJudge, over stored: inout StoredAccounts
    ) -> [String] {
        let path = request.argument ?? ""
        let standing = request.account.flatMap { stored.tokens[$0] }
        let version = standing.map { StoredVersion.token($0.text, issuedAt: $0.issuedAt) } ?? .none
        let importers = stored.tokens.filter { $0.value.exporters.contains { $0.text == path } }.keys.sorted()
        let verdict = request.body.withUnsafeBufferPointer {
            judge.judge($0, at: path, over: version, importers: importers, resolver: stored, at: now)
        }
        guard let account = verdict.proof?.account else {
            return Set(verdict.failures.map(\.rule)).sorted().map(\.code)
        }
        stored.tokens[account.key] = StoredAccounts.Item(
            text: account.text, issuedAt: account.claims.common.issuedAt ?? .zero,
            exporters: Set(account.claims.imports.map(\.account)))
        return []
    }
}

/// The accounts that were taken.
private struct StoredAccounts: AccountResolver {
    struct Item: Equatable {
        let text: String
        let issuedAt: UnixTime
        let exporters: Set<PublicKey>
    }

    var tokens: [PublicKey: Item] = [:]

    func account(for key: PublicKey) throws(AccountResolverError) -> ResolvedAccount? {
        tokens[key].map { .unsafeTokenWithKnownSignature($0.text) }
    }
}
