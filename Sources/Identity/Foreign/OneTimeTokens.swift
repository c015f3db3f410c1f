import Synchronization
import Trust

/// The one-time tokens of one issuer that were taken, by their `jti`, until nobody could take them any more (F-replay).
///
/// Its memory is bounded: when it is full of tokens that still live, no further one is taken, since forgetting one would
/// let it in again. It stands in one process; where several take the same tokens, each takes a token once.
final class OneTimeTokens: Sendable {
    /// What became of a token.
    enum Outcome: Hashable, Sendable {
        case taken
        case replayed
        /// There is no room for it.
        case full
    }

    /// The longest `jti`, in bytes: with the number of tokens it bounds the memory.
    static let maximumIdentifierBytes = 256
    /// How many tokens are remembered, unless told otherwise.
    static let standardCapacity = 65_536

    private struct Taken {
        /// When each token can be taken no more, by its `jti`.
        var ends: [[UInt8]: UnixTime] = [:]
        /// None of them ends before.
        var earliest = UnixTime.max
    }

    private let capacity: Int
    private let taken = Mutex(Taken())

    init(capacity: Int = OneTimeTokens.standardCapacity) { self.capacity = capacity }

    /// How many tokens are remembered.
    var count: Int { taken.withLock { $0.ends.count } }

    /// Takes a token once. Constant time, but for the removal of what has ended, which comes when the memory is full.
    ///
    /// - Parameter end: from when on the token is refused as expired.
    func take(_ identifier: String, until end: UnixTime, at now: UnixTime) -> Outcome {
        taken.withLock { taken in
            let key = Array(identifier.utf8)
            if let known = taken.ends[key], known > now { return .replayed }
            if taken.ends.count >= capacity, taken.earliest <= now {
                taken.ends = taken.ends.filter { $0.value > now }
                taken.earliest = taken.ends.values.min() ?? .max
            }
            guard taken.ends.count < capacity || taken.ends[key] != nil else { return .full }
            taken.ends[key] = end
            taken.earliest = min(taken.earliest, end)
            return .taken
        }
    }
}
