import Glibc
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import NKeys
import Trust

/// Everything that lives on a broker's loop: the core, and what it has done outside.
final class BrokerLoop: BrokerHost {
    let eventLoop: any EventLoop
    private let authority: any AccountAuthority
    private let workers: NIOThreadPool
    private let logger: Logger
    private(set) var core: BrokerCore! = nil
    /// Kept for as long as the core offers them.
    private var services: SystemServices?
    /// Made of the certificates; nil for connections in the clear.
    var tls: (context: NIOSSLContext, settings: BrokerTLS)?
    private var alarm: (time: UInt64, task: Scheduled<Void>)?
    private var connectionCount = 0
    private var metrics = BrokerMetrics()
    /// Told when the last connection has ended.
    private var whenEmpty: [EventLoopPromise<Void>] = []

    init(
        _ settings: BrokerSettings, identity: BrokerIdentity, authority: any AccountAuthority, workers: NIOThreadPool,
        logger: Logger, on eventLoop: any EventLoop
    ) {
        self.eventLoop = eventLoop
        self.authority = authority
        self.workers = workers
        self.logger = logger
        core = BrokerCore(settings, identity: identity, host: self)
        let services = SystemServices()
        services.install(in: core)
        self.services = services
        let events = SystemEvents(services)
        core.observer = events
        core.callout = AuthorizationService()
    }

    private var bound: NIOLoopBound<BrokerLoop> { NIOLoopBound(self, eventLoop: eventLoop) }

    // MARK: BrokerHost

    var monotonic: UInt64 { Self.nanoseconds(CLOCK_MONOTONIC) }
    var wall: Int64 { Int64(clamping: Self.nanoseconds(CLOCK_REALTIME)) }

    private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(max(0, time.tv_sec)) &* 1_000_000_000 &+ UInt64(max(0, time.tv_nsec))
    }

    func compute<Answer: Sendable>(_ work: @escaping @Sendable () -> Answer, then: @escaping (Answer) -> Void) {
        let eventLoop = self.eventLoop
        let then = NIOLoopBound(then, eventLoop: eventLoop)
        workers.submit { state in
            guard case .active = state else { return }
            let answer = work()
            eventLoop.execute { then.value(answer) }
        }
    }

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
        case .success(let token): core.loaded(account, token)
        case .failure(let error):
            note(.unresolved(account, error.description))
            core.loaded(account, nil)
        }
    }

    func wake(at time: UInt64) {
        if let alarm {
            if alarm.time <= time { return }
            alarm.task.cancel()
        }
        let bound = self.bound
        let now = monotonic
        let delay = time > now ? Int64(clamping: time - now) : 0
        alarm = (
            time,
            eventLoop.scheduleTask(in: .nanoseconds(delay)) {
                bound.value.alarm = nil
                bound.value.core.ring()
            }
        )
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

    /// Brings the metrics up to date, and again in a second.
    func measure() {
        metrics.update(from: core)
        let bound = self.bound
        eventLoop.scheduleTask(in: .seconds(1)) { bound.value.measure() }
    }

    // MARK: Connections

    /// What a connection's pipeline is made of.
    func accept(_ channel: any Channel) throws {
        guard !core.isLeaving else { throw ChannelError.ioOnClosedChannel }
        connectionCount += 1
        let handler = SessionHandler(core, beginning: tls?.settings.beginning == .first ? .secured : .connected) {
            [weak self] in self?.ended()
        }
        let pipeline = channel.pipeline.syncOperations
        if let tls {
            switch (tls.settings.beginning, tls.settings.clearText) {
            case (.first, _): try pipeline.addHandler(NIOSSLServerHandler(context: tls.context))
            case (.afterInfo, .refused): try pipeline.addHandler(TLSAfterInfo(tls.context))
            case (.afterInfo, .allowed): try pipeline.addHandler(FirstByte(tls.context))
            }
        }
        try pipeline.addHandler(handler)
    }

    private func ended() {
        connectionCount -= 1
        guard connectionCount == 0 else { return }
        for promise in whenEmpty { promise.succeed() }
        whenEmpty = []
    }

    /// Succeeds when no connection is left.
    func emptiness() -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        if connectionCount == 0 { promise.succeed() } else { whenEmpty.append(promise) }
        return promise.futureResult
    }
}
