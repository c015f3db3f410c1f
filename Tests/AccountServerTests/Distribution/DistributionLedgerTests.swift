import NKeys
import Testing
import Trust

@testable import AccountServer

/// What is told to whom, without a network.
@Suite struct DistributionLedgerTests {
    private let keys: [PublicKey]
    private let nodes: [ServerIdentity]

    init() throws {
        keys = try (0..<6).map { _ in try KeyPair.generate(.account).publicKey }
        nodes = try (0..<3).map { index in
            let id = try KeyPair.generate(.server).publicKey
            let tree = try JSONTree(Array(#"{"id":"\#(id)","name":"n\#(index)","ver":"2.15.1"}"#.utf8))
            return try #require(ServerIdentity(tree))
        }
    }

    private func ledger(_ limits: DistributionLimits = .standard) -> DistributionLedger {
        DistributionLedger(firstRetry: .seconds(1), longestRetry: .seconds(8), limits: limits)
    }

    /// Everything is taken and confirmed by everyone who is there.
    private func confirm(_ ledger: inout DistributionLedger, at now: UInt64 = 0) {
        if ledger.needsPass { ledger.beginPass(over: keys) }
        while true {
            let batch = ledger.take(4, at: now)
            if batch.isEmpty { return }
            for key in batch {
                ledger.settle(
                    key, Dictionary(uniqueKeysWithValues: ledger.present.map { ($0, .updated) }), silent: [], at: now)
            }
        }
    }

    @Test func `a new server is told of everything, once`() {
        var ledger = ledger()
        #expect(ledger.survey(nodes).count == 3)
        #expect(ledger.needsPass)
        confirm(&ledger)
        #expect(!ledger.needsPass)
        #expect(ledger.report().allSatisfy { $0.accountsBehind == 0 })
        #expect(ledger.survey(nodes) == [])
        #expect(!ledger.needsPass)
    }

    @Test func `a change during a push is pushed again`() {
        var ledger = ledger()
        _ = ledger.survey([nodes[0]])
        confirm(&ledger)
        ledger.changed(keys[0])
        #expect(ledger.take(9, at: 0) == [keys[0]])
        ledger.changed(keys[0])
        ledger.settle(keys[0], [nodes[0].id: .updated], silent: [], at: 0)
        #expect(ledger.report().first?.accountsBehind == 1)
        #expect(ledger.take(9, at: 0) == [keys[0]])
        ledger.settle(keys[0], [nodes[0].id: .updated], silent: [], at: 0)
        #expect(ledger.report().first?.accountsBehind == 0)
        #expect(ledger.waitingCount == 0)
    }

    @Test func `what fails is tried again after waits that double up to the longest`() {
        var ledger = ledger()
        _ = ledger.survey([nodes[0]])
        confirm(&ledger)
        ledger.changed(keys[0])
        var (now, waits): (UInt64, [UInt64]) = (0, [])
        for _ in 0..<6 {
            let start = now
            while ledger.take(9, at: now).isEmpty { now += 1_000_000_000 }
            waits.append((now - start) / 1_000_000_000)
            ledger.settle(keys[0], [nodes[0].id: .failed("full")], silent: [], at: now)
        }
        #expect(waits == [0, 1, 2, 4, 8, 8])
        #expect(ledger.report().first?.lastFault == "full")
    }

    @Test func `a server that does not answer is not waited for, and gets all it missed when it is back`() {
        var ledger = ledger()
        _ = ledger.survey(nodes)
        confirm(&ledger)
        ledger.changed(keys[0])
        _ = ledger.take(9, at: 0)
        ledger.settle(keys[0], [nodes[0].id: .updated, nodes[1].id: .updated], silent: [nodes[2].id], at: 0)
        #expect(ledger.present == [nodes[0].id, nodes[1].id])
        #expect(ledger.waitingCount == 0)
        ledger.changed(keys[1])
        confirm(&ledger)
        #expect(ledger.survey(nodes).map(\.id) == [nodes[2].id])
        #expect(ledger.report().first { $0.id == nodes[2].id }?.accountsBehind == 2)
        #expect(Set(ledger.take(9, at: 0)) == [keys[0], keys[1]])
    }

    @Test func `a server that falls silent while it is told of everything is told of everything again`() {
        var ledger = ledger()
        _ = ledger.survey(nodes)
        ledger.beginPass(over: keys)
        let batch = ledger.take(2, at: 0)
        for key in batch {
            ledger.settle(key, [nodes[0].id: .updated, nodes[1].id: .updated], silent: [nodes[2].id], at: 0)
        }
        confirm(&ledger)
        #expect(ledger.report().filter { $0.accountsBehind == 0 }.count == 2)
        _ = ledger.survey(nodes)
        #expect(ledger.needsPass)
        confirm(&ledger)
        #expect(ledger.report().allSatisfy { $0.accountsBehind == 0 })
    }

    @Test func `servers that are gone are forgotten, and no more are known than the limit`() {
        var limits = DistributionLimits.standard
        (limits.servers, limits.surveysUntilForgotten) = (2, 3)
        var ledger = ledger(limits)
        #expect(ledger.survey(nodes).count == 2)
        for _ in 0..<3 { _ = ledger.survey([]) }
        #expect(ledger.report() == [])
    }

    @Test func `a server that lacks more than can be kept in mind is told of everything`() {
        var limits = DistributionLimits.standard
        limits.behind = 3
        var ledger = ledger(limits)
        _ = ledger.survey(nodes)
        confirm(&ledger)
        for _ in 0..<2 { _ = ledger.survey([nodes[0]]) }
        for key in keys { ledger.changed(key) }
        confirm(&ledger)
        _ = ledger.survey(nodes)
        #expect(ledger.needsPass)
        confirm(&ledger)
        #expect(ledger.report().allSatisfy { $0.accountsBehind == 0 })
    }

    @Test func `a hash that changes twice in the same way means that everything is told, and the same hash never does`()
    {
        var ledger = ledger()
        _ = ledger.survey([nodes[0]])
        confirm(&ledger)
        let label = ServerIdentity.inboxLabel(of: "n0")
        let (one, two) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        let steps = [
            (label, one), ("another1", two), (label, one), (label, two), (label, one), (label, two), (label, two),
        ]
        let answers = steps.map { ledger.differs($0.0, by: $0.1) }
        #expect(answers == [false, false, false, false, false, false, true])
        #expect(ledger.needsPass)
    }

    @Test func `whatever fails meanwhile, in the end every server has the newest of everything`() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(state: seed)
        for _ in 0..<200 {
            var ledger = ledger()
            // What is newest, and what each server has.
            var newest: [PublicKey: Int] = [:]
            var has: [PublicKey: [PublicKey: Int]] = [:]
            var now: UInt64 = 0
            func answer(_ batch: [PublicKey], of up: Set<PublicKey>, failing: Bool) {
                for key in batch {
                    guard let version = newest[key] else {
                        ledger.drop(key)
                        continue
                    }
                    var (outcomes, silent): ([PublicKey: PushOutcome], Set<PublicKey>) = ([:], [])
                    for id in ledger.present {
                        switch failing ? Int.random(in: 0..<4, using: &random) : 0 {
                        case _ where !up.contains(id), 1: silent.insert(id)
                        case 2: outcomes[id] = .failed("no")
                        default:
                            has[id, default: [:]][key] = version
                            outcomes[id] = .updated
                        }
                    }
                    if failing, Bool.random(using: &random) {
                        newest[key] = version + 1
                        ledger.changed(key)
                    }
                    ledger.settle(key, outcomes, silent: silent, at: now)
                }
            }
            for _ in 0..<40 {
                now += 500_000_000
                let up = nodes.filter { _ in Int.random(in: 0..<4, using: &random) > 0 }
                switch Int.random(in: 0..<4, using: &random) {
                case 0: _ = ledger.survey(up)
                case 1:
                    let key = keys[Int.random(in: 0..<keys.count, using: &random)]
                    newest[key, default: 0] += 1
                    ledger.changed(key)
                default:
                    if ledger.needsPass { ledger.beginPass(over: Array(newest.keys)) }
                    answer(ledger.take(2, at: now), of: Set(up.map(\.id)), failing: true)
                }
            }
            for _ in 0..<20 {
                now += 10_000_000_000
                _ = ledger.survey(nodes)
                if ledger.needsPass { ledger.beginPass(over: Array(newest.keys)) }
                while true {
                    let batch = ledger.take(2, at: now)
                    if batch.isEmpty { break }
                    answer(batch, of: Set(nodes.map(\.id)), failing: false)
                }
            }
            for node in nodes { #expect(has[node.id, default: [:]] == newest, "seed \(seed)") }
            #expect(ledger.waitingCount == 0 && ledger.report().allSatisfy { $0.accountsBehind == 0 }, "seed \(seed)")
        }
    }
}

/// Chance that can be had again.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
