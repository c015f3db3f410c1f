import Glibc
import Logging
import NIOCore
import NIOPosix
import NKeys
import Trust

/// Has done for a core what it cannot do itself: other threads, the authority, clocks, the log. On the broker's loop.
final class LoopHost: BrokerHost {
    private let eventLoop: any EventLoop
    private let authority: any AccountAuthority
    private let workers: NIOThreadPool
    private let logger: Logger
    /// Whose host it is; it belongs to the same loop, and ends with it.
    private weak var core: BrokerCore?
    private var alarm: (time: UInt64, task: Scheduled<Void>)?

    init(authority: any AccountAuthority, workers: NIOThreadPool, logger: Logger, on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.authority = authority
        self.workers = workers
        self.logger = logger
    }

    func attach(_ core: BrokerCore) { self.core = core }

    private var bound: NIOLoopBound<LoopHost> { NIOLoopBound(self, eventLoop: eventLoop) }

    // MARK: Clocks

    var monotonic: UInt64 { Self.nanoseconds(CLOCK_MONOTONIC) }
    var wall: Int64 { Int64(clamping: Self.nanoseconds(CLOCK_REALTIME)) }

    private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(max(0, time.tv_sec)) &* 1_000_000_000 &+ UInt64(max(0, time.tv_nsec))
    }

    func wake(at time: UInt64) {
        if let alarm {
            if alarm.time <= time { return }
            alarm.task.cancel()
        }
        let bound = self.bound
        let now = monotonic
        let delay = time > now ? Int64(clamping: time - now) : 0
        let task = eventLoop.scheduleTask(in: .nanoseconds(delay)) {
            bound.value.alarm = nil
            bound.value.core?.ring()
        }
        alarm = (time, task)
    }

    // MARK: Other threads

    func compute<Answer: Sendable>(_ work: @escaping @Sendable () -> Answer, then: @escaping (Answer) -> Void) {
        let eventLoop = self.eventLoop
        let then = NIOLoopBound(then, eventLoop: eventLoop)
        workers.submit { state in
            guard case .active = state else { return }
            let answer = work()
            eventLoop.execute { then.value(answer) }
        }
    }

    // MARK: The authority

    func load(_ account: PublicKey) {
        let (bound, eventLoop, authority) = (self.bound, self.eventLoop, self.authority)
        Task {
            let answer: Result<String?, AccountResolverError>
            do throws(AccountResolverError) {
                answer = .success(try await authority.token(of: account))
            } catch {
                answer = .failure(error)
            }
            eventLoop.execute { bound.value.loaded(account, answer) }
        }
    }

    private func loaded(_ account: PublicKey, _ answer: Result<String?, AccountResolverError>) {
        switch answer {
        case .success(let token): core?.loaded(account, token)
        case .failure(let error):
            note(.unresolved(account, error.description))
            core?.loaded(account, nil)
        }
    }

    func consult<Answer: Sendable>(
        _ question: @escaping @Sendable (any AccountAuthority) async -> Answer, then: @escaping (Answer) -> Void
    ) {
        let (eventLoop, authority) = (self.eventLoop, self.authority)
        let then = NIOLoopBound(then, eventLoop: eventLoop)
        Task {
            let answer = await question(authority)
            eventLoop.execute { then.value(answer) }
        }
    }

    func note(_ note: BrokerNote) { BrokerLog.write(note, to: logger) }
}
