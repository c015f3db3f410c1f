import Synchronization

/// Rations requests: a bucket of tokens for each caller, filled at a steady rate.
///
/// Holds a bounded number of buckets. A bucket that is full again is the same as none, and is let go of; when there is no
/// room for another, callers that have none share one bucket, so that whoever comes from many addresses gains nothing.
final class RateLimit: Sendable {
    /// Who is rationed.
    enum Key: Hashable {
        /// Whoever shows this credential.
        case name(String)
        /// Whoever comes from there and shows none.
        case network(CallerAddress.Network)
    }

    private struct Bucket {
        var tokens: Double
        var filled: UInt64
    }

    private struct State {
        var buckets: [Key: Bucket] = [:]
        var shared: Bucket?
        var swept: UInt64 = 0
    }

    private let budget: HTTPSettings.Budget
    private let capacity: Int
    private let state = Mutex(State())

    init(_ budget: HTTPSettings.Budget, capacity: Int) {
        self.budget = budget
        self.capacity = max(1, capacity)
    }

    /// How many buckets are held.
    var count: Int { state.withLock { $0.buckets.count } }

    /// Takes a token at `now`, in nanoseconds; nil when there is one, else the whole seconds until there will be.
    func wait(for key: Key, at now: UInt64) -> Int64? {
        state.withLock { state in
            if var bucket = state.buckets[key] {
                let wait = take(&bucket, at: now)
                state.buckets[key] = bucket
                return wait
            }
            if state.buckets.count >= capacity { sweep(&state, at: now) }
            guard state.buckets.count < capacity else {
                var bucket = state.shared ?? Bucket(tokens: budget.burst, filled: now)
                let wait = take(&bucket, at: now)
                state.shared = bucket
                return wait
            }
            var bucket = Bucket(tokens: budget.burst, filled: now)
            let wait = take(&bucket, at: now)
            state.buckets[key] = bucket
            return wait
        }
    }

    private func take(_ bucket: inout Bucket, at now: UInt64) -> Int64? {
        bucket.tokens = tokens(in: bucket, at: now)
        bucket.filled = max(bucket.filled, now)
        if bucket.tokens >= 1 {
            bucket.tokens -= 1
            return nil
        }
        let seconds = (1 - bucket.tokens) / budget.perSecond
        return seconds < 86_400 ? Int64(seconds.rounded(.up)) : 86_400
    }

    private func tokens(in bucket: Bucket, at now: UInt64) -> Double {
        let elapsed = now > bucket.filled ? Double(now - bucket.filled) / 1e9 : 0
        return min(budget.burst, bucket.tokens + elapsed * budget.perSecond)
    }

    /// Lets go of full buckets, once a second at most: it looks at all of them.
    private func sweep(_ state: inout State, at now: UInt64) {
        guard state.swept == 0 || now > state.swept &+ 1_000_000_000 else { return }
        state.swept = max(1, now)
        state.buckets = state.buckets.filter { tokens(in: $0.value, at: now) < budget.burst }
    }
}
