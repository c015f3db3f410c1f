/// The subjects of the campaign: few words, so that what is drawn at random often meets, and every literal of them.
struct SmallWorld {
    /// Drawn from: the last words only begin like wildcards.
    private static let words = ["a", "a", "a", "b", "b", "*x", ">x"]
    static let depth = 4
    /// Queues, in entries and as clients name their groups: where these look like patterns they are names all the same.
    private static let queues = ["q", "z", "q.r", "*", ">", "q.*", "q.>"]

    /// Every literal of the plain words, and the shorter ones of all words.
    static let literals: [String] = {
        func sequences(_ words: [String], depth: Int) -> Set<String> {
            var result: Set<String> = []
            var level = [""]
            for _ in 0..<depth {
                level = level.flatMap { stem in words.map { stem.isEmpty ? $0 : "\(stem).\($0)" } }
                result.formUnion(level)
            }
            return result
        }
        return sequences(["a", "b"], depth: depth).union(sequences(["a", "b", "*x", ">x"], depth: depth - 1)).sorted()
    }()

    /// A literal of the world, more often a short one.
    static func literal(using generator: inout some RandomNumberGenerator) -> String {
        pattern(stars: 0, rest: 0, using: &generator)
    }

    /// A pattern whose tokens are `*` by `stars` in a hundred, and which ends in `>` by `rest` in a hundred.
    static func pattern(stars: Int, rest: Int, using generator: inout some RandomNumberGenerator) -> String {
        let length = draw([1, 2, 2, 2, 3, 3, 4], using: &generator)
        var tokens = (0..<length).map { _ in
            chance(stars, using: &generator) ? "*" : draw(words, using: &generator)
        }
        if chance(rest, using: &generator) { tokens[tokens.count - 1] = ">" }
        return tokens.joined(separator: ".")
    }

    /// A pattern, with a queue by `queues` in a hundred.
    static func subscription(
        stars: Int, rest: Int, queues percent: Int, using generator: inout some RandomNumberGenerator
    ) -> String {
        let pattern = pattern(stars: stars, rest: rest, using: &generator)
        return chance(percent, using: &generator) ? "\(pattern) \(queue(using: &generator))" : pattern
    }

    static func queue(using generator: inout some RandomNumberGenerator) -> String { draw(queues, using: &generator) }

    /// A pattern near one that stands in a list: some tokens wider, some narrower, the last perhaps `>`.
    static func neighbour(of tokens: [Substring], using generator: inout some RandomNumberGenerator) -> String {
        var tokens = tokens.map { token in
            switch token {
            case "*", ">": chance(50, using: &generator) ? draw(words, using: &generator) : String(token)
            default: chance(15, using: &generator) ? "*" : String(token)
            }
        }
        if chance(30, using: &generator) { tokens[tokens.count - 1] = ">" }
        return tokens.joined(separator: ".")
    }

    /// What may be published by a client that keeps to no rules: a token may look like a wildcard, wherever it stands.
    static func published(using generator: inout some RandomNumberGenerator) -> String {
        var tokens = literal(using: &generator).split(separator: ".").map(String.init)
        if chance(10, using: &generator) {
            tokens[Int.random(in: tokens.indices, using: &generator)] = draw(["*", ">"], using: &generator)
        }
        return tokens.joined(separator: ".")
    }

    static func chance(_ percent: Int, using generator: inout some RandomNumberGenerator) -> Bool {
        Int.random(in: 0..<100, using: &generator) < percent
    }

    static func draw<Element>(_ choices: [Element], using generator: inout some RandomNumberGenerator) -> Element {
        choices[Int.random(in: choices.indices, using: &generator)]
    }
}

/// A source of numbers that says its seed, so that a run can be had again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_f491_4f6c_dd1d
    }
}
