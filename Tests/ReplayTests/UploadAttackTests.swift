import Replay
import Testing
import Trust

@Suite("Uploads under attack")
struct UploadAttackTests {
    /// Whether the importer's token of each world is taken, over what the world has stored.
    private func verdicts(_ suite: ReplaySuite) throws -> [Verdict<AcceptedUpload>] {
        let verifier = TokenVerifier(policy: .strict)
        let operators = suite.operators.compactMap { verifier.verify($0, as: OperatorClaims.self, at: suite.at).proof }
        let chain = ChainVerifier(anchors: TrustAnchors(operators), verifier: verifier)
        return suite.worlds.map { world in
            var resolver = MemoryAccountResolver()
            for account in [world.exporter, suite.system] + suite.bystanders {
                resolver[account.key] = .token(account.token)
            }
            var judge = UploadJudge(chain: chain)
            var text = world.importer.token
            return text.withUTF8 {
                judge.judge($0, at: world.importer.key.text, resolver: resolver, at: suite.at)
            }
        }
    }

    /// Advisory CVE-2021-3127: the binding of an import to its token was a warning, at the upload and after.
    @Test("every attack is refused by the rules that it breaks when it is uploaded, and every good import is taken")
    func refused() throws {
        let suite = try SuiteMaking.suite(pairs: .leading)
        let twoReadings: Set = ["text-line-break", "text-subject-twice", "text-subject-in-capitals"]
        var (attacks, controls) = (0, 0)
        for (world, verdict) in zip(suite.worlds, try verdicts(suite)) {
            if world.isControl {
                controls += 1
                #expect(verdict.isAccepted, "\(world.id): \(verdict.failures)")
                #expect(verdict.proof?.account.text == world.importer.token)
                continue
            }
            attacks += 1
            let rules = Set(verdict.failures.map(\.rule.code))
            #expect(!verdict.isAccepted, "\(world.id)")
            if twoReadings.isDisjoint(with: world.mutations) {
                let missing = Set(world.strict.rules).subtracting(rules)
                #expect(missing.isEmpty, "\(world.id) is refused without \(missing)")
            }
        }
        #expect(attacks > 2000 && controls == 16)
    }
}
