import NKeys
import Trust

/// Makes suites.
public struct SuiteGenerator: Sendable {
    /// Which changes are made two at a time. Each is made alone in any case.
    public enum Pairs: String, CaseIterable, Sendable {
        case none
        /// Those that lead the others of their fact: a couple of thousand attacks.
        case leading
        /// Each with each other that changes something else: four times as many.
        case all
    }

    /// Why a suite cannot be made.
    public enum Fault: Error, Equatable, CustomStringConvertible {
        case key(KeyUseError)
        /// No base of this name is known.
        case unknownBase(String)
        /// The changes of this world break no rule: it would be no attack.
        case harmless(String)
        /// There is nothing to attack, or the times are out of range.
        case empty

        /// One line in lower case.
        public var description: String {
            switch self {
            case .key(let error): "\(error)"
            case .unknownBase(let id):
                "there is no base `\(id)`: \(ReplayBase.all.map { "`\($0.id)`" }.joined(separator: ", "))"
            case .harmless(let id): "the world `\(id)` breaks no rule, so it is no attack"
            case .empty: "the suite would have no attacks"
            }
        }
    }

    /// A suite, and the seed of its user. The seeds of the accounts are gone.
    public struct Product: Sendable {
        /// The suite.
        public let suite: ReplaySuite
        /// The key pair of the suite's user.
        public let user: KeyPair
    }

    private let keys: KeySource
    private let at: UnixTime
    private let seconds: Int64
    private let bases: [ReplayBase]
    private let mutations: [Mutation]
    private let pairs: Pairs

    /// A suite for the moment `at`, good for `validity` seconds (at least an hour), with these bases; nil for all.
    ///
    /// - Parameter mutations: the changes; all, but for tests.
    public init(
        keys: KeySource, at: UnixTime, validity seconds: Int64 = 86_400, bases: [String]? = nil,
        pairs: Pairs = .leading,
        mutations: [Mutation] = Mutation.all
    ) throws(Fault) {
        self.keys = keys
        self.at = at
        self.seconds = max(3600, seconds)
        self.pairs = pairs
        self.mutations = mutations
        guard let bases else {
            self.bases = ReplayBase.all
            return
        }
        var found: [ReplayBase] = []
        for id in bases {
            guard let base = ReplayBase.all.first(where: { $0.id == id }) else { throw .unknownBase(id) }
            found.append(base)
        }
        self.bases = found
    }

    /// Makes the suite: five key pairs and seven to nine signatures a world.
    public func suite() throws(Fault) -> Product {
        let until = at.advanced(by: seconds)
        // Times reach an hour back, and as far ahead again as the suite is good.
        guard at.seconds > 3600, until.seconds - at.seconds == seconds, until.advanced(by: seconds) > until else {
            throw .empty
        }
        let times = WorldDraft.Times(at: at.seconds, until: until.seconds)
        let product: Product
        do throws(KeyUseError) {
            product = try make(times, until: until)
        } catch {
            throw .key(error)
        }
        try check(product.suite)
        return product
    }

    private func make(_ times: WorldDraft.Times, until: UnixTime) throws(KeyUseError) -> Product {
        let company = try Company(keys)
        let writing = TokenWriting(company: company, times: times)
        var worlds: [ReplaySuite.World] = []
        for base in bases {
            for mutations in combinations(of: base) { worlds.append(try world(base, mutations, company, writing)) }
        }
        let suite = ReplaySuite(
            at: at, until: until, operators: [try writing.operatorToken(), try writing.strictOperatorToken()],
            system: try account(company.system, "replay system", writing),
            bystanders: [try account(company.bystander, "replay bystander", writing)],
            user: company.user.publicKey, bases: Dictionary(bases.map { ($0.id, $0.about) }) { first, _ in first },
            changes: mutations.map {
                ReplaySuite.Change(id: $0.id, fact: $0.fact, rule: $0.rule.code, about: $0.about)
            }, worlds: worlds,
            uploads: try UploadVector.all.map { (vector) throws(KeyUseError) in
                try vector.attack(company, keys, writing)
            })
        return Product(suite: suite, user: company.user)
    }

    /// Refuses a suite that would prove nothing.
    private func check(_ suite: ReplaySuite) throws(Fault) {
        guard !suite.attacks.isEmpty else { throw .empty }
        for world in suite.worlds where world.strict.isRefused == world.isControl { throw .harmless(world.id) }
        for upload in suite.uploads where upload.strict.isRefused == upload.id.hasSuffix("good") {
            throw .harmless(upload.id)
        }
    }

    /// None, each that applies, and each pair of two facts.
    private func combinations(of base: ReplayBase) -> [[Mutation]] {
        let singles = mutations.filter { $0.applies(base) }
        var all: [[Mutation]] = [[]] + singles.map { [$0] }
        let paired =
            switch pairs {
            case .none: [Mutation]()
            case .leading: singles.filter(\.leads)
            case .all: singles
            }
        for (place, first) in paired.enumerated() {
            for second in paired[(place + 1)...] where first.pairs(with: second) { all.append([first, second]) }
        }
        return all
    }

    private func world(
        _ base: ReplayBase, _ mutations: [Mutation], _ company: Company, _ writing: TokenWriting
    ) throws(KeyUseError) -> ReplaySuite.World {
        let change = mutations.isEmpty ? "good" : mutations.map(\.id).joined(separator: "+")
        let id = "\(base.id)/\(change)"
        let cast = try Cast(company, keys, world: id)
        var draft = WorldDraft(base, cast, writing.times)
        for mutation in mutations { mutation.change(&draft, cast) }
        let standing = try mutations.isEmpty ? nil : standing(before: &draft, base, cast, writing, id)
        let exporterIssued = standing?.exporter == nil ? writing.times.accountsIssued : draft.accountsIssued
        let activation = try ActivationWriting(draft: draft, cast: cast, name: id).text()
        let exporter = ReplaySuite.Account(
            key: cast.exporter.publicKey,
            token: try writing.exporterToken(draft, cast, issued: exporterIssued, "\(id) exporter"),
            userToken: try writing.userToken(
                of: cast.exporter.publicKey, by: cast.exporterSigner, "\(id) exporter user"))
        let importer = ReplaySuite.Account(
            key: cast.importer.publicKey,
            token: try writing.importerToken(draft, cast, activation: activation, "\(id) importer"),
            userToken: try writing.userToken(
                of: cast.importer.publicKey, by: cast.importerSigner, "\(id) importer user"))
        return ReplaySuite.World(
            id: id, base: base.id, mutations: mutations.map(\.id), exporter: exporter, importer: importer,
            kind: draft.importKind, listen: draft.importSubject, publish: draft.published,
            strict: expectation(draft, cast, .strict), compatible: expectation(draft, cast, .compatible),
            operatorIndex: base.isStrict ? 1 : 0, standing: standing)
    }

    /// The good import by the accounts of an attack, and the attack's tokens issued after it: so that a server that has
    /// the one refuses the other for what it is, and not for its age.
    private func standing(
        before draft: inout WorldDraft, _ base: ReplayBase, _ cast: Cast, _ writing: TokenWriting, _ id: String
    ) throws(KeyUseError) -> ReplaySuite.Standing {
        draft.accountsIssued = writing.times.accountsReissued
        let good = WorldDraft(base, cast, writing.times)
        let activation = try ActivationWriting(draft: good, cast: cast, name: "\(id) before").text()
        let exporter =
            try good.exports(as: draft)
            ? nil
            : writing.exporterToken(good, cast, issued: good.accountsIssued, "\(id) exporter before")
        return ReplaySuite.Standing(
            exporter: exporter,
            importer: try writing.importerToken(good, cast, activation: activation, "\(id) importer before"))
    }

    private func expectation(_ draft: WorldDraft, _ cast: Cast, _ policy: SuitePolicy) -> ReplaySuite.Expectation {
        let broken = BrokenRules(draft, cast, policy: policy)
        return ReplaySuite.Expectation(rules: broken.rules.map(\.code), possible: broken.possible.map(\.code))
    }

    private func account(
        _ pair: KeyPair, _ name: String, _ writing: TokenWriting
    ) throws(KeyUseError) -> ReplaySuite.Account {
        ReplaySuite.Account(key: pair.publicKey, token: try writing.accountToken(pair, name), userToken: nil)
    }
}
