import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// The account server over HTTP/1.1 (Docs/AccountServer.md), as a service: it runs until it is told to shut down, and
/// then answers what has begun before it ends.
///
///     let server = try AccountHTTPServer(service: accounts, settings: settings, logger: logger)
///     try await ServiceGroup(services: [server], gracefulShutdownSignals: [.sigterm], logger: logger).run()
public struct AccountHTTPServer: Service {
    private let settings: HTTPSettings
    private let credentials: ReloadedCredentials?
    private let handler: RequestHandler
    private let ledger: ConnectionLedger
    private let front: FrontChannel
    private let binding = BoundPort()
    private let logger: Logger
    private let group: any EventLoopGroup

    /// A server that stands on `service`.
    ///
    /// - Parameters:
    ///   - service: what judges and keeps.
    ///   - issuing: what exchanges tokens; nil for a server that issues none.
    ///   - settings: how HTTP is spoken.
    ///   - credentials: the path of a file of credentials (`CallerCredentials`), read now and when it changes; nil for
    ///     none.
    ///   - metrics: what `/metrics` shows, to which the server adds its own.
    ///   - clock: the clocks.
    ///   - logger: where requests are written down: changes and refusals at `info`, all others at `debug`.
    ///   - group: the threads that carry it; nil for those that the process shares.
    /// - Throws: when the credentials or the files of TLS cannot be used.
    public init(
        service: some AccountServing, issuing: (any TokenIssuing)? = nil, settings: HTTPSettings = HTTPSettings(),
        credentials: String? = nil,
        metrics registry: PrometheusRegistry = PrometheusRegistry(), clock: ServerClock = .system,
        logger: Logger = Logger(label: "credence.http"), group: (any EventLoopGroup)? = nil
    ) throws(StartFault) {
        let metrics = RequestMetrics(registry)
        self.settings = settings
        self.logger = logger
        self.group = group ?? MultiThreadedEventLoopGroup.singleton
        var known = CallerCredentials()
        do throws(CallerCredentials.Fault) {
            if let credentials { known = try CallerCredentials(contentsOf: credentials) }
        } catch {
            throw StartFault(description: "the credentials `\(credentials ?? "")` cannot be used: \(error)")
        }
        let gate = AccessGate(settings, credentials: known, clock: clock)
        self.credentials = credentials.map { ReloadedCredentials($0, gate: gate) }
        handler = RequestHandler(
            service: service, issuing: issuing, settings: settings, gate: gate, clock: clock, metrics: metrics,
            registry: registry,
            drain: ServerDrain(), date: HTTPDate(clock), logger: logger)
        ledger = ConnectionLedger(settings, metrics: metrics)
        let plain = ConnectionChannel(settings, protection: .none, handler: handler, ledger: ledger)
        let secure = ConnectionChannel(settings, protection: .tls, handler: handler, ledger: ledger)
        do throws(TLSFiles.Fault) {
            var tls: TLSReload?
            if let files = settings.tls { tls = try TLSReload(files, base: secure) }
            front = FrontChannel(plain: plain, tls: tls)
        } catch {
            throw StartFault(description: error.description)
        }
    }

    /// Why a server cannot begin.
    public struct StartFault: Error, Hashable, Sendable, CustomStringConvertible {
        /// One line in lower case. It may name a path: not for callers.
        public let description: String
    }

    /// The port that it listens at, once it does; nil when it ended without.
    public var port: Int? { get async { await binding.port } }

    /// How many connections are open.
    public var connectionCount: Int { ledger.count }

    /// Runs until it is shut down.
    public func run() async throws {
        let (binding, drain, ledger) = (binding, handler.drain, ledger)
        var quiet = logger
        // Hummingbird says at `info` that it listens, which this server's owner says better.
        quiet.logLevel = max(logger.logLevel, .warning)
        let server = Server(
            childChannelSetup: front,
            configuration: ServerConfiguration(
                address: .hostname(settings.host, port: settings.port), backlog: 1024),
            onServerRunning: { channel in binding.bound(channel.localAddress?.port) }, eventLoopGroup: group,
            logger: quiet)
        defer { binding.bound(nil) }
        enum Event { case ended, aside }
        try await withThrowingTaskGroup(of: Event.self) { tasks in
            tasks.addTask {
                try await server.run()
                return .ended
            }
            tasks.addTask {
                await watchFiles()
                return .aside
            }
            tasks.addTask {
                // A shutdown that waited for who never ends would never end itself.
                await drain.begun()
                let waited: Void? = try? await Task.sleep(for: .seconds(settings.shutdownTimeout))
                if waited != nil { ledger.closeAll() }
                return .aside
            }
            defer { tasks.cancelAll() }
            try await withGracefulShutdownHandler {
                while let event = try await tasks.next(), event == .aside {}
            } onGracefulShutdown: {
                drain.begin()
            }
        }
    }

    /// Reads the files of certificates and credentials again, now. What cannot be used is logged, and what was in use
    /// stays so.
    public func reload() {
        reloadCertificate()
        reloadCredentials()
    }

    private func watchFiles() async {
        guard let interval = settings.reloadInterval, front.tls != nil || credentials != nil else { return }
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: .seconds(max(0.01, interval)))) != nil else { return }
            if front.tls?.isStale == true { reloadCertificate() }
            if credentials?.isStale == true { reloadCredentials() }
        }
    }

    private func reloadCertificate() {
        guard let tls = front.tls else { return }
        do throws(TLSFiles.Fault) {
            try tls.reload()
            handler.metrics.reloaded(.changed)
            logger.notice("the certificate was read again")
        } catch {
            handler.metrics.reloaded(.refused)
            logger.error("the certificate stays as it was: \(error)")
        }
    }

    private func reloadCredentials() {
        guard let credentials else { return }
        do throws(CallerCredentials.Fault) {
            try credentials.reload()
            handler.metrics.reloaded(.changed)
            logger.notice("the credentials were read again")
        } catch {
            handler.metrics.reloaded(.refused)
            logger.error("the credentials stay as they were: \(error)")
        }
    }
}
