import Foundation
import NKeys
import Subjects
import Testing

@testable import Trust

/// Random sequences of changes end in the state that loading from nothing gives.
@Suite struct StoreSequenceTests {
    private static let accounts = 5
    private static let subjects = ["a", "b", "a.b", "a.*", "*.b", "a.>", "*"]

    /// A token with random exports and imports, some of which hold.
    private func change(_ account: Int, of world: inout StoreWorld, _ issuedAt: Int64, _ random: inout SeededGenerator)
        throws
    {
        func some(_ list: [String]) -> String { list.randomElement(using: &random) ?? "a" }
        let kinds = ["service", "service", "stream"]
        var exports: [String] = []
        for subject in Self.subjects.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)) {
            let isPrivate = Int.random(in: 0..<4, using: &random) == 0
            exports.append(
                StoreWorld.export(subject, kind: some(kinds), more: isPrivate ? #","token_req":true"# : ""))
        }
        var imports: [String] = []
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            var exporter = Int.random(in: 0..<Self.accounts, using: &random)
            if exporter == account { exporter = (exporter + 1) % Self.accounts }
            let (subject, kind) = (some(["a", "b", "a.b", "a.*"]), some(kinds))
            var more = ""
            if Int.random(in: 0..<2, using: &random) == 0 {
                let offset = world.now.seconds
                let times: [[String: String]] = [
                    [:], ["exp": "\(offset + .random(in: -20...60, using: &random))"],
                    ["nbf": "\(offset + .random(in: -20...60, using: &random))"],
                ]
                let token = try world.activation(
                    from: exporter, for: account, subject, kind: kind,
                    claims: times.randomElement(using: &random) ?? [:])
                more += #","token":"\#(token)""#
            }
            if !subject.contains("*"), Int.random(in: 0..<4, using: &random) == 0 {
                more += #","local_subject":"\#(some(["a", "b", "c.a"]))""#
            }
            imports.append(world.import(subject, from: exporter, kind: kind, more: more))
        }
        var claims: [String: String] = [:]
        if Int.random(in: 0..<6, using: &random) == 0 {
            claims["exp"] = "\(world.now.seconds + .random(in: -5...80, using: &random))"
        }
        try world.publish(
            account, issuedAt: issuedAt, claims: claims,
            "\"exports\":[\(exports.joined(separator: ","))],\"imports\":[\(imports.joined(separator: ","))]")
    }

    /// What stands differently in the store and from nothing.
    private func differences(_ embedder: Embedder, _ world: StoreWorld, _ required: Set<Int>) -> [String] {
        var faults = embedder.faults
        let fresh = world.fromNothing()
        for account in required {
            let key = world.key(account)
            let (kept, made) = (embedder.store.snapshot[key], fresh[key])
            if kept?.standings != made?.standings {
                faults.append("account \(account): \(kept?.standings ?? []), from nothing \(made?.standings ?? [])")
            }
            if kept?.account.text != made?.account.text { faults.append("account \(account) is another token") }
            let held = (embedder.held[key] ?? [:]).values.sorted { $0.index < $1.index }
            if held != kept?.bindings ?? [] { faults.append("account \(account): effects and snapshot differ") }
            if embedder.inForce.contains(key) != (made != nil) { faults.append("account \(account): in force or not") }
        }
        return faults
    }

    @Test func `random sequences of changes give what loading from nothing gives`() throws {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["CREDENCE_SEED"].flatMap(UInt64.init) ?? 7
        let count = environment["CREDENCE_SEQUENCES"].flatMap(UInt64.init) ?? 24
        var circles = 0
        for number in 0..<count { circles += try run(number, seed: seed) }
        #expect(circles > 0, "without circles the sequences prove little about them")
    }

    /// Runs one sequence, and says how many imports were out for a circle on the way.
    private func run(_ number: UInt64, seed: UInt64) throws -> Int {
        var random = SeededGenerator(seed: seed &* 1_000_000 &+ number)
        var world = try StoreWorld(accounts: Self.accounts)
        var limits = TrustStore.Limits()
        limits.cachedAccounts = Int(number % 4)
        limits.negativeLifetime = 5
        var embedder = Embedder(world.chain, limits: limits)
        var required: Set<Int> = []
        var circles = 0
        for account in 0..<Self.accounts { try change(account, of: &world, Int64(account), &random) }
        for step in 0..<60 {
            let account = Int.random(in: 0..<Self.accounts, using: &random)
            let key = world.key(account)
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2:
                required.insert(account)
                embedder.apply(embedder.store.require(key, at: world.now))
            case 3:
                required.remove(account)
                embedder.apply(embedder.store.release(key, at: world.now))
            case 4...6:
                try change(account, of: &world, Int64(10 + step), &random)
                embedder.apply(embedder.store.update(world.known[key] ?? "", for: key, at: world.now))
            case 7:
                world.known[key] = nil
                embedder.apply(embedder.store.delete(key, at: world.now))
            default:
                world.now = world.now.advanced(by: Int64.random(in: 1...30, using: &random))
            }
            embedder.apply(embedder.store.advance(to: world.now))
            embedder.load(from: world)
            let faults = differences(embedder, world, required)
            try #require(faults == [], "seed \(seed), sequence \(number), step \(step)")
            for account in required {
                let imports = embedder.store.snapshot[world.key(account)]?.imports ?? []
                circles += imports.count { $0.failures.contains { $0.rule == .importCycle } }
            }
        }
        let checks = embedder.store.counters.signatures
        #expect(checks <= world.texts.count + embedder.store.counters.loads, "a signature was checked twice")
        return circles
    }
}
