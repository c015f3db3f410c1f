import AccountServer
import Broker
import Logging
import NATSClient
import NKeys
import Trust

/// Makes the authority that a configuration describes: the one place where a broker and an account server meet.
struct BrokerAuthority {
    let configuration: BrokerConfiguration
    let logger: Logger

    private var verifier: TokenVerifier { configuration.settings.trust.verifier }

    /// Opens what accounts are kept in.
    func open() async throws(CommandFailure) -> any ConfiguredAuthority {
        switch configuration.resolver {
        case .memory:
            return try await served(.memory, MemoryStore(), LoggedJournal(logger), [.updateOfAccount])
        case .full(let folder), .cache(let folder):
            var services: Set<ClaimsService> = [.update, .updateOfAccount, .lookup, .list, .pack]
            if case .cache = configuration.resolver { services = [.update, .updateOfAccount, .list] }
            if folder.deletions == .allowed { services.insert(.delete) }
            let store = try opened { () throws(AccountServer.StoreFault) in
                try ResolverFolderStore(folder: folder.path)
            }
            let journal = try await journal(at: "\(folder.path)/.credence/journal")
            return try await served(.folder, store, journal, services, limit: folder.limit)
        case .url(let url): return try await URLAuthority.open(url, trust: configuration.settings.trust, logger: logger)
        case .bucket(let bucket): return try await open(bucket)
        }
    }

    private func open(_ bucket: ResolverBucket) async throws(CommandFailure) -> any ConfiguredAuthority {
        let connection: NATSConnection
        do throws(NATSFault) {
            connection = try await NATSConnection.connect(
                try ServerCluster.settings(
                    servers: bucket.servers, as: bucket.creds, authorities: bucket.authorities,
                    named: "credence broker"), logger: logger)
        } catch {
            throw CommandFailure(
                .inputOutput, "the bucket's servers cannot be reached: \(error)",
                hint: "check the resolver's `servers` and `creds`")
        }
        let store: JetStreamStore
        do throws(AccountServer.StoreFault) {
            store = try await JetStreamStore.open(
                BucketSettings(name: bucket.name, replicas: bucket.replicas), on: connection, logger: logger)
        } catch {
            connection.close()
            throw CommandFailure(.inputOutput, error.description, hint: error.hint)
        }
        var services: Set<ClaimsService> = [.lookup, .list, .pack]
        let journal: any JournalWriting
        if let path = bucket.journal {
            journal = try await self.journal(at: path)
            services.formUnion([.update, .updateOfAccount, .delete])
        } else {
            logger.notice("accounts are only read: the resolver's `dir` names no folder for a journal")
            journal = LoggedJournal(logger)
        }
        return try await served(.bucket, store, journal, services) { connection.close() }
    }

    private func journal(at path: String) async throws(CommandFailure) -> JournalFolder {
        let journal: JournalFolder
        do throws(JournalFault) {
            journal = try await JournalFolder.open(at: path)
        } catch {
            throw CommandFailure(.inputOutput, error.description, hint: error.hint)
        }
        if let torn = await journal.torn {
            logger.warning("the journal ended in the middle of an entry", metadata: ["moved_to": "\(torn)"])
        }
        return journal
    }

    private func served(
        _ kind: ServedAuthority.Kind, _ store: any AccountStore, _ journal: any JournalWriting,
        _ services: Set<ClaimsService>, limit: Int? = nil, release: @escaping @Sendable () async -> Void = {}
    ) async throws(CommandFailure) -> any ConfiguredAuthority {
        let trust = configuration.settings.trust
        guard let first = trust.operators.first else {
            throw CommandFailure(.badInput, "no operator is named")
        }
        var settings = AccountServiceSettings(
            operatorToken: first.text, verifier: verifier, clock: { WallClock.now() })
        settings.furtherOperators = Array(trust.operators.dropFirst())
        settings.systemAccount = trust.systemKey
        // Accounts that import from one another cannot all come first. Until an exporter is known its import is not in
        // force.
        settings.unknownExporters = .deferred
        do throws(AccountServer.StoreFault) {
            let preload = ResolverPreload(configuration.preload, verifier: verifier, kind: kind)
            if kind != .bucket { _ = try await preload.put(into: store) }
        } catch {
            throw CommandFailure(.inputOutput, error.description, hint: error.hint)
        }
        let service: AccountService
        do throws(ServiceStartFault) {
            service = try await AccountService.start(settings, store: store, journal: journal, logger: logger)
        } catch {
            throw CommandFailure(.inputOutput, error.description, hint: error.hint)
        }
        return ServedAuthority(
            kind: kind, service: service, store: store, services: services, limit: limit, verifier: verifier,
            release: release)
    }

    private func opened<Store>(_ body: () throws(AccountServer.StoreFault) -> Store) throws(CommandFailure) -> Store {
        do throws(AccountServer.StoreFault) {
            return try body()
        } catch {
            throw CommandFailure(.inputOutput, error.description, hint: error.hint)
        }
    }
}
