import AccountServer
import Glibc
import Logging
import Metrics
import NATSClient
import NKeys
import ServiceLifecycle
import SystemTimeZones
import Trust
import UnixSignals

/// Puts an account server together and runs it until it is told to end.
struct AccountServerRun {
    let configuration: AccountServerConfiguration

    init(_ configuration: AccountServerConfiguration) { self.configuration = configuration }

    /// Reads every file that is configured, without opening the data or listening.
    static func check(_ configuration: AccountServerConfiguration) async throws {
        let run = AccountServerRun(configuration)
        let settings = try run.serviceSettings()
        let verdict = settings.verifier.verify(settings.operatorToken, as: OperatorClaims.self, at: settings.clock())
        guard verdict.isAccepted else { throw refusedOperator(verdict) }
        _ = try run.journalKey()
        _ = try run.endpoint(for: EmptyService(), settings.verifier)
        do throws(AccountHTTPServer.StartFault) {
            _ = try AccountHTTPServer(
                service: EmptyService(), settings: configuration.http, credentials: configuration.credentials)
        } catch {
            throw CommandFailure(.badInput, error.description)
        }
    }

    /// Runs until SIGTERM or SIGINT. SIGHUP has certificates, credentials and the configuration of
    /// token exchange read again.
    func run() async throws {
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        let (level, format) = (configuration.logLevel, configuration.logFormat)
        LoggingSystem.bootstrap { LineLogHandler(label: $0, level: level, format: format) }
        let logger = Logger(label: "credence.account-server")
        let settings = try serviceSettings()
        try ServerFiles.makeFolder(configuration.data)
        let store = try await openStore(logger)
        let journal = try await openJournal()
        if let torn = await journal.torn {
            logger.warning("the journal ended in the middle of an entry", metadata: ["moved_to": "\(torn)"])
        }
        let sealing = try ServerFiles.sealingKey(configuration.sealKey ?? "\(configuration.data)/seal.key")
        let distributor = try distributor()
        let service: AccountService
        do throws(ServiceStartFault) {
            service = try await AccountService.start(
                settings, store: store, journal: journal, distributor: distributor, sealingKey: sealing,
                logger: logger)
        } catch {
            let isInput = if case .operatorRefused = error { true } else { false }
            throw CommandFailure(isInput ? .badInput : .inputOutput, error.description, hint: error.hint)
        }
        let endpoint: ExchangeEndpoint?
        do throws(CommandFailure) { endpoint = try self.endpoint(for: service, settings.verifier) } catch {
            await service.close()
            throw error
        }
        let server: AccountHTTPServer
        do throws(AccountHTTPServer.StartFault) {
            server = try AccountHTTPServer(
                service: service, issuing: endpoint, settings: configuration.http,
                credentials: configuration.credentials,
                metrics: registry, logger: Logger(label: "credence.http"))
        } catch {
            throw CommandFailure(.badInput, error.description)
        }
        distributor?.attach(service)
        var services: [any Service] = [
            server, PortAnnouncement(server: server, host: configuration.http.host, logger: logger),
            HangUps(server: server, endpoint: endpoint, logger: logger),
            Retention(journal: journal, days: configuration.journalKeepDays, logger: logger),
        ]
        if let distributor { services.append(distributor) }
        // Below that, it writes down every service with all that it holds.
        var quiet = Logger(label: "credence.services")
        quiet.logLevel = max(configuration.logLevel, .notice)
        let group = ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        do {
            try await group.run()
        } catch {
            await service.close()
            throw CommandFailure(.inputOutput, "the server ended: \(error)")
        }
        await service.close()
        logger.notice("ended")
    }

    // MARK: Parts

    private func serviceSettings() throws(CommandFailure) -> AccountServiceSettings {
        let verifier = TokenVerifier(policy: configuration.policy, zones: SystemZones())
        var settings = AccountServiceSettings(
            operatorToken: try ServerFiles.operatorToken(configuration.operatorFile), verifier: verifier,
            clock: { WallClock.now() })
        settings.unknownExporters = configuration.unknownExporters
        settings.brokenDependents = configuration.brokenDependents
        settings.operatorUploads = configuration.operatorUploads
        settings.loaders = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        if let file = configuration.selfSignedKey {
            let signer = TokenSigner(
                try ServerFiles.keyPair(file, role: .operator, flag: "--self-signed-key"), policy: configuration.policy,
                zones: SystemZones())
            let approved = try configuration.selfSignedApproved.map { path throws(CommandFailure) in
                try ServerFiles.accountKeys(path)
            }
            settings.selfSigning = SelfSigning(signer: signer, limits: .unlimited) { key in
                if approved?.contains(key) == true { return .approved }
                return .pending(["the account `\(key)` has to be approved by the operator"])
            }
        }
        return settings
    }

    /// What exchanges tokens, where it was told by what.
    private func endpoint(
        for service: any AccountServing, _ verifier: TokenVerifier
    ) throws(CommandFailure) -> ExchangeEndpoint? {
        try configuration.identity.map { path throws(CommandFailure) in
            try ExchangeEndpoint(path: path, accounts: service, tokens: verifier)
        }
    }

    private func openStore(_ logger: Logger) async throws(CommandFailure) -> any AccountStore {
        do throws(AccountServer.StoreFault) {
            switch configuration.store {
            case .sqlite: return try SQLiteStore(folder: configuration.data)
            case .folder: return try ResolverFolderStore(folder: "\(configuration.data)/jwt")
            case .memory: return MemoryStore()
            case .jetstream:
                let connection = try await ServerCluster(configuration).connect(
                    as: configuration.bucketCreds, named: "credence account-server store", logger)
                return try await JetStreamStore.open(
                    BucketSettings(name: configuration.bucket, replicas: configuration.replicas), on: connection,
                    logger: logger)
            }
        } catch {
            throw CommandFailure(.inputOutput, error.description, hint: error.hint)
        }
    }

    /// What pushes accounts to servers, where it was told as whom.
    private func distributor() throws(CommandFailure) -> ClusterDistributor? {
        guard let creds = configuration.creds else { return nil }
        do throws(NATSFault) {
            let connection = try ServerCluster(configuration).settings(as: creds, named: "credence account-server")
            return ClusterDistributor(
                DistributionSettings(connection: connection), logger: Logger(label: "credence.distribution"))
        } catch {
            throw CommandFailure(.badInput, "\(error)")
        }
    }

    private func openJournal() async throws(CommandFailure) -> JournalFolder {
        var settings = JournalFolder.Settings()
        settings.segmentBytes = configuration.journalSegmentBytes
        let key = try journalKey()
        do throws(JournalFault) {
            return try await JournalFolder.open(
                at: "\(configuration.data)/journal", settings: settings, signingWith: key)
        } catch {
            throw CommandFailure(.inputOutput, error.description, hint: error.hint)
        }
    }

    private func journalKey() throws(CommandFailure) -> KeyPair? {
        guard let file = configuration.journalKey else { return nil }
        return try ServerFiles.keyPair(file, role: .server, flag: "--journal-key")
    }

    private static func refusedOperator(_ verdict: Verdict<VerifiedToken<OperatorClaims>>) -> CommandFailure {
        let rules = verdict.failures.map { "\($0.rule.code) \($0.message)" }.joined(separator: "; ")
        return CommandFailure(.no, "the operator's token is refused: \(rules)")
    }
}

/// Says where a server listens, once it does.
private struct PortAnnouncement: Service {
    let server: AccountHTTPServer
    let host: String
    let logger: Logger

    func run() async throws {
        if let port = await server.port {
            let shown = host.contains(":") ? "[\(host)]" : host
            logger.notice("listening", metadata: ["address": "\(shown):\(port)"])
        }
        try? await gracefulShutdown()
    }
}

/// Has a server read its files again when the process is told to.
private struct HangUps: Service {
    let server: AccountHTTPServer
    let endpoint: ExchangeEndpoint?
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            server.reload()
            endpoint?.reload(logger)
        }
    }
}

/// Takes away files of the journal that are older than they are to be kept.
private struct Retention: Service {
    let journal: JournalFolder
    let days: Int?
    let logger: Logger

    func run() async throws {
        guard let days else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do throws(JournalFault) {
                    let before = WallClock.now().advanced(by: -Int64(days) * 86_400)
                    if let base = try await journal.prune(keeping: .since(before)) {
                        logger.notice("older entries are gone from the journal", metadata: ["up_to": "\(base.number)"])
                    }
                } catch {
                    logger.error("the journal's older files stay", metadata: ["fault": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(3_600))
            }
        }
    }
}
