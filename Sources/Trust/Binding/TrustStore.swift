import NKeys
import Subjects

/// The accounts in force, kept so while they change.
///
/// A machine without input or output: it is told what a resolver answers, what is uploaded and what time it is, and
/// says what has to be done for it (`TrustEffect`). It has one owner; readers take a `TrustSnapshot`, which is a value.
/// Accounts are loaded when somebody needs them, each asked for once however many wait for it; an account that is
/// needed only as an exporter is not followed further than its own imports may take messages.
///
/// A changed account judges itself anew and exactly the accounts that import from it. A signature is checked once for
/// each text; expiries and beginnings come from one queue of times.
///
/// ```swift
/// var store = TrustStore(chain: chain)
/// apply(store.require(account, at: now))                       // .load(account)
/// apply(store.receive(resolver.account(for: account), for: account, at: now))   // .inForce(...)
/// let snapshot = store.snapshot                                // for readers on any thread
/// ```
public struct TrustStore: Sendable {
    /// How much a store keeps.
    public struct Limits: Hashable, Sendable {
        /// Accounts kept, besides those that are required and their exporters. Beyond, the one that nobody has needed
        /// for longest is forgotten.
        public var cachedAccounts = 10_000
        /// Accounts kept in all. Beyond, what is asked for is not loaded, and imports from it are refused.
        public var accounts = 2_000_000
        /// How long an answer that an account is unknown is believed, in seconds.
        public var negativeLifetime: Int64 = 30

        /// The standard limits.
        public init() {}
    }

    /// What a store has done so far.
    public struct Counters: Hashable, Sendable {
        /// Signatures checked.
        public var signatures = 0
        /// Account tokens judged, again included.
        public var accounts = 0
        /// Imports judged against their exporters, again included.
        public var imports = 0
        /// Answers asked of the resolver.
        public var loads = 0
        /// Accounts forgotten to make room.
        public var evictions = 0

        /// Nothing done.
        public init() {}
    }

    /// Judges accounts.
    public let chain: ChainVerifier
    /// How much is kept.
    public let limits: Limits
    /// What has been done.
    public internal(set) var counters = Counters()
    /// The accounts in force now, to be read by anyone.
    public internal(set) var snapshot = TrustSnapshot()

    var entries: [PublicKey: StoredAccount] = [:]
    /// The accounts that import from an account, as far as they are kept.
    var importers: [PublicKey: Set<PublicKey>] = [:]
    var graph: ImportGraph
    var timers = TimerQueue()
    /// Accounts that nobody needs, the longest unneeded first; entries that are no longer so are passed over.
    var idle = IdleAccounts()
    /// Accounts that an upload is judged with: they are not forgotten in the midst of it.
    var held: Set<PublicKey> = []
    /// With so many accounts, those are looked for that nobody needs and that keep one another.
    var sweepCount = 0

    /// A store without accounts.
    ///
    /// - Parameter uploading: an account whose token is judged before it is taken. Of a circle that an import of it
    ///   closes that import gives way, and no other's, whatever the times of the tokens say (B-cycle).
    public init(chain: ChainVerifier, limits: Limits = Limits(), uploading account: PublicKey? = nil) {
        self.chain = chain
        graph = ImportGraph(uploading: account)
        self.limits = limits
    }

    /// What is known of an account now.
    public func standing(of account: PublicKey) -> AccountStandingInStore {
        guard let entry = entries[account] else { return .notLoaded }
        switch entry.token {
        case .loading: return .loading
        case .unknown: return .unknown
        case .refused(_, let refusal, _): return .refused(refusal)
        case .trusted:
            if let inForce = snapshot[account] { return .inForce(inForce) }
            return entry.isRequired ? .loading : .notLoaded
        }
    }

    /// When `advance` has to be called next; nil for never.
    public var nextTime: UnixTime? {
        mutating get { timers.first }
    }

    /// Somebody needs `account` in force, until `release`.
    public mutating func require(_ account: PublicKey, at now: UnixTime) -> [TrustEffect] {
        var change = StoreChange(at: now)
        require(account, &change)
        return finish(&change)
    }

    /// Needs `account` in force, and has everything loaded that this takes, one after the other. An account that the
    /// resolver cannot tell of counts as unknown.
    ///
    /// - Returns: what else is to be done.
    public mutating func require(
        _ account: PublicKey, from resolver: some AccountResolver, at now: UnixTime
    ) -> [TrustEffect] {
        var effects = require(account, at: now)
        var done: [TrustEffect] = []
        while let effect = effects.popLast() {
            guard case .load(let key) = effect else {
                done.append(effect)
                continue
            }
            let answer = try? resolver.account(for: key)
            effects += receive(answer ?? nil, for: key, at: now).reversed()
        }
        return done
    }

    /// Nobody needs `account` any more: it stays while there is room.
    public mutating func release(_ account: PublicKey, at now: UnixTime) -> [TrustEffect] {
        guard entries[account]?.isRequired == true else { return [] }
        entries[account]?.isRequired = false
        var change = StoreChange(at: now)
        change.perhapsIdle.insert(account)
        return finish(&change)
    }

    /// The resolver's answer about an account that was to be loaded; nil when it does not know it, or could not tell.
    ///
    /// An answer that was not asked for is left aside.
    public mutating func receive(
        _ answer: ResolvedAccount?, for account: PublicKey, at now: UnixTime
    ) -> [TrustEffect] {
        guard entries[account]?.isLoading == true else { return [] }
        var change = StoreChange(at: now)
        take(answer, for: account, &change)
        return finish(&change)
    }

    /// An account token was accepted by an upload, or pushed: from now on it is the account's. One that nobody has
    /// needed so far is left to be loaded when somebody does.
    public mutating func update(_ token: String, for account: PublicKey, at now: UnixTime) -> [TrustEffect] {
        guard entries[account] != nil else { return [] }
        var change = StoreChange(at: now)
        take(.token(token), for: account, &change)
        return finish(&change)
    }

    /// An account was deleted.
    public mutating func delete(_ account: PublicKey, at now: UnixTime) -> [TrustEffect] {
        guard entries[account] != nil else { return [] }
        var change = StoreChange(at: now)
        take(nil, for: account, &change)
        return finish(&change)
    }

    /// Does what the time asks for: tokens expire, or begin; accounts that were unknown are asked for again.
    ///
    /// - Complexity: proportional to the accounts whose time has come, and those that import from them.
    public mutating func advance(to now: UnixTime) -> [TrustEffect] {
        var change = StoreChange(at: now)
        while let account = timers.next(at: now) { comeToTime(account, &change) }
        return finish(&change)
    }
}

/// What a `TrustStore` knows of an account.
public enum AccountStandingInStore: Sendable {
    /// Nobody has needed it in force.
    case notLoaded
    /// It, or an account that it imports from, is being loaded.
    case loading
    /// The resolver does not know it.
    case unknown
    /// Its token is refused.
    case refused(Refusal)
    /// It is in force.
    case inForce(AccountInForce)
}
