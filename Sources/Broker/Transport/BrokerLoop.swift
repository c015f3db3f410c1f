import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// Everything that lives on a broker's loop: the core, what it has done outside, and the connections.
final class BrokerLoop {
    let core: BrokerCore
    /// Made of the certificates; nil for connections in the clear.
    var tls: (context: NIOSSLContext, settings: BrokerTLS)?
    private let eventLoop: any EventLoop
    private let host: LoopHost
    /// What the core offers and tells of itself, kept for as long as it does.
    private let services = SystemServices()
    private var connectionCount = 0
    private var metrics = BrokerMetrics()
    /// Told when the last connection has ended.
    private var whenEmpty: [EventLoopPromise<Void>] = []

    init(
        _ settings: BrokerSettings, identity: BrokerIdentity, authority: any AccountAuthority, workers: NIOThreadPool,
        logger: Logger, on eventLoop: any EventLoop
    ) {
        self.eventLoop = eventLoop
        host = LoopHost(authority: authority, workers: workers, logger: logger, on: eventLoop)
        core = BrokerCore(settings, identity: identity, host: host)
        host.attach(core)
        services.install(in: core)
        core.observer = SystemEvents(services)
        core.callout = AuthorizationService()
    }

    /// Brings the metrics up to date, and again in a second.
    func measure() {
        metrics.update(from: core)
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: .seconds(1)) { bound.value.measure() }
    }

    /// Makes a connection's pipeline.
    func accept(_ channel: any Channel) throws {
        guard !core.isLeaving else { throw ChannelError.ioOnClosedChannel }
        connectionCount += 1
        let handler = SessionHandler(core, beginning: tls?.settings.beginning == .first ? .secured : .connected) {
            [weak self] in self?.ended()
        }
        let pipeline = channel.pipeline.syncOperations
        if let tls {
            switch tls.settings.beginning {
            case .first: try pipeline.addHandler(NIOSSLServerHandler(context: tls.context))
            case .afterInfo: try pipeline.addHandler(FirstByte(tls.context, clearText: tls.settings.clearText))
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
