import AccountServer
import Broker
import Glibc
import Logging
import Metrics
import NIOSSL
import SystemTimeZones
import Trust
import UnixSignals

/// Puts a broker together and runs it until it is told to end.
struct BrokerRun {
    /// What the command line says, which counts more than the configuration.
    struct Overrides {
        var host: String?
        var port: Int?
        var policy = Policy.strict
        var logLevel: Logger.Level?
        var logFormat = AccountServerConfiguration.LogFormat.text
    }

    let path: String
    let overrides: Overrides

    private var verifier: TokenVerifier { TokenVerifier(policy: overrides.policy, zones: SystemZones()) }

    /// Reads the configuration, with what the command line says in place of it.
    func configuration() throws(BrokerConfigurationFailure) -> BrokerConfiguration {
        var configuration = try BrokerFiles.configuration(path, verifier: verifier)
        configuration.settings.host = overrides.host ?? configuration.settings.host
        // As with the server: 0 is what it would be without, and -1 any port.
        if let port = overrides.port, port != 0 { configuration.settings.port = max(0, port) }
        return configuration
    }

    /// Reads everything that is configured, without opening accounts or listening.
    func check() throws {
        let configuration: BrokerConfiguration
        do throws(BrokerConfigurationFailure) { configuration = try self.configuration() } catch { throw error.said() }
        for warning in configuration.warnings { StandardError.write("warning: \(Printable.line("\(warning)"))\n") }
        try Self.checkCertificates(configuration.settings.tls)
    }

    /// Runs until SIGTERM or SIGINT, or to the end of a lame duck (SIGUSR2). SIGHUP has the configuration read again.
    ///
    /// - Parameter whenReady: called once clients can connect, with the port.
    func run(whenReady: (Int) throws -> Void = { _ in }) async throws {
        let configuration: BrokerConfiguration
        do throws(BrokerConfigurationFailure) { configuration = try self.configuration() } catch { throw error.said() }
        let logger = try bootstrapLogging(configuration.logging)
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        tell(configuration.warnings, logger)
        let authority = try await BrokerAuthority(configuration: configuration, logger: logger).open()
        do throws(CommandFailure) {
            try await checkSystemAccount(authority, configuration, logger)
        } catch {
            await authority.close()
            throw error
        }
        // From here on a signal is waited for, and does not end the process by itself.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup, .sigusr2)
        let broker: MessageBroker
        do throws(MessageBroker.StartFault) {
            broker = try MessageBroker(
                configuration.settings, authority: authority, logger: logger, metrics: { registry.text })
            try await broker.start()
        } catch {
            await authority.close()
            throw CommandFailure(.inputOutput, error.description, hint: error.hint)
        }
        let process = try configuration.processFile.map { path throws(CommandFailure) in try ProcessFile(path) }
        defer { process?.remove() }
        let port = broker.port ?? configuration.settings.port
        announce(configuration.settings, port, broker.monitoringPort, logger)
        try whenReady(port)
        await serve(broker, authority, configuration, signals, logger)
        await authority.close()
        logger.notice("ended")
    }

    // MARK: Signals

    private func serve(
        _ broker: MessageBroker, _ authority: any ConfiguredAuthority, _ configuration: BrokerConfiguration,
        _ signals: UnixSignalsSequence, _ logger: Logger
    ) async {
        var current = configuration
        var ending: Task<Void, Never>?
        // Whoever waits for signals is woken when the broker has ended too.
        let (events, feed) = AsyncStream.makeStream(of: UnixSignal?.self)
        let reader = Task {
            for await signal in signals { feed.yield(signal) }
        }
        for await event in events {
            guard let event else { break }
            switch event {
            case .sighup:
                if let new = await reload(broker, authority, current, logger) { current = new }
            case .sigusr2 where ending == nil:
                logger.notice("lame duck: clients are sent elsewhere, one by one")
                ending = Task {
                    await broker.drain()
                    feed.yield(nil)
                }
            case .sigterm where ending == nil, .sigint where ending == nil:
                let grace = current.settings.times.lameDuckGrace
                logger.notice("draining", metadata: ["at_most": "\(grace)"])
                ending = Task {
                    // What is still there when the grace is over is ended at once, and not one by one.
                    await withTaskGroup(of: Void.self) { group in
                        group.addTask { await broker.drain() }
                        group.addTask { try? await Task.sleep(for: grace + .milliseconds(500)) }
                        await group.next()
                        await broker.stop()
                        group.cancelAll()
                    }
                    feed.yield(nil)
                }
            case .sigterm, .sigint:
                logger.notice("ending at once")
                feed.yield(nil)
            default: break
            }
        }
        reader.cancel()
        await broker.stop()
        ending?.cancel()
    }

    /// Reads the configuration again and has the broker take it over; nil when it changes nothing.
    private func reload(
        _ broker: MessageBroker, _ authority: any ConfiguredAuthority, _ current: BrokerConfiguration, _ logger: Logger
    ) async -> BrokerConfiguration? {
        do throws(BrokerConfigurationFailure) {
            let new = try configuration()
            do {
                try Self.refuseAnotherResolver(new.resolver, in: current.resolver)
                try Self.checkCertificates(new.settings.tls)
                // The authority first: an account that is new under a new operator is known before it is asked for.
                try await broker.reload(new.settings) { try await authority.reload(new) }
            } catch let fault as CommandFailure {
                logger.error("the configuration is not taken over: \(fault.what)")
                return nil
            } catch {
                logger.error("the configuration is not taken over: \(error)")
                return nil
            }
            tell(new.warnings, logger)
            logger.notice("the configuration was read again")
            return new
        } catch {
            for fault in error.faults { logger.error("the configuration is not taken over: \(fault)") }
            return nil
        }
    }

    private static func refuseAnotherResolver(
        _ new: ResolverConfiguration, in old: ResolverConfiguration
    ) throws(CommandFailure) {
        guard new != old else { return }
        throw CommandFailure(.usage, "accounts are to come from elsewhere, which needs a restart")
    }

    // MARK: Parts

    private func bootstrapLogging(
        _ logging: BrokerConfiguration.LoggingConfiguration
    ) throws(CommandFailure) -> Logger {
        if let file = logging.file { try LogFile.open(file) }
        let configured: Logger.Level =
            switch logging.detail {
            case .standard: .info
            case .debug: .debug
            case .trace: .trace
            }
        let (level, format) = (overrides.logLevel ?? configured, overrides.logFormat)
        LoggingSystem.bootstrap { LineLogHandler(label: $0, level: level, format: format) }
        return Logger(label: "credence.broker")
    }

    /// Whether the servers' own account is known, without which nobody can push accounts or see events.
    private func checkSystemAccount(
        _ authority: any ConfiguredAuthority, _ configuration: BrokerConfiguration, _ logger: Logger
    ) async throws(CommandFailure) {
        guard let key = configuration.settings.trust.systemKey else { return }
        let token: String?
        do throws(AccountResolverError) { token = try await authority.token(of: key) } catch {
            throw CommandFailure(.inputOutput, "the system account `\(key)` does not resolve: \(error)")
        }
        guard token == nil else { return }
        switch configuration.resolver {
        case .full, .cache:
            // A folder may be empty at first; who fills it has to be in it.
            logger.warning(
                "the system account is not in the resolver's folder, so nobody can push accounts: preload its token",
                metadata: ["account": "\(key)"])
        default:
            throw CommandFailure(
                .inputOutput, "the system account `\(key)` does not resolve",
                hint: "upload its token to where accounts come from")
        }
    }

    private func tell(_ warnings: [ConfigurationFault], _ logger: Logger) {
        for warning in warnings { logger.warning("\(warning)") }
    }

    private func announce(_ settings: BrokerSettings, _ port: Int, _ monitoring: Int?, _ logger: Logger) {
        func shown(_ host: String, _ port: Int) -> String {
            host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
        var metadata: Logger.Metadata = ["address": "\(shown(settings.host, port))"]
        if let monitoring, let host = settings.monitoring?.host {
            metadata["monitoring"] = "\(shown(host, monitoring))"
        }
        logger.notice("listening", metadata: metadata)
    }

    /// Whether certificates can be read, so that a fault is said before anything is opened.
    private static func checkCertificates(_ tls: BrokerTLS?) throws(CommandFailure) {
        guard let tls else { return }
        var files = [tls.certificateChain]
        if case .required(let authorities) = tls.clientCertificates { files.append(authorities) }
        for file in files {
            let certificates = try? NIOSSLCertificate.fromPEMFile(file)
            guard certificates?.isEmpty == false else {
                throw CommandFailure(.badInput, "\(Files.quoted(file)) holds no certificate that can be read")
            }
        }
        guard (try? NIOSSLPrivateKey(file: tls.privateKey, format: .pem)) != nil else {
            throw CommandFailure(.badInput, "\(Files.quoted(tls.privateKey)) holds no private key that can be read")
        }
    }
}
