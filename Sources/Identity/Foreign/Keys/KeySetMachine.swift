/// When the keys of an issuer are fetched, and which are used meanwhile. It knows neither a clock nor a network: moments
/// come in as time since some beginning, and what is to be done comes out.
///
/// Whatever asks, two fetches never begin within `refetchInterval`, and never is one under way beside another: a flood of
/// tokens, with names of keys that nobody has, causes as many fetches as one such token.
struct KeySetMachine: Sendable {
    /// What is to be done for a token.
    enum Step: Sendable {
        /// Judge it by these keys.
        case use(KeySet)
        /// Begin a fetch, of this number, and wait for it.
        case fetch(Int)
        /// Wait for the fetch that is under way.
        case wait
        /// There are no keys, and none are to be had now: why.
        case unavailable(String)
    }

    /// For how long keys are used without asking again.
    let fresh: Duration
    /// For how long keys are used when they cannot be had again.
    let kept: Duration
    /// The least time between the beginnings of two fetches.
    let interval: Duration

    private var keys: (set: KeySet, since: Duration)?
    private var begun: Duration?
    private var underWay: Int?
    private var count = 0
    private var fault = "no keys were fetched yet"

    init(_ issuer: ForeignIssuer) {
        fresh = .seconds(issuer.freshKeys)
        kept = .seconds(issuer.keepsKeys)
        interval = .seconds(issuer.refetchInterval)
    }

    /// What is to be done for a token that names this key.
    mutating func step(_ identifier: [UInt8]?, _ algorithm: ForeignAlgorithm, at now: Duration) -> Step {
        if let keys, now - keys.since < fresh, Self.knows(keys.set, identifier, algorithm) { return .use(keys.set) }
        if underWay != nil { return .wait }
        if let begun, now - begun < interval { return settled(at: now) }
        count += 1
        (begun, underWay) = (now, count)
        return .fetch(count)
    }

    /// What is at hand, without fetching: `use` or `unavailable`.
    func settled(at now: Duration) -> Step {
        // Keys of a fetch that succeeded just now are used, however short they are kept.
        if let keys, now - keys.since < max(kept, fresh) { return .use(keys.set) }
        return .unavailable(fault)
    }

    /// Whether the fetch of this number is waited for.
    func isUnderWay(_ number: Int) -> Bool { underWay == number }

    /// A fetch has ended. False when nobody waits for it any more: it was given up, and what it brings is dropped.
    mutating func ended(_ number: Int, _ result: Result<KeySet, DocumentFault>, at now: Duration) -> Bool {
        guard underWay == number else { return false }
        underWay = nil
        switch result {
        // A key that is not in the new set is gone with the old one.
        case .success(let set): keys = (set, now)
        case .failure(let reason): fault = reason.description
        }
        return true
    }

    private static func knows(_ set: KeySet, _ identifier: [UInt8]?, _ algorithm: ForeignAlgorithm) -> Bool {
        if case .unknown = set.selection(identifier, algorithm) { false } else { true }
    }
}
