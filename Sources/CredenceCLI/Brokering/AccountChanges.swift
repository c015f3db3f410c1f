import Broker
import Synchronization

/// Tells whoever listens what becomes of accounts.
final class AccountChanges: Sendable {
    private struct State {
        var listeners: [AsyncStream<Broker.AccountChange>.Continuation] = []
        var isOver = false
    }

    private let state = Mutex(State())

    func listen() -> AsyncStream<Broker.AccountChange> {
        let (stream, continuation) = AsyncStream.makeStream(of: Broker.AccountChange.self)
        let isOver = state.withLock { state in
            if !state.isOver { state.listeners.append(continuation) }
            return state.isOver
        }
        if isOver { continuation.finish() }
        return stream
    }

    func tell(_ change: Broker.AccountChange) {
        state.withLock { state in for listener in state.listeners { listener.yield(change) } }
    }

    func finish() {
        let listeners = state.withLock { state in
            defer { state.listeners = [] }
            state.isOver = true
            return state.listeners
        }
        for listener in listeners { listener.finish() }
    }
}
