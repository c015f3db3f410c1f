import Foundation
import NKeys
import Testing

@testable import Trust

/// Random worlds of accounts: which imports are out is what the oracle says, whether the accounts come all at once or
/// one by one. `CREDENCE_WORLDS` gives the number of worlds (1,000 unless set), `CREDENCE_SEED` the seed; both are
/// printed.
@Suite struct CircleCampaign {
    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    @Test func `random accounts lose the imports that the oracle takes out, in whatever order they come`() throws {
        let forge = try BindingForge.shared.get()
        let worlds = Self.number("CREDENCE_WORLDS") ?? 1_000
        let seed = Self.number("CREDENCE_SEED") ?? .random(in: 1...1_000_000_000)
        var generator = SeededGenerator(seed: seed)
        var (imports, circles, differences) = (0, 0, 0)
        for number in 0..<worlds {
            let keys = Array(
                forge.accounts.shuffled(using: &generator).prefix(Int.random(in: 2...4, using: &generator))
                    .map(\.publicKey))
            let world = CircleWorld(keys: keys, using: &generator)
            let expected = CircleOracle(world).out()
            let judged = try forge.judged(world.keys.indices.map { try world.account($0, forge) })
            let bulk = Self.bulk(world, judged)
            let stepwise = try Self.stepwise(world, judged, forge, using: &generator)
            imports += world.accounts.reduce(0) { $0 + $1.imports.count }
            circles += expected.count
            if bulk != expected || stepwise != expected {
                differences += 1
                if differences <= 3 {
                    Issue.record(
                        """
                        world \(number) of seed \(seed): the oracle takes out \(expected), all at once \(bulk), one by \
                        one \(stepwise), in
                        \(world)
                        """)
                }
            }
        }
        print(
            "circle campaign: seed \(seed), \(worlds) worlds, \(imports) imports, \(circles) circles, "
                + "\(differences) differences")
        #expect(differences == 0)
        #expect(worlds < 100 || circles * 100 > imports, "the worlds hardly hold circles")
    }

    private static func places(_ world: CircleWorld, _ closings: (PublicKey) -> [Int]) -> Set<CircleOracle.Place> {
        var places: Set<CircleOracle.Place> = []
        for (number, key) in world.keys.enumerated() {
            for index in closings(key) { places.insert(CircleOracle.Place(account: number, index: index)) }
        }
        return places
    }

    private static func bulk(_ world: CircleWorld, _ judged: [JudgedImports]) -> Set<CircleOracle.Place> {
        let accounts = AccountsInForce.resolve(judged, policy: .strict)
        let inForce = Dictionary(uniqueKeysWithValues: accounts.map { ($0.key, $0) })
        return places(world) { key in
            (inForce[key]?.imports ?? []).enumerated().filter { $1.failures.contains { $0.rule == .importCycle } }
                .map(\.offset)
        }
    }

    /// Accounts come in any order, some with other imports before, some leave and come again.
    private static func stepwise(
        _ world: CircleWorld, _ final: [JudgedImports], _ forge: BindingForge, using generator: inout SeededGenerator
    ) throws -> Set<CircleOracle.Place> {
        var graph = ImportGraph()
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            let number = Int.random(in: 0..<world.keys.count, using: &generator)
            if generator.happens(25) {
                _ = graph.remove(world.keys[number])
                continue
            }
            var accounts = final.map(\.account)
            accounts[number] = try world.changing(number, using: &generator).account(number, forge)
            let judged = forge.judged(accounts[number], among: accounts)
            _ = graph.set(judged.account, bindings: judged.verdicts.compactMap(\.proof))
        }
        for judged in final.shuffled(using: &generator) {
            let keys = final.map(\.account.key)
            let before = keys.map { graph.closings(of: $0) }
            let changed = graph.set(judged.account, bindings: judged.verdicts.compactMap(\.proof))
            let differ = zip(keys, before).filter { graph.closings(of: $0) != $1 }.map(\.0)
            // One that is set anew is named when it had imports out before or has now.
            #expect(changed.isSuperset(of: differ), "a change was not told")
        }
        return places(world) { Array(graph.closings(of: $0).keys) }
    }
}
