import NKeys
import Synchronization

/// What became of an account that a service keeps.
public enum KeptChange: Sendable {
    /// This is what is kept of it now.
    case stored(KeptAccount)
    /// Nothing is kept of it any more.
    case deleted(PublicKey)
}

/// Tells whoever listens what becomes of accounts, each change once and in their order.
final class AccountChangeFeed: Sendable {
    private struct State {
        var listeners: [Int: AsyncStream<KeptChange>.Continuation] = [:]
        var last = 0
        var isOver = false
    }

    private let state = Mutex(State())

    /// What changes from now on. Ends with the service.
    ///
    /// Nothing is left out, so what a listener does not read stays in memory, a reference a change.
    func listen() -> AsyncStream<KeptChange> {
        let (stream, continuation) = AsyncStream.makeStream(of: KeptChange.self)
        let number = state.withLock { state -> Int? in
            guard !state.isOver else { return nil }
            state.last += 1
            state.listeners[state.last] = continuation
            return state.last
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.listeners[number] = nil } }
        return stream
    }

    func tell(_ change: KeptChange) {
        // Under the lock: two changes of one account reach every listener in their order.
        state.withLock { state in for listener in state.listeners.values { listener.yield(change) } }
    }

    func finish() {
        let listeners = state.withLock { state in
            defer { state.listeners = [:] }
            state.isOver = true
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }
}
