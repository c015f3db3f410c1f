import Glibc
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import NKeys
import Synchronization
import Trust

/// A broker: real clients of the field connect with their creds, every publish and subscription is decided by compiled
/// permissions, and messages cross accounts only through imports in force.
///
///     let broker = try MessageBroker(settings, authority: accounts, logger: logger)
///     try await broker.start()
///
/// One thread routes (Docs/Decisions/0012-one-loop.md); signatures are checked on others.
public final class MessageBroker: Sendable {
    /// Why a broker does not start, or a reload changes nothing.
    public struct StartFault: Error, Hashable, Sendable, CustomStringConvertible {
        /// One line in lower case: what is wrong and where.
        public let description: String
        /// What to do about it, where there is something to say.
        public let hint: String?

        /// A fault.
        public init(_ description: String, hint: String? = nil) { (self.description, self.hint) = (description, hint) }
    }

    private struct Running {
        let bound: NIOLoopBound<BrokerLoop>
        let listener: any Channel
        let follower: Task<Void, Never>
        let monitoring: MonitoringServer?
    }

    /// Looks at the core on its loop.
    private struct Surveyor: BrokerSurveying {
        let bound: NIOLoopBound<BrokerLoop>
        let eventLoop: any EventLoop

        func survey(of scope: SurveyScope) async -> BrokerSurvey {
            await withCheckedContinuation { continuation in
                eventLoop.execute { continuation.resume(returning: bound.value.core.survey(of: scope)) }
            }
        }
    }

    private let settings: Mutex<BrokerSettings>
    private let authority: any AccountAuthority
    private let logger: Logger
    private let identity: BrokerIdentity
    private let group: MultiThreadedEventLoopGroup
    private let workers: NIOThreadPool
    private let metrics: (@Sendable () async -> String)?
    private let running = Mutex<Running?>(nil)

    /// A broker that has not started.
    ///
    /// - Parameter metrics: what monitoring answers at `/metrics`; nil for no such page.
    /// - Throws: `StartFault` for want of locked memory, where its keys are.
    public init(
        _ settings: BrokerSettings, authority: any AccountAuthority, logger: Logger,
        metrics: (@Sendable () async -> String)? = nil
    ) throws(StartFault) {
        self.settings = Mutex(settings)
        self.metrics = metrics
        (self.authority, self.logger) = (authority, logger)
        do throws(KeyUseError) { identity = try BrokerIdentity() } catch {
            throw StartFault("the broker's own keys cannot be made: \(error)")
        }
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        workers = NIOThreadPool(numberOfThreads: max(1, System.coreCount))
    }

    /// Opens the ports, and serves until `stop` or the end of a lame duck.
    ///
    /// - Throws: `StartFault`: a port in use, certificates that cannot be read.
    public func start() async throws(StartFault) {
        let settings = settings.withLock { $0 }
        let tls = try Self.context(settings.tls)
        let (eventLoop, identity, authority, logger) = (group.next(), identity, authority, logger)
        let workers = workers
        workers.start()
        let bound: NIOLoopBound<BrokerLoop>
        let listener: any Channel
        do {
            bound = try await eventLoop.submit {
                let loop = BrokerLoop(
                    settings, identity: identity, authority: authority, workers: workers, logger: logger, on: eventLoop)
                if let tls, let files = settings.tls { loop.tls = (tls, files) }
                return NIOLoopBound(loop, eventLoop: eventLoop)
            }.get()
            listener = try await Self.listen(at: settings, with: bound, on: group)
        } catch {
            throw StartFault(
                "cannot listen at \(settings.host):\(settings.port): \(Self.reason(error))",
                hint: "choose another port, or stop what listens there")
        }
        let port = listener.localAddress?.port ?? settings.port
        eventLoop.execute {
            bound.value.core.address = ListenAddress(host: settings.host, port: port)
            bound.value.core.start()
            bound.value.measure()
        }
        let follower = Task {
            for await change in authority.changes() { eventLoop.execute { bound.value.core.changed(change) } }
        }
        var monitoring: MonitoringServer?
        if let place = settings.monitoring {
            let pages = MonitoringPages(of: Surveyor(bound: bound, eventLoop: eventLoop), metrics: metrics)
            // Its requests are answered on other threads than messages.
            let server = MonitoringServer(pages, group: MultiThreadedEventLoopGroup.singleton, logger: logger)
            do throws(StartFault) {
                try await server.start(on: place.host, port: place.port)
            } catch {
                running.withLock {
                    $0 = Running(bound: bound, listener: listener, follower: follower, monitoring: nil)
                }
                await stop()
                throw error
            }
            monitoring = server
        }
        let made = Running(bound: bound, listener: listener, follower: follower, monitoring: monitoring)
        running.withLock { $0 = made }
    }

    private static func listen(
        at settings: BrokerSettings, with bound: NIOLoopBound<BrokerLoop>, on group: MultiThreadedEventLoopGroup
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 2048, maximum: 131_072)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try bound.value.accept(channel) }
            }
            .bind(host: settings.host, port: settings.port).get()
    }

    private static func context(_ tls: BrokerTLS?) throws(StartFault) -> NIOSSLContext? {
        guard let tls else { return nil }
        return try TLSContext.make(tls)
    }

    private static func reason(_ error: any Error) -> String {
        guard let fault = error as? IOError else { return "\(error)" }
        return fault.errnoCode == EADDRINUSE ? "the port is in use" : fault.localizedText
    }

    /// The port that clients reach; nil before the start.
    public var port: Int? { running.withLock { $0?.listener.localAddress?.port } }

    /// The port of monitoring; nil before the start, and where there is none.
    public var monitoringPort: Int? { running.withLock { $0?.monitoring?.port } }

    /// The broker's public key, which INFO tells clients as `server_id`.
    public var key: PublicKey { identity.key.publicKey }

    /// Takes new settings without a restart: operators, accounts, certificates, limits, times. Who is connected and no
    /// longer fits is sent away. The ports stay.
    ///
    /// - Throws: `StartFault` for certificates that cannot be read; then nothing has changed.
    public func reload(_ new: BrokerSettings) async throws(StartFault) {
        await take(new, try Self.context(new.tls))
    }

    /// Takes new settings, as above, together with what the authority makes of them.
    ///
    /// - Parameter update: brings the authority to the new settings. What it tells of changed accounts meanwhile is applied
    ///   after them: an account that an operator's new key has signed is judged by the operator that has the key.
    /// - Throws: `StartFault` for certificates that cannot be read, and what `update` throws; then nothing has changed here.
    public func reload(_ new: BrokerSettings, updating update: () async throws -> Void) async throws {
        let tls = try Self.context(new.tls)
        let bound = running.withLock { $0?.bound }
        if let bound { await onLoop { bound.value.core.holdChanges() } }
        do {
            try await update()
        } catch {
            if let bound { await onLoop { bound.value.core.releaseChanges() } }
            throw error
        }
        await take(new, tls)
        if let bound { await onLoop { bound.value.core.releaseChanges() } }
    }

    private func take(_ new: BrokerSettings, _ tls: NIOSSLContext?) async {
        settings.withLock { $0 = new }
        guard let bound = running.withLock({ $0?.bound }) else { return }
        let newer = await newerTokens(for: new.trust, in: bound)
        await onLoop {
            if let tls, let files = new.tls { bound.value.tls = (tls, files) } else { bound.value.tls = nil }
            bound.value.core.reload(new, knowing: newer)
        }
    }

    /// What the authority has for accounts whose tokens, as they are known here, `trust` refuses. An operator that drops a
    /// key has signed its accounts anew before; that change may be on its way here still, and nobody is sent away for it.
    private func newerTokens(
        for trust: BrokerTrust, in bound: NIOLoopBound<BrokerLoop>
    ) async -> [PublicKey: String] {
        let known = try? await group.next().submit {
            (bound.value.core.tokens(toJudgeBy: trust), bound.value.core.wallTime)
        }.get()
        guard let (tokens, now) = known else { return [:] }
        let chain = trust.chain
        let refused = tokens.filter {
            if case .refused = chain.account($0.token, for: $0.account, at: now) { true } else { false }
        }
        var newer: [PublicKey: String] = [:]
        for start in stride(from: 0, to: refused.count, by: 32) {
            await withTaskGroup(of: (PublicKey, String?).self) { asked in
                for (account, _) in refused[start..<min(start + 32, refused.count)] {
                    asked.addTask { [authority] in (account, (try? await authority.token(of: account)) ?? nil) }
                }
                for await (account, token) in asked { newer[account] = token }
            }
        }
        return newer
    }

    /// What it holds now; nil when it does not run.
    func census() async -> BrokerCensus? {
        guard let bound = running.withLock({ $0?.bound }) else { return nil }
        return try? await group.next().submit { BrokerCensus(of: bound.value.core) }.get()
    }

    /// Does something on the loop, and waits for it.
    private func onLoop(_ body: @escaping @Sendable () -> Void) async {
        try? await group.next().submit(body).get()
    }

    /// Stops listening, tells every client to go elsewhere, waits the grace period, and ends the rest one by one.
    /// Returns when no connection is left.
    public func drain() async {
        guard let now = running.withLock({ $0 }) else { return }
        try? await now.listener.close().get()
        let bound = now.bound
        await onLoop { bound.value.core.beginLeaving() }
        try? await group.next().flatSubmit { bound.value.emptiness() }.get()
        await stop()
    }

    /// Ends every connection, when what was to be sent is sent.
    public func stop() async {
        guard
            let last = running.withLock({ running in
                defer { running = nil }
                return running
            })
        else { return }
        last.follower.cancel()
        await last.monitoring?.close()
        try? await last.listener.close().get()
        let bound = last.bound
        await onLoop { bound.value.core.stop() }
        try? await group.next().flatSubmit { bound.value.emptiness() }.get()
        try? await workers.shutdownGracefully()
        try? await group.shutdownGracefully()
    }
}
