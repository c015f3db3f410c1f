import Synchronization
import Trust

/// Remembers proofs until they end, so that each is taken once (X-proof).
///
/// Bounded, and closed when it is full: what cannot be remembered is not taken. It knows nothing from before it began,
/// so proofs that were made before then are refused.
public final class ProofMemory: Sendable {
    /// What became of a proof.
    public enum Answer: Hashable, Sendable {
        /// It came for the first time, and from now on it is known.
        case taken
        /// It has been taken before.
        case replayed
        /// It may have been taken before what is remembered: this memory began later, or the clock was set back.
        case older
        /// There is no room to remember it.
        case full
    }

    /// How many proofs are remembered at once: some 8 MiB, and at two minutes for each 500 exchanges a second.
    public static let capacity = 65_536

    private struct State {
        var known: Set<[UInt8]> = []
        /// The hashes by the second at which each may be forgotten.
        var ends: [Int64: [[UInt8]]] = [:]
        var forgottenUpTo: Int64
    }

    private let began: UnixTime
    private let capacity: Int
    private let state: Mutex<State>

    /// A memory that begins now.
    public init(since began: UnixTime, capacity: Int = capacity) {
        self.began = began
        self.capacity = capacity
        state = Mutex(State(forgottenUpTo: began.seconds))
    }

    /// How many proofs are remembered.
    public var count: Int { state.withLock { $0.known.count } }

    /// Takes a proof, unless it has been taken. Amortised O(1).
    public func take(_ proof: ExchangeProof, at now: UnixTime) -> Answer {
        if proof.issuedAt < began { return .older }
        return state.withLock { state in
            Self.forget(upTo: now.seconds, &state)
            // A clock that was set back: this one may have been taken and forgotten.
            if proof.expires.seconds <= state.forgottenUpTo { return .older }
            if state.known.contains(proof.digest) { return .replayed }
            if state.known.count >= capacity { return .full }
            state.known.insert(proof.digest)
            state.ends[proof.expires.seconds, default: []].append(proof.digest)
            return .taken
        }
    }

    /// Forgets what has ended: at the second of `exp` a token is expired. A clock that is set back forgets nothing.
    private static func forget(upTo now: Int64, _ state: inout State) {
        guard now > state.forgottenUpTo else { return }
        state.forgottenUpTo = now
        // At most two minutes of seconds stand there, however long nobody came.
        for second in Array(state.ends.keys) where second <= now {
            for digest in state.ends.removeValue(forKey: second) ?? [] { state.known.remove(digest) }
        }
    }
}
