import Logging
import Metrics
import Synchronization

/// The keys of one issuer, fetched when `KeySetMachine` says so. One fetch at a time, however many wait for it; nobody
/// waits longer than `patience`, and who waits in vain is told that there are no keys.
final class KeySetCache: KeySource {
    /// Time that passes, whatever the clock on the wall does.
    struct Clock: Sendable {
        /// Time since some beginning.
        let now: @Sendable () -> Duration
        /// Returns when this much has passed, or the task is cancelled.
        let sleep: @Sendable (Duration) async -> Void

        /// The system's.
        static let system: Clock = {
            let start = ContinuousClock.now
            return Clock(
                now: { start.duration(to: .now) },
                sleep: { length in
                    // A sleep that is cancelled is one that nobody waits for any more.
                    try? await Task.sleep(for: length)
                })
        }()
    }

    /// For how long a fetch may take, with everything that belongs to it.
    static let patience = Duration.seconds(5)

    private struct State {
        var machine: KeySetMachine
        var waiting: [CheckedContinuation<Void, Never>] = []
        var tasks: [Task<Void, Never>] = []
    }

    private let issuer: String
    private let state: Mutex<State>
    private let clock: Clock
    private let logger: Logger
    private let fetch: @Sendable () async throws(DocumentFault) -> KeySet
    private let counts: (fetched: Counter, failed: Counter)

    /// - Parameter fetch: what fetches the keys; it may take its time, and is cancelled when that takes too long.
    init(
        _ issuer: ForeignIssuer, clock: Clock, logger: Logger, metrics: any MetricsFactory,
        fetch: @escaping @Sendable () async throws(DocumentFault) -> KeySet
    ) {
        self.issuer = issuer.issuer
        state = Mutex(State(machine: KeySetMachine(issuer)))
        (self.clock, self.logger, self.fetch) = (clock, logger, fetch)
        let label = "credence_identity_key_fetches_total"
        counts = (
            Counter(label: label, dimensions: [("issuer", issuer.issuer), ("result", "fetched")], factory: metrics),
            Counter(label: label, dimensions: [("issuer", issuer.issuer), ("result", "failed")], factory: metrics)
        )
    }

    func selection(_ identifier: [UInt8]?, _ algorithm: ForeignAlgorithm, _ fetching: KeyFetching) async -> KeyAnswer {
        if fetching == .pointless {
            guard case .use(let keys) = state.withLock({ $0.machine.settled(at: clock.now()) }) else {
                return .notAsked
            }
            return .selected(keys.selection(identifier, algorithm))
        }
        await waitForFetch(identifier, algorithm)
        switch state.withLock({ $0.machine.settled(at: clock.now()) }) {
        case .use(let keys): return .selected(keys.selection(identifier, algorithm))
        case .unavailable(let reason): return .unavailable("the issuer's keys are not to be had now: \(reason)")
        case .fetch, .wait: return .unavailable("the issuer's keys are not to be had now")
        }
    }

    /// Returns when no fetch is needed or has ended, however it ended.
    private func waitForFetch(_ identifier: [UInt8]?, _ algorithm: ForeignAlgorithm) async {
        await withCheckedContinuation { continuation in
            let begun: Int?? = state.withLock { state in
                switch state.machine.step(identifier, algorithm, at: clock.now()) {
                case .use, .unavailable: return nil
                case .wait:
                    state.waiting.append(continuation)
                    return .some(nil)
                case .fetch(let number):
                    state.waiting.append(continuation)
                    return number
                }
            }
            switch begun {
            case .none: continuation.resume()
            case .some(.none): break
            case .some(.some(let number)): begin(number)
            }
        }
    }

    /// A fetch and its time limit, both in tasks of their own: the request that came first may be cancelled, and the others
    /// wait all the same.
    private func begin(_ number: Int) {
        let work = Task {
            do throws(DocumentFault) {
                end(number, .success(try await fetch()))
            } catch {
                end(number, .failure(error))
            }
        }
        let limit = Task {
            await clock.sleep(Self.patience)
            if !Task.isCancelled { end(number, .failure(.slow)) }
        }
        // It may have ended already.
        let isOver = state.withLock { state in
            guard state.machine.isUnderWay(number) else { return true }
            state.tasks = [work, limit]
            return false
        }
        if isOver { limit.cancel() }
    }

    private func end(_ number: Int, _ result: Result<KeySet, DocumentFault>) {
        let over: (waiting: [CheckedContinuation<Void, Never>], tasks: [Task<Void, Never>])? = state.withLock { state in
            guard state.machine.ended(number, result, at: clock.now()) else { return nil }
            defer { (state.waiting, state.tasks) = ([], []) }
            return (state.waiting, state.tasks)
        }
        guard let over else { return }
        switch result {
        case .success(let keys):
            counts.fetched.increment()
            for warning in keys.warnings { logger.warning("a key of the issuer is not used", metadata: note(warning)) }
            if keys.keys.isEmpty { logger.error("the issuer has no key that can be used", metadata: note("")) }
        case .failure(let fault):
            counts.failed.increment()
            logger.error("the issuer's keys were not fetched", metadata: note(fault.description))
        }
        for task in over.tasks { task.cancel() }
        for continuation in over.waiting { continuation.resume() }
    }

    private func note(_ reason: String) -> Logger.Metadata { ["issuer": "\(issuer)", "reason": "\(reason)"] }
}
