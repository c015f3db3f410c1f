import NKeys
import Trust

/// What a `BrokerCore` has done for it outside. Everything returns at once; answers come back on the core's loop.
protocol BrokerHost: AnyObject {
    /// Nanoseconds of a clock that does not go back.
    var monotonic: UInt64 { get }
    /// Nanoseconds since 1970 on the wall.
    var wall: Int64 { get }
    /// Works where it may take its time; `then` comes back on the core's loop, between no `enter` and `leave`.
    func compute<Answer: Sendable>(_ work: @escaping @Sendable () -> Answer, then: @escaping (Answer) -> Void)
    /// Asks for an account's token, and calls `BrokerCore.loaded`.
    func load(_ account: PublicKey)
    /// Calls `BrokerCore.ring` at this time of the clock that does not go back, or sooner.
    func wake(at time: UInt64)
    /// Asks the authority something that takes its time; `then` comes back on the core's loop, between no `enter` and
    /// `leave`.
    func consult<Answer: Sendable>(
        _ question: @escaping @Sendable (any AccountAuthority) async -> Answer, then: @escaping (Answer) -> Void)
    /// Writes down what an operator should know.
    func note(_ note: BrokerNote)
}

/// Whether a client is who it says: all that it takes to judge it on another thread.
struct UserQuestion: Sendable {
    let session: UInt64
    let attempt: Int
    let token: String
    let context: ConnectionContext
    let chain: ChainVerifier
    let accounts: TrustSnapshot
    let now: UnixTime
    let signatures: KnownSignatures

    /// What is made of a question.
    struct Answer: Sendable {
        let verdict: Verdict<TrustedUser>
        /// An account that the user's own token, which is signed by whom it names, asks for, and that is not in force.
        let missing: PublicKey?
    }

    /// Judges. Two signature checks; one for a token that was accepted before.
    func answer() -> Answer {
        let resolver = SnapshotResolver(accounts)
        let (hash, isKnown) = signatures.find(token)
        let verdict =
            isKnown
            ? chain.user(unsafeTokenWithKnownSignature: token, resolver: resolver, connection: context, at: now)
            : chain.user(token, resolver: resolver, connection: context, at: now)
        if verdict.isAccepted, !isKnown { signatures.insert(hash) }
        return Answer(verdict: verdict, missing: resolver.missing)
    }
}

/// What an operator should know.
enum BrokerNote: Sendable {
    /// A client was not let in; by these rules, where they were judged.
    case refused(address: String, user: String?, reason: ClosingReason, rules: [Finding])
    /// An account is not in force that a client needs.
    case outOfForce(PublicKey, rules: [Finding])
    /// An account's token could not be fetched.
    case unresolved(PublicKey, String)
    /// A connection was ended by the broker.
    case closed(session: UInt64, address: String, reason: ClosingReason)
    /// An operation was decided on.
    case decision(DecisionRecord)
}
