import NKeys
import Testing

@testable import Trust

/// What must hold of every binding and of every set of accounts, tried on random ones.
@Suite struct BindingLawTests {
    private let seed = UInt64.random(in: 1...1_000_000_000)

    /// 300 random bindings, each changed by `change`, are all refused, and name `code`.
    private func never(
        _ code: String, _ change: (inout BindingFacts) -> Void, where applies: (BindingFacts) -> Bool = { _ in true }
    ) throws {
        let forge = try BindingForge.shared.get()
        var generator = SeededGenerator(seed: seed)
        var tried = 0
        for _ in 0..<300 {
            var facts = BindingFacts.random(BindingFacts.Keys(forge), using: &generator)
            facts.isURL = false
            if facts.token == nil { facts.token = .init(subject: facts.subject, kind: facts.kind) }
            change(&facts)
            guard applies(facts) else { continue }
            tried += 1
            let verdict = try facts.verdict(forge)
            #expect(verdict.proof == nil, "seed \(seed): \(facts.summary)")
            #expect(verdict.failures.contains { $0.rule.code == code }, "seed \(seed): \(facts.summary)")
        }
        #expect(tried > 100, "the law was hardly tried")
    }

    @Test func `a token for another importer never binds`() throws {
        try never("B-importer") { $0.token?.isForImporter = false }
    }

    @Test func `a token for another exporter never binds`() throws {
        try never("B-exporter") {
            $0.standing = .trusted
            $0.token?.signer = .stranger
        }
        try never("B-exporter") {
            $0.standing = .trusted
            $0.token?.namesExporter = false
        }
    }

    @Test func `a token never grants what is not exported`() throws {
        try never("B-export-missing") {
            $0.standing = .trusted
            $0.exports = [.init(subject: "elsewhere.>", kind: $0.kind)]
        } where: {
            $0.subject != "elsewhere.>"
        }
        try never("B-export-subject") {
            $0.standing = .trusted
            $0.exports = [.init(subject: $0.subject, kind: $0.kind)]
            $0.token?.subject = ">"
        } where: {
            $0.subject != ">"
        }
    }

    @Test func `scoped keys never sign`() throws {
        try never("B-scoped-signer") {
            $0.standing = .trusted
            $0.token?.signer = .scopedKey
        }
    }

    // MARK: Many accounts

    /// 100 random worlds.
    private func worlds(_ check: (CircleWorld, BindingForge, inout SeededGenerator) throws -> Void) throws {
        let forge = try BindingForge.shared.get()
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let keys = Array(forge.accounts.shuffled(using: &generator).prefix(4).map(\.publicKey))
            try check(CircleWorld(keys: keys, using: &generator), forge, &generator)
        }
    }

    private func standings(_ accounts: [AccountInForce]) -> [PublicKey: [[String]]] {
        Dictionary(uniqueKeysWithValues: accounts.map { ($0.key, $0.imports.map(\.codes)) })
    }

    @Test func `adding an account changes nobody else's standing, whatever circles it closes`() throws {
        try worlds { world, forge, generator in
            var world = world
            // The account that comes last is the one that is added.
            let last = Int.random(in: 0..<world.keys.count, using: &generator)
            world.accounts[last].issuedAt = BindingForge.now.seconds
            let judged = try forge.judged(world.keys.indices.map { try world.account($0, forge) })
            let after = standings(AccountsInForce.resolve(judged, policy: .strict))
            let others = judged.filter { $0.account.key != world.keys[last] }
            let before = standings(AccountsInForce.resolve(others, policy: .strict))
            for (key, standing) in before { #expect(after[key] == standing, "seed \(seed):\n\(world)") }

            var graph = ImportGraph(others.map { (account: $0.account, bindings: $0.verdicts.compactMap(\.proof)) })
            let new = judged[last]
            let changed = graph.set(new.account, bindings: new.verdicts.compactMap(\.proof))
            #expect(changed.isSubset(of: [new.account.key]), "seed \(seed):\n\(world)")
        }
    }

    @Test func `nobody puts out another's import by closing a circle through it`() throws {
        try worlds { world, forge, generator in
            var world = world
            let attacker = Int.random(in: 0..<world.keys.count, using: &generator)
            world.accounts[attacker].issuedAt = BindingForge.now.seconds
            var quiet = world
            quiet.accounts[attacker].imports = []
            let with = try standings(forge.inForce(world.keys.indices.map { try world.account($0, forge) }))
            let without = try standings(forge.inForce(quiet.keys.indices.map { try quiet.account($0, forge) }))
            for (number, key) in world.keys.enumerated() where number != attacker {
                #expect(with[key] == without[key], "seed \(seed):\n\(world)")
            }
        }
    }

    @Test func `the answer does not depend on the order of accounts`() throws {
        try worlds { world, forge, generator in
            let judged = try forge.judged(world.keys.indices.map { try world.account($0, forge) })
            let expected = standings(AccountsInForce.resolve(judged, policy: .strict))
            let permuted = AccountsInForce.resolve(judged.shuffled(using: &generator), policy: .strict)
            #expect(standings(permuted) == expected, "seed \(seed):\n\(world)")
        }
    }

    @Test func `no circle is left among the imports in force`() throws {
        try worlds { world, forge, _ in
            let inForce = try forge.inForce(world.keys.indices.map { try world.account($0, forge) })
            var left = world
            for (number, account) in inForce.enumerated() {
                left.accounts[number].imports = world.accounts[number].imports.enumerated()
                    .filter { account.imports[$0.offset].isAccepted }.map(\.element)
            }
            #expect(CircleOracle(left).out() == [], "seed \(seed):\n\(world)")
        }
    }
}
