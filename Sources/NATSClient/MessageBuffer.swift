import Synchronization

/// Where messages wait for the one who takes them: a bounded queue between an event loop and one task.
final class MessageBuffer: Sendable {
    private struct State {
        var messages: [NATSMessage] = []
        var start = 0
        var bytes = 0
        var waiter: CheckedContinuation<Result<NATSMessage?, NATSFault>, Never>?
        var isOver = false
        var fault: NATSFault?

        mutating func take() -> NATSMessage? {
            guard start < messages.count else { return nil }
            let message = messages[start]
            start += 1
            bytes -= message.size
            if start == messages.count || start > 1024 {
                messages.removeFirst(start)
                start = 0
            }
            return message
        }
    }

    private let limits: SubscriptionLimits
    private let state = Mutex(State())

    init(_ limits: SubscriptionLimits) { self.limits = limits }

    /// Takes a message; whether there was room. Without room the buffer ends after what it holds.
    func add(_ message: NATSMessage) -> Bool {
        let (waiter, isTaken) = state.withLock {
            state -> (CheckedContinuation<Result<NATSMessage?, NATSFault>, Never>?, Bool) in
            guard !state.isOver else { return (nil, true) }
            if let waiter = state.waiter {
                state.waiter = nil
                return (waiter, true)
            }
            let isFull =
                state.messages.count - state.start >= limits.messages || state.bytes + message.size > limits.bytes
            guard !isFull else {
                (state.isOver, state.fault) = (true, .slowConsumer)
                return (nil, false)
            }
            state.messages.append(message)
            state.bytes += message.size
            return (nil, true)
        }
        waiter?.resume(returning: .success(message))
        return isTaken
    }

    /// No more messages come. Those that wait can still be taken.
    func end(_ fault: NATSFault?) {
        let waiter = state.withLock { state -> CheckedContinuation<Result<NATSMessage?, NATSFault>, Never>? in
            guard !state.isOver else { return nil }
            (state.isOver, state.fault) = (true, fault)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: fault.map { .failure($0) } ?? .success(nil))
    }

    /// The next message, as soon as there is one; nil when no more come, or when the task is cancelled.
    func next() async throws(NATSFault) -> NATSMessage? {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known = state.withLock { state -> Result<NATSMessage?, NATSFault>? in
                    if let message = state.take() { return .success(message) }
                    if state.isOver { return state.fault.map { .failure($0) } ?? .success(nil) }
                    // One task takes messages; a second one finds nothing.
                    guard !Task.isCancelled, state.waiter == nil else { return .success(nil) }
                    state.waiter = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume(returning: .success(nil))
        }
        return try result.get()
    }
}

/// How much may wait in a subscription.
public struct SubscriptionLimits: Hashable, Sendable {
    /// Messages.
    public var messages: Int
    /// Bytes, subjects and headers included.
    public var bytes: Int

    /// Limits.
    public init(messages: Int = 8192, bytes: Int = 32 << 20) { (self.messages, self.bytes) = (messages, bytes) }
}
