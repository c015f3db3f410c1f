import NKeys
import Testing
import Trust

@testable import Replay

@Suite("A suite is generated")
struct GeneratorTests {
    @Test("every fact of a good import with a token is attacked, alone and with every other fact")
    func facts() throws {
        let suite = try SuiteMaking.suite(["service-position-token"], pairs: .leading)
        let facts = Dictionary(uniqueKeysWithValues: suite.changes.map { ($0.id, $0.fact) })
        var alone: Set<Fact> = []
        var together: Set<Set<Fact>> = []
        for world in suite.attacks {
            let attacked = Set(world.mutations.compactMap { facts[$0] })
            if attacked.count == 1 { alone.formUnion(attacked) } else { together.insert(attacked) }
        }
        #expect(alone == Set(Fact.allCases))
        for first in Fact.allCases {
            for second in Fact.allCases
            where first.rawValue < second.rawValue && !Self.overlapping.contains([first, second]) {
                #expect(together.contains([first, second]), "\(first) with \(second)")
            }
        }
    }

    /// One claim stands for both, so that they cannot be changed at once.
    private static let overlapping: Set<Set<Fact>> = [[.exporter, .signer], [.subject, .position]]

    @Test("the attacks break every rule that one import can break")
    func rules() throws {
        let broken = Set(try SuiteMaking.suite().attacks.flatMap(\.strict.rules))
        let bindings = Rule.allCases.map(\.code).filter { $0.hasPrefix("B-") }
        // Several exports at once, renaming, circles and limits are not facts that a token binds.
        let elsewhere: Set = ["B-export-choice", "B-local-subject", "B-cycle", "B-limits"]
        #expect(Set(bindings).subtracting(broken) == elsewhere)
        for mutation in Mutation.all { #expect(broken.contains(mutation.rule.code), "\(mutation.id)") }
    }

    @Test("an attack breaks the rule that its change is about, and the names are in order")
    func ownRule() throws {
        let suite = try SuiteMaking.suite()
        for world in suite.attacks {
            let change = try #require(suite.changes.first { [$0.id] == world.mutations })
            // Without a token there is less to break.
            if suite.worlds.first(where: { $0.base == world.base })?.importer.token != nil {
                #expect(world.strict.rules.contains(change.rule), "\(world.id): \(world.strict.rules)")
            }
            #expect(change.id.hasPrefix(change.fact.rawValue), "\(change.id)")
            #expect(world.id == "\(world.base)/\(change.id)")
        }
        #expect(Set(suite.worlds.map(\.id)).count == suite.worlds.count)
        #expect(Set(suite.controls.map(\.base)) == Set(suite.bases.keys))
    }

    @Test("every mutation makes an attack of some base, and those that lead are known")
    func used() throws {
        let used = Set(try SuiteMaking.suite().attacks.flatMap(\.mutations))
        #expect(used == Set(Mutation.all.map(\.id)))
        #expect(Set(Mutation.all.map(\.id)).count == Mutation.all.count)
        #expect(Mutation.all.count(where: \.leads) == Mutation.leading.count)
        for fact in Fact.allCases {
            #expect(Mutation.all.contains { $0.fact == fact && $0.leads }, "\(fact)")
        }
    }

    @Test("a generator without changes, with a harmless change or for a time without a past makes nothing")
    func nothing() throws {
        let at = try #require(UnixTime(SuiteMaking.at))
        #expect(throws: SuiteGenerator.Fault.empty) {
            try SuiteGenerator(keys: .fresh, at: at, mutations: []).suite()
        }
        let harmless = Mutation("time-later", .time, .tokenExpired, [.expires], "valid for longer") { draft, _ in
            draft.expires += 60
        }
        #expect(throws: SuiteGenerator.Fault.harmless("stream/time-later")) {
            try SuiteGenerator(keys: .fresh, at: at, mutations: [harmless]).suite()
        }
        #expect(throws: SuiteGenerator.Fault.empty) { try SuiteGenerator(keys: .fresh, at: .zero).suite() }
        #expect(throws: SuiteGenerator.Fault.unknownBase("strem")) {
            try SuiteGenerator(keys: .fresh, at: at, bases: ["strem"])
        }
    }

    @Test("of one label comes one suite, of another other keys, and of none other keys each time")
    func keys() throws {
        let bases = ["stream-narrow"]
        #expect(try SuiteMaking.suite(bases).json == SuiteMaking.suite(bases).json)
        let key = try SuiteMaking.suite(bases).worlds[0].exporter.key
        #expect(try SuiteMaking.suite(bases, label: "others").worlds[0].exporter.key != key)
        let fresh = try SuiteGenerator(
            keys: .fresh, at: #require(UnixTime(SuiteMaking.at)), bases: bases, pairs: .none)
        #expect(try fresh.suite().suite.user != fresh.suite().suite.user)
    }

    @Test("each pair changes two facts and no claim twice")
    func pairs() throws {
        let suite = try SuiteMaking.suite(["stream-narrow"], pairs: .all)
        let changes = Dictionary(uniqueKeysWithValues: Mutation.all.map { ($0.id, $0) })
        let pairs = suite.attacks.filter { $0.mutations.count == 2 }
        #expect(pairs.count > 300)
        for world in pairs {
            let two = world.mutations.compactMap { changes[$0] }
            #expect(two.count == 2 && two[0].fact != two[1].fact && two[0].fields.isDisjoint(with: two[1].fields))
        }
    }
}
