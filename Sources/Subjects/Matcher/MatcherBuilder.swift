/// Compiles rules into a `Matcher`.
///
/// A state is the set of what is left of the rules that the tokens so far admit. The work of merging is
/// bounded for every state by a multiple of the rules in it, the sizes of all sets together: when it is
/// exceeded everything made below that state is thrown away and the state becomes bit-parallel.
struct MatcherBuilder {
    /// A state holds a list of rules compared one by one when there are no more than this.
    static let listLength = 4
    /// How many states a walk may visit beside the one path, by forks.
    static let visitedLimit = 32
    /// The work below a state, in rules looked at, may be this many times its own rules.
    static let standardWork = 12

    /// Where a state ended up.
    struct Built {
        var word: UInt32
        /// How many paths a walk below may have to follow.
        var visited = 1
    }

    /// More work than a state's budget, or an ancestor's.
    struct OverBudget: Error {}

    let text: RuleText
    let salt: UInt64
    let seed: TokenTable.Seed?
    private let workFactor: Int
    private var nodes: [Matcher.Node] = []
    private var blocks = RuleBlocks()
    private var forks: [UInt64] = []
    private var bits: [BitMatcher] = []
    private var edges: [TokenTable.Slot] = []
    /// Rules looked at; what a state that became bit-parallel had spent is given back.
    private var work = 0
    /// Rules looked at, with nothing given back.
    private var allWork = 0
    /// When all work exceeds it, no more merging is tried.
    private let allWorkLimit: Int
    private var reduction = RuleReduction()

    /// `text` holds the allowing rules first, then the denying ones.
    init(text: RuleText, seed: TokenTable.Seed?, workFactor: Int) {
        self.text = text
        self.workFactor = workFactor
        self.seed = seed
        salt = seed?.low ?? (text.count == 0 ? 1 : UInt64.random(in: 1...(.max)))
        allWorkLimit = 64 * (text.count + 1024)
    }

    /// Compiles. `standard` is the verdict where no rule matches. Tests lower `workFactor` to see the costly forms.
    static func compile(
        text: RuleText, allowCount: Int, standard: RuleVerdict, seed: TokenTable.Seed? = nil,
        workFactor: Int = standardWork
    ) -> Matcher {
        var builder = MatcherBuilder(text: text, seed: seed, workFactor: workFactor)
        var residuals: [Residual] = []
        residuals.reserveCapacity(text.count)
        for rule in 0..<text.count {
            let verdict = rule < allowCount ? RuleVerdict.allow(rule) : .deny(rule - allowCount)
            residuals.append(Residual(at: text.starts[rule], verdict: verdict.raw))
        }
        let root: Built
        do {
            root = try builder.buildOrBits(residuals, standard: standard.raw, limit: .max)
        } catch {
            // Only an ancestor's limit is thrown on, and the root has none.
            root = builder.bitParallel(residuals, standard: standard.raw)
        }
        return MatcherImage.make(
            root: root.word, nodes: builder.nodes, blocks: builder.blocks, forks: builder.forks, edges: builder.edges,
            bits: builder.bits, text: text, salt: builder.salt, seed: seed)
    }

    /// Builds the state of `set`, within its own budget or else bit-parallel. Work beyond `limit`, the
    /// ancestors', is for the outermost of them to deal with.
    private mutating func buildOrBits(
        _ set: [Residual], standard: UInt32, limit: Int
    ) throws(OverBudget) -> Built {
        let mark = (nodes.count, blocks.words.count, forks.count, bits.count, edges.count)
        let spent = work
        let own = work &+ workFactor &* (set.count &+ 16)
        do {
            return try build(set, standard: standard, limit: min(own, limit))
        } catch {
            if work > limit { throw error }
            nodes.removeLast(nodes.count - mark.0)
            blocks.truncate(to: mark.1)
            forks.removeLast(forks.count - mark.2)
            bits.removeLast(bits.count - mark.3)
            edges.removeLast(edges.count - mark.4)
            work = spent &+ set.count
            return bitParallel(set, standard: standard)
        }
    }

    private mutating func bitParallel(_ set: [Residual], standard: UInt32) -> Built {
        bits.append(BitMatcher(set, text: text, standard: standard, salt: salt, seed: seed))
        return Built(word: Matcher.Kind.word(Matcher.Kind.bits, bits.count - 1))
    }

    private mutating func build(_ set: [Residual], standard: UInt32, limit: Int) throws(OverBudget) -> Built {
        if set.isEmpty { return Built(word: Matcher.Kind.word(Matcher.Kind.allow, Int(standard))) }
        if isShort(set) {
            let place = blocks.append(set, standard: standard, text: text)
            return Built(word: Matcher.Kind.word(Matcher.Kind.list, place))
        }
        work &+= set.count
        allWork &+= set.count
        if work > limit || allWork > allWorkLimit { throw OverBudget() }
        var heads = RuleHeads(set, text: text, salt: salt, standard: standard)
        let place = nodes.count
        nodes.append(Matcher.Node(accept: heads.accept, rest: heads.rest))
        if heads.deniesRest {
            nodes[place].other = Matcher.Kind.word(Matcher.Kind.deny, Int(heads.rest & Matcher.payloadMask))
            return Built(word: Matcher.Kind.word(Matcher.Kind.skip, place))
        }
        let groups = heads.groups(text)
        let forks = !groups.isEmpty && groups.count * heads.stars.count > 4 * set.count + 64
        if forks { return try fork(heads, groups, place: place, limit: limit) }
        let other = try buildOrBits(heads.stars, standard: heads.below, limit: limit)
        nodes[place].other = other.word
        if groups.isEmpty { return Built(word: Matcher.Kind.word(Matcher.Kind.skip, place), visited: other.visited) }
        let visited = try addEdges(heads, groups, stars: heads.stars, place: place, limit: limit)
        return Built(
            word: Matcher.Kind.word(Matcher.Kind.edges, place), visited: max(visited, other.visited))
    }

    private mutating func addEdges(
        _ heads: RuleHeads, _ groups: [Range<Int>], stars: [Residual], place: Int, limit: Int
    ) throws(OverBudget) -> Int {
        var visited = 1
        for group in groups {
            var below: [Residual] = []
            below.reserveCapacity(group.count + stars.count)
            for one in heads.literals[group] { below.append(one.rest) }
            if !stars.isEmpty {
                below.append(contentsOf: stars)
                if below.count > Self.listLength { reduction.reduce(&below, text: text, salt: salt) }
            }
            let built = try buildOrBits(below, standard: heads.below, limit: limit)
            visited = max(visited, built.visited)
            let first = heads.literals[group.lowerBound]
            edges.append(
                TokenTable.Slot(
                    key: UInt64(place) << 32 | UInt64(built.word), low: first.low, high: first.high,
                    extra: 0))
        }
        return visited
    }

    /// The rules below `*` on a path of their own, where merging them into every sibling would cost too much.
    private mutating func fork(
        _ heads: RuleHeads, _ groups: [Range<Int>], place: Int, limit: Int
    ) throws(OverBudget) -> Built {
        nodes[place].other = Matcher.Kind.word(Matcher.Kind.allow, Int(heads.below))
        let visited = try addEdges(heads, groups, stars: [], place: place, limit: limit)
        let second = nodes.count
        nodes.append(Matcher.Node())
        let other = try buildOrBits(heads.stars, standard: heads.below, limit: limit)
        nodes[second].other = other.word
        if visited + other.visited > Self.visitedLimit { throw OverBudget() }
        let one = Matcher.Kind.word(Matcher.Kind.edges, place)
        forks.append(UInt64(Matcher.Kind.word(Matcher.Kind.skip, second)) << 32 | UInt64(one))
        return Built(
            word: Matcher.Kind.word(Matcher.Kind.fork, forks.count - 1), visited: visited + other.visited)
    }

    /// Whether the rules are compared one by one. Where a token has to be skipped in several to compare on, a state
    /// of its own is quicker.
    private func isShort(_ set: [Residual]) -> Bool {
        if set.count <= 2 { return true }
        if set.count > Self.listLength { return false }
        var stars = 0
        for one in set where text.bytes[Int(one.at)] == RuleText.star { stars += 1 }
        return stars <= 1
    }
}
