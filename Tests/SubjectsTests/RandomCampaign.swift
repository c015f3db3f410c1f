import Testing

@testable import Subjects

#if canImport(Glibc)
    import Glibc
#endif

/// Random permission sets against the oracle. `CREDENCE_CAMPAIGN` gives the number of decisions (20,000
/// unless set) and `CREDENCE_SEED` the seed; both are printed.
@Suite struct RandomCampaign {
    private static func number(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }

    @Test func `random sets decide as the oracle does`() throws {
        let decisions = Self.number("CREDENCE_CAMPAIGN") ?? 20_000
        let seed = Self.number("CREDENCE_SEED") ?? .random(in: 1...1_000_000_000)
        print("random campaign: \(decisions) decisions, seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var done: UInt64 = 0
        while done < decisions {
            let world = World(using: &generator)
            done += try world.run(using: &generator)
        }
    }
}

/// One random vocabulary with one random permission set.
private struct World {
    let words: [String]
    let depth: Int
    let allow: [String]?
    let deny: [String]
    let wildness: Int

    init(using generator: inout SeededGenerator) {
        let pool = [
            "a", "b", "orders", "telemetry", "x1", "*x", ">y", "**", "exactly8", "fifteen_letters", "sixteen__letters",
            "a-word-that-is-longer-than-any-slot-of-a-table", "a-word-that-is-longer-than-any-slot-of-another",
            "münchen", "日本", "seven77", "nine99999",
        ]
        words = (0..<Int.random(in: 1...6, using: &generator)).map { _ in pool.randomElement(using: &generator) ?? "a" }
        depth = Int.random(in: 1...7, using: &generator)
        wildness = [0, 10, 30, 60, 80].randomElement(using: &generator) ?? 0
        let size = [0, 1, 3, 6, 20, 60, 300].randomElement(using: &generator) ?? 1
        let queues = ["", "", "", "", " q", " q.*", " >", " *"]
        func entries(_ count: Int, _ words: [String], _ depth: Int, _ wildness: Int) -> [String] {
            (0..<count).map { _ in
                World.pattern(words, depth, wildness, &generator) + (queues.randomElement(using: &generator) ?? "")
            }
        }
        allow = Bool.random(using: &generator) || size > 3 ? entries(size, words, depth, wildness) : nil
        deny = entries(Int.random(in: 0...(size / 3 + 1), using: &generator), words, depth, wildness / 2)
    }

    static func pattern(
        _ words: [String], _ depth: Int, _ wildness: Int, _ generator: inout SeededGenerator
    ) -> String {
        var tokens = (0..<Int.random(in: 1...depth, using: &generator)).map { _ in
            Int.random(in: 0..<100, using: &generator) < wildness ? "*" : words.randomElement(using: &generator) ?? "a"
        }
        if Int.random(in: 0..<100, using: &generator) < wildness / 3 { tokens[tokens.count - 1] = ">" }
        return tokens.joined(separator: ".")
    }

    /// What a failure says of the world; made only then.
    private var context: String { "allow \(allow ?? ["absent"]), deny \(deny)" }

    func run(using generator: inout SeededGenerator) throws -> UInt64 {
        let plain = { (entries: [String]) in entries.filter { !$0.contains(" ") } }
        let publishAllow = allow.map(plain)
        let publishDeny = plain(deny)
        let narrow = Int.random(in: 0..<8, using: &generator) == 0
        let permissions = try Permissions(
            publishAllow: publishAllow, publishDeny: publishDeny, subscribeAllow: allow, subscribeDeny: deny,
            responses: nil, seed: narrow ? TokenTable.Seed(low: 3, high: 5, mask: 0xff << 56) : nil)
        var done: UInt64 = 0
        for _ in 0..<120 {
            let literal = Self.pattern(words + ["other", "*x"], depth + 1, 0, &generator)
            let query = Self.pattern(words + ["other"], depth + 1, wildness, &generator)
            let queue = ["q", "q.r", "*", "z"].randomElement(using: &generator) ?? "q"
            let subject = try Subject(literal)
            let name = try QueueName(queue)
            try expect(
                permissions.decide(publish: subject).isAllowed,
                Oracle.publishes(allow: publishAllow, deny: publishDeny, literal), "publish \(literal), \(context)")
            try expect(
                permissions.decide(subscribe: SubjectPattern(query)).isAllowed,
                Oracle.subscribes(allow: allow, deny: deny, query, queue: nil), "subscribe \(query), \(context)")
            try expect(
                permissions.decide(subscribe: SubjectPattern(query), queue: name).isAllowed,
                Oracle.subscribes(allow: allow, deny: deny, query, queue: queue),
                "subscribe \(query) \(queue), \(context)")
            try expect(
                permissions.delivers(subject, queue: name), Oracle.delivers(deny: deny, literal, queue: queue),
                "deliver \(literal) \(queue), \(context)")
            try expect(
                permissions.delivers(subject), Oracle.delivers(deny: deny, literal, queue: nil),
                "deliver \(literal), \(context)")
            done += 5
        }
        return done
    }

    struct Different: Error, CustomStringConvertible {
        let description: String
    }

    private func expect(_ got: Bool, _ expected: Bool, _ what: @autoclosure () -> String) throws {
        if got != expected { throw Different(description: "\(what()): expected \(expected), got \(got)") }
    }
}
