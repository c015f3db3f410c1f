import NKeys
import Testing

@testable import Trust

/// What holds for uploads, one law after another.
@Suite struct UploadLawTests {
    private static let issued = UploadWorld.start.seconds - 1_000
    private typealias Plan = UploadWorld.Plan
    private typealias Export = UploadWorld.Export
    private typealias Import = UploadWorld.Import

    private func stops(_ key: PublicKey, _ index: Int) -> [DependentImport] {
        [DependentImport(account: key, index: index, change: .stops)]
    }

    @Test func `an accepted upload gives the token byte for byte, and says when it is stored already`() throws {
        var world = try UploadWorld(accounts: 1)
        var judge = UploadJudge(chain: world.chain)
        let token = try world.sign(0, Plan(exports: [Export(subject: "a")]), issuedAt: Self.issued)
        let first = try #require(world.upload(token, to: &judge).proof)
        #expect(Array(first.account.text.utf8) == Array(token.text.utf8) && !first.isStoredAlready)
        let second = try #require(world.upload(token, to: &judge).proof)
        #expect(Array(second.account.text.utf8) == Array(token.text.utf8) && second.isStoredAlready)
    }

    @Test(arguments: [0, 1, 2, 1_000])
    func `an account is not forgotten while its own upload is judged`(_ cached: Int) throws {
        var world = try UploadWorld(accounts: 8)
        var judge = UploadJudge(chain: world.chain, cachedAccounts: cached)
        for exporter in 1..<8 {
            world.upload(
                try world.sign(exporter, Plan(exports: [Export(subject: "a")]), issuedAt: Self.issued), to: &judge)
        }
        let imports = (1..<7).map { Import(exporter: world.key($0), subject: "a") }
        #expect(world.upload(try world.sign(0, Plan(imports: imports), issuedAt: Self.issued), to: &judge).isAccepted)
        // What it no longer imports makes room needed, and what it imports now is not exported.
        let wrong = Plan(imports: [Import(exporter: world.key(7), subject: "secret")])
        let verdict = world.upload(try world.sign(0, wrong, issuedAt: Self.issued + 1), to: &judge)
        #expect(verdict.codes == ["B-export-missing at imports[0].subject", "U-binding at imports[0]"])
    }

    @Test func `an exporter that the clock has asked for again is looked for`() throws {
        var world = try UploadWorld(accounts: 2)
        var judge = UploadJudge(chain: world.chain, unknownExporters: .deferred)
        let plan = Plan(imports: [Import(exporter: world.key(1), subject: "a")])
        #expect(world.upload(try world.sign(0, plan, issuedAt: Self.issued), to: &judge).proof?.deferred == [0])
        world.now = world.now.advanced(by: 60)
        // Its token is not this importer's: that is seen only when the import is judged.
        let token = try world.activation(from: 1, for: 1, "a")
        let wrong = Plan(imports: [Import(exporter: world.key(1), subject: "a", token: token)])
        let verdict = world.upload(try world.sign(0, wrong, issuedAt: Self.issued + 1), to: &judge)
        #expect(verdict.codes.contains("B-importer at imports[0].token"))
    }

    @Test func `a clock that is set back brings back what had expired`() throws {
        var world = try UploadWorld(accounts: 2)
        var judge = UploadJudge(chain: world.chain)
        let exporting = Plan(exports: [Export(subject: "a")], expires: world.now.seconds + 10)
        world.store(try world.sign(0, exporting, issuedAt: Self.issued))
        let importing = Plan(imports: [Import(exporter: world.key(0), subject: "a")])
        let upload = try world.sign(1, importing, issuedAt: Self.issued)
        world.now = world.now.advanced(by: 10)
        #expect(!world.judge(upload, by: &judge).isAccepted)
        world.now = world.now.advanced(by: -1)
        #expect(world.judge(upload, by: &judge).isAccepted)
    }

    @Test(arguments: [UploadJudge.UnknownExporters.refused, .deferred])
    func `an upload is refused where a stored account cannot be read, and judged when it can`(
        _ unknown: UploadJudge.UnknownExporters
    ) throws {
        var world = try UploadWorld(accounts: 3)
        var judge = UploadJudge(chain: world.chain, unknownExporters: unknown)
        world.store(try world.sign(0, Plan(exports: [Export(subject: "a")]), issuedAt: Self.issued))
        let importing = Plan(imports: [Import(exporter: world.key(0), subject: "a")])
        world.store(try world.sign(2, importing, issuedAt: Self.issued))
        let uploads = [
            (try world.sign(1, importing, issuedAt: Self.issued), unreadable: 0),
            (try world.sign(0, Plan(), issuedAt: Self.issued + 1), unreadable: 2),
        ]
        for (upload, unreadable) in uploads {
            let failing = CountingResolver(world.stored.mapValues(\.text), failing: [world.key(unreadable)])
            #expect(world.judge(upload, by: &judge, resolver: failing).codes == ["U-binding"])
            let verdict = world.judge(upload, by: &judge)
            #expect(verdict.isAccepted && verdict.proof?.deferred == [])
            judge.takeBack(upload.subject, resolver: world.resolver, at: world.now)
        }
    }

    @Test func `an import is named that is not of the account, where a circle through it ends or begins`() throws {
        var world = try UploadWorld(accounts: 3)
        var judge = UploadJudge(chain: world.chain)
        func ring(_ account: Int, _ exporter: Int) -> Plan {
            Plan(exports: [Export(subject: ">")], imports: [Import(exporter: world.key(exporter), subject: "a")])
        }
        for account in 0..<3 {
            world.store(
                try world.sign(account, ring(account, (account + 1) % 3), issuedAt: Self.issued + Int64(account)))
        }
        // The last of the ring is out, by its import from the first; without the second's it is a circle no more.
        let open = try world.sign(1, Plan(exports: [Export(subject: ">")]), issuedAt: Self.issued + 10)
        let expected = [DependentImport(account: world.key(2), index: 0, change: .starts)]
        #expect(world.judge(open, by: &judge).proof?.dependents == expected)
    }

    @Test func `an upload that changes nothing for others judges none of them`() throws {
        var world = try UploadWorld(accounts: 60)
        var judge = UploadJudge(chain: world.chain)
        let hub = Plan(exports: [Export(subject: "a", tokenRequired: true)])
        world.store(try world.sign(0, hub, issuedAt: Self.issued))
        for importer in 1..<60 {
            let token = try world.activation(from: 0, for: importer, "a")
            let plan = Plan(imports: [Import(exporter: world.key(0), subject: "a", token: token)])
            world.store(try world.sign(importer, plan, issuedAt: Self.issued))
        }
        var renamed = hub
        renamed.remark = "hub"
        let resolver = CountingResolver(world.stored.mapValues(\.text), .keptTexts)
        let renewal = try world.sign(0, renamed, issuedAt: Self.issued + 1)
        #expect(world.judge(renewal, by: &judge, resolver: resolver).proof?.dependents == [])
        #expect(resolver.loads == [world.key(0)])
        #expect(judge.counters.imports == 0 && judge.counters.signatures == 1)
        renamed.exports = []
        let withdrawal = try world.sign(0, renamed, issuedAt: Self.issued + 2)
        #expect(world.judge(withdrawal, by: &judge, resolver: resolver).proof?.dependents.count == 59)
    }

    @Test(arguments: [CountingResolver.Answer.tokens, .keptTexts])
    func `signatures are checked once for as long as an account is kept`(_ answer: CountingResolver.Answer) throws {
        var world = try UploadWorld(accounts: 3)
        var judge = UploadJudge(chain: world.chain)
        world.store(
            try world.sign(0, Plan(exports: [Export(subject: "a", tokenRequired: true)]), issuedAt: Self.issued))
        let token = try world.activation(from: 0, for: 1, "a")
        let good = Plan(imports: [Import(exporter: world.key(0), subject: "a", token: token)])
        let bad = Plan(imports: [Import(exporter: world.key(0), subject: "b")])
        func judged(_ plan: Plan, _ issuedAt: Int64) throws -> Int {
            let before = judge.counters.signatures
            let resolver = CountingResolver(world.stored.mapValues(\.text), answer)
            let upload = try world.sign(1, plan, issuedAt: issuedAt)
            if world.judge(upload, by: &judge, resolver: resolver).isAccepted { world.store(upload) }
            return judge.counters.signatures - before
        }
        #expect(try judged(good, Self.issued) == (answer == .tokens ? 3 : 2))
        for step in 1..<6 {
            #expect(try judged(bad, Self.issued + Int64(10 * step)) == 1, "refused")
            #expect(try judged(good, Self.issued + Int64(10 * step + 1)) == 1, "its activation is known")
        }
        let trial = try world.sign(1, bad, issuedAt: Self.issued + 100)
        _ = world.judge(trial, by: &judge)
        let dry = try world.sign(1, Plan(), issuedAt: Self.issued + 101)
        #expect(world.judge(dry, by: &judge).isAccepted)
        judge.takeBack(world.key(1), resolver: world.resolver, at: world.now)
        #expect(try judged(good, Self.issued + 102) == 1, "known after what was taken back")
    }

    @Test func `a judge keeps no more accounts than it is told to, whoever imports from whom`() throws {
        var world = try UploadWorld(accounts: 400)
        var judge = UploadJudge(chain: world.chain, cachedAccounts: 3)
        for pair in 0..<200 {
            let (one, other) = (2 * pair, 2 * pair + 1)
            let exports = [Export(subject: "a.>"), Export(subject: "b.>", kind: "stream")]
            world.upload(try world.sign(one, Plan(exports: exports), issuedAt: Self.issued), to: &judge)
            let imports = [Import(exporter: world.key(one), subject: "a.x")]
            world.upload(
                try world.sign(other, Plan(exports: exports, imports: imports), issuedAt: Self.issued), to: &judge)
            let back = Plan(
                exports: exports, imports: [Import(exporter: world.key(other), subject: "b.x", kind: "stream")])
            let verdict = world.upload(try world.sign(one, back, issuedAt: Self.issued + 1), to: &judge)
            #expect(verdict.isAccepted, "the two import from each other, and not in a circle: \(verdict.codes)")
            #expect(judge.keptAccounts <= 80, "after \(pair) pairs")
        }
    }

    @Test func `a token without a time is taken once, where a policy takes it, and never replaces another`() throws {
        var policy = Policy.strict
        policy.relaxed = [.tokenIssuedAt]
        var world = try UploadWorld(accounts: 1, policy: policy)
        var judge = UploadJudge(chain: world.chain)
        #expect(world.upload(try world.sign(0, Plan(remark: "one"), issuedAt: nil), to: &judge).isAccepted)
        #expect(
            world.judge(try world.sign(0, Plan(remark: "two"), issuedAt: nil), by: &judge).codes == ["U-stale at iat"])
        #expect(world.upload(try world.sign(0, Plan(), issuedAt: 1), to: &judge).isAccepted)
        world.delete(world.key(0))
        judge.reload(world.key(0), resolver: world.resolver, at: world.now)
        #expect(world.judge(try world.sign(0, Plan(), issuedAt: nil), by: &judge).codes == ["U-stale at iat"])
        var strict = UploadJudge(chain: try world.chainWorld.chain())
        let refused = world.judge(try world.sign(0, Plan(), issuedAt: nil), by: &strict)
        #expect(refused.codes.contains("T-issued-at at iat"))
    }

    @Test func `an import stops by its exporter alone, and an importer that is refused has none to stop`() throws {
        var world = try UploadWorld(accounts: 3)
        var judge = UploadJudge(chain: world.chain)
        world.store(try world.sign(0, Plan(exports: [Export(subject: "a")]), issuedAt: Self.issued))
        var plan = Plan(imports: [Import(exporter: world.key(0), subject: "a")])
        world.store(try world.sign(1, plan, issuedAt: Self.issued))
        plan.expires = world.now.seconds + 10
        world.store(try world.sign(2, plan, issuedAt: Self.issued))
        let withdrawal = try world.sign(0, Plan(), issuedAt: Self.issued + 1)
        #expect(world.judge(withdrawal, by: &judge).proof?.dependents.count == 2)
        judge.takeBack(world.key(0), resolver: world.resolver, at: world.now)
        world.now = world.now.advanced(by: 10)
        #expect(world.judge(withdrawal, by: &judge).proof?.dependents == stops(world.key(1), 0))
        judge.takeBack(world.key(0), resolver: world.resolver, at: world.now)
        judge.brokenDependents = .refused
        #expect(world.judge(withdrawal, by: &judge).codes == ["U-dependents"])
    }

    @Test func `neither the size of the cache nor the order of unrelated uploads changes an answer`() throws {
        var world = try UploadWorld(accounts: 9)
        for exporter in 0..<3 {
            world.store(try world.sign(exporter, Plan(exports: [Export(subject: "a")]), issuedAt: Self.issued))
        }
        let uploads = try (3..<9).map { account in
            let subject = account == 5 ? "b" : "a"
            let item = Import(exporter: world.key(account % 3), subject: subject)
            return try world.sign(account, Plan(imports: [item]), issuedAt: Self.issued + Int64(account))
        }
        var random = SeededGenerator(seed: 11)
        var answers: Set<String> = []
        for round in 0..<30 {
            var (own, judge) = (world, UploadJudge(chain: world.chain, cachedAccounts: round % 5))
            var found: [PublicKey: String] = [:]
            for upload in uploads.shuffled(using: &random) {
                found[upload.subject] = "\(UploadOracle.Answer(own.upload(upload, to: &judge)))"
            }
            answers.insert(uploads.map { found[$0.subject] ?? "" }.joined(separator: "; "))
        }
        #expect(answers.count == 1 && answers.first?.contains("B-export-missing") == true)
    }
}
