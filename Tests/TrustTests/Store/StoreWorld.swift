import NKeys
import Subjects
import Testing

@testable import Trust

/// A few accounts under one operator that export to and import from one another, and a resolver that knows them.
struct StoreWorld {
    static let start = ChainWorld.moment(1_800_000_000)
    let chainWorld = ChainWorld()
    let pairs: [KeyPair]
    let chain: ChainVerifier
    /// What the resolver knows.
    var known: [PublicKey: String] = [:]
    var now = StoreWorld.start
    /// Every text that was ever handed out: none is worth more than one check.
    private(set) var texts: Set<String> = []

    init(accounts: Int) throws {
        pairs = (0..<accounts).map { _ in ChainWorld.pair(.account) }
        chain = try chainWorld.chain()
    }

    func key(_ account: Int) -> PublicKey { pairs[account].publicKey }

    /// Text of an activation that `exporter` gives `importer`.
    mutating func activation(
        from exporter: Int, for importer: Int, _ subject: String, kind: String = "service",
        claims: [String: String] = [:]
    ) throws -> String {
        let text = try ChainWorld.mint(
            "activation", by: pairs[exporter], for: key(importer), claims: claims,
            nats: #""subject":"\#(subject)","kind":"\#(kind)""#)
        texts.insert(text)
        return text
    }

    /// Makes a token of an account, and the resolver know it.
    @discardableResult
    mutating func publish(_ account: Int, issuedAt: Int64 = 0, claims: [String: String] = [:], _ nats: String) throws
        -> String
    {
        let common = ["iat": "\(Self.start.seconds - 10_000 + issuedAt)"].merging(claims) { $1 }
        let text = try ChainWorld.mint(
            "account", by: chainWorld.operatorSigner, for: key(account), claims: common,
            nats: #""limits":{\#(ChainWorld.noLimits)}"# + (nats.isEmpty ? "" : "," + nats))
        texts.insert(text)
        known[key(account)] = text
        return text
    }

    static func export(_ subject: String, kind: String = "service", more: String = "") -> String {
        #"{"subject":"\#(subject)","type":"\#(kind)"\#(more)}"#
    }

    func `import`(_ subject: String, from exporter: Int, kind: String = "service", more: String = "") -> String {
        #"{"subject":"\#(subject)","account":"\#(key(exporter))","type":"\#(kind)"\#(more)}"#
    }

    /// Every account that the resolver knows, put in force from nothing at this moment.
    func fromNothing() -> [PublicKey: AccountInForce] {
        let verdicts = known.mapValues { chain.account($0, at: now) }
        let bindings = BindingVerifier(verifier: chain.verifier)
        let judged = verdicts.compactMap { key, verdict in
            verdict.proof.map { account in
                bindings.imports(of: account, at: now) { verdicts[$0].map(Exporter.init) ?? .unknown }
            }
        }
        let accounts = AccountsInForce.resolve(judged, policy: chain.verifier.policy)
        return Dictionary(uniqueKeysWithValues: accounts.map { ($0.key, $0) })
    }
}

/// Does what a store says, as an embedder would, and keeps account of it.
struct Embedder {
    var store: TrustStore
    /// The bindings that effects have said hold, by importer and place.
    private(set) var held: [PublicKey: [Int: Binding]] = [:]
    private(set) var inForce: Set<PublicKey> = []
    private(set) var disconnected: [(PublicKey, UserSelection)] = []
    private(set) var permissions: [PublicKey] = []
    /// Asked for and not answered yet.
    private(set) var loads: [PublicKey] = []
    private(set) var allLoads: [PublicKey] = []
    private(set) var faults: [String] = []

    init(_ chain: ChainVerifier, limits: TrustStore.Limits = TrustStore.Limits()) {
        store = TrustStore(chain: chain, limits: limits)
    }

    mutating func apply(_ effects: [TrustEffect]) {
        disconnected = []
        permissions = []
        for effect in effects {
            switch effect {
            case .load(let key):
                if loads.contains(key) { faults.append("\(key) is asked for twice") }
                loads.append(key)
                allLoads.append(key)
            case .inForce(let account): inForce.insert(account.key)
            case .outOfForce(let key, let reason):
                inForce.remove(key)
                if case .evicted = reason { held[key] = nil }
            case .gained(let binding):
                if held[binding.importer]?[binding.index] != nil { faults.append("gained twice: \(binding.index)") }
                held[binding.importer, default: [:]][binding.index] = binding
            case .lost(let binding):
                if held[binding.importer]?[binding.index] == nil { faults.append("lost without: \(binding.index)") }
                held[binding.importer]?[binding.index] = nil
            case .disconnect(let account, let users): disconnected.append((account, users))
            case .permissions(let account, _): permissions.append(account)
            case .settings: break
            }
        }
    }

    /// Answers everything that is asked for.
    mutating func load(from world: StoreWorld) {
        while let key = loads.popLast() {
            apply(store.receive(world.known[key].map(ResolvedAccount.token), for: key, at: world.now))
        }
    }

    mutating func require(_ account: PublicKey, in world: StoreWorld) {
        apply(store.require(account, at: world.now))
        load(from: world)
    }
}

extension AccountInForce {
    /// The standing of each import: its codes, none for one that holds.
    var standings: [[String]] { imports.map(\.codes) }
}
