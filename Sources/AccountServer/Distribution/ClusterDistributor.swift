import Logging
import NATSClient
import NKeys
import ServiceLifecycle
import Synchronization
import Trust

/// Tells the servers of a cluster what an account server accepted, until each of them has it, and answers what they ask
/// (Docs/Distribution.md).
///
///     let distributor = ClusterDistributor(DistributionSettings(connection: settings), logger: logger)
///     let service = try await AccountService.start(…, distributor: distributor, …)
///     distributor.attach(service)
///     try await ServiceGroup(services: [distributor, …], logger: logger).run()
///
/// Nothing is kept on disk: after a start every server is new, and is told what it may lack. Accounts are never taken from
/// servers.
public final class ClusterDistributor: AccountDistributing, Service {
    private struct Attached {
        var accounts: (any AccountServing)?
        var waiter: CheckedContinuation<Void, Never>?
        var connection: NATSConnection?
        var isOver = false
    }

    private let settings: DistributionSettings
    private let limits = DistributionLimits.standard
    private let clock: ServerClock
    private let logger: Logger
    private let counters = DistributionCounters()
    private let state: DistributionState
    private let attached = Mutex(Attached())

    /// A distributor. It does nothing before `run`, and waits there until it is attached.
    public init(_ settings: DistributionSettings, clock: ServerClock = .system, logger: Logger) {
        var settings = settings
        // Creds may be replaced while the server runs: refused creds are no reason to give up.
        settings.connection.reconnection.whenRefused = .keepTrying
        if settings.connection.name == nil { settings.connection.name = "credence account server" }
        (self.settings, self.clock, self.logger) = (settings, clock, logger)
        state = DistributionState(settings, limits)
    }

    /// Says where the accounts are. It is let go of when `run` ends.
    public func attach(_ accounts: any AccountServing) {
        let waiter = attached.withLock { attached in
            attached.accounts = accounts
            defer { attached.waiter = nil }
            return attached.waiter
        }
        waiter?.resume()
    }

    /// Tells and answers until it is told to shut down or the task is cancelled.
    public func run() async {
        await cancelWhenGracefulShutdown { await self.serve() }
        attached.withLock { $0.accounts = nil }
    }

    /// Notes that every server lacks the account's token. Constant in the accounts, linear in the servers.
    public func stored(_ token: String, for account: PublicKey) {
        state.withLedger { $0.changed(account) }
        state.wake()
    }

    /// Notes that every server that stores accounts is to delete these.
    public func deleted(_ accounts: [PublicKey], by token: String) {
        for account in accounts { state.withLedger { $0.drop(account) } }
        // A server that takes the token deletes all that it names, whatever was deleted here.
        let named = OperatorDeletion.accounts(in: token, at: clock.now()) ?? accounts
        state.withDeletions { $0.add(named, by: token) }
        state.wake()
    }

    /// Publishes the token on the subject of old, `$SYS.ACCOUNT.<account>.CLAIMS.UPDATE`, and waits until a server has it.
    public func announce(_ token: String, for account: PublicKey) async throws(DistributionFault) {
        guard let connection = attached.withLock({ $0.connection }) else {
            throw DistributionFault("there is no connection to the servers")
        }
        let bytes = Array(token.utf8)
        state.noteOwn(bytes)
        do throws(NATSFault) {
            try await connection.publish("$SYS.ACCOUNT.\(account).CLAIMS.UPDATE", payload: bytes)
            try await connection.flush()
        } catch {
            throw DistributionFault("the servers were not told: \(error)")
        }
    }

    /// What is known of the servers now. Linear in servers and accounts that wait.
    public func report() -> DistributionReport { state.report() }

    // MARK: Running

    private func serve() async {
        guard let accounts = await attachedAccounts() else { return }
        let fingerprint = StoreFingerprint()
        var wait = settings.firstRetry
        while !Task.isCancelled {
            do throws(NATSFault) {
                let connection = try await NATSConnection.connect(settings.connection, logger: logger)
                wait = settings.firstRetry
                state.withLedger { $0.reconnected() }
                attached.withLock { $0.connection = connection }
                let session = ClusterSession(
                    accounts: accounts, connection: connection, state: state, settings: settings, clock: clock,
                    counters: counters, logger: logger, limits: limits, fingerprint: fingerprint)
                await session.run()
            } catch {
                state.set(.disconnected("\(error)"))
                guard !Task.isCancelled else { break }
                logger.error("the servers cannot be reached", metadata: ["fault": "\(error)"])
            }
            attached.withLock { $0.connection = nil }
            try? await Task.sleep(for: wait)
            wait = min(wait * 2, settings.connection.reconnection.longestWait)
        }
    }

    private func attachedAccounts() async -> (any AccountServing)? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThere = attached.withLock { attached in
                    if attached.accounts != nil || attached.isOver { return true }
                    attached.waiter = continuation
                    return false
                }
                if isThere { continuation.resume() }
            }
        } onCancel: {
            let waiter = attached.withLock { attached in
                attached.isOver = true
                defer { attached.waiter = nil }
                return attached.waiter
            }
            waiter?.resume()
        }
        return attached.withLock { $0.isOver ? nil : $0.accounts }
    }
}

/// What a token says that deletes accounts.
enum OperatorDeletion {
    /// The accounts that it names, whoever signed it; nil when it cannot be read.
    static func accounts(in token: String, at now: UnixTime) -> [PublicKey]? {
        guard case .accepted(let verified, _) = TokenVerifier().verify(token, as: GenericClaims.self, at: now),
            let content = try? JSONTree(Array(verified.claims.content.utf8)),
            case .list(let names)? = content["accounts"]
        else { return nil }
        return names.compactMap { name in
            guard case .string(let text) = name else { return nil }
            return try? PublicKey(text, role: .account)
        }
    }
}
