import Logging
import NATSClient
import NKeys
import RealServers
import Synchronization
import Testing
import Trust

@testable import AccountServer

/// Accounts in memory, as an account server keeps them.
final class AccountsInMemory: AccountServing {
    private let kept = Mutex<[PublicKey: KeptAccount]>([:])
    let operatorToken = ""

    /// Keeps a token, or forgets an account.
    func keep(_ token: String?, for keys: KeyPair, issuedAt: Int64 = 0, expires: Int64? = nil) {
        let account = token.map {
            KeptAccount(
                key: keys.publicKey, token: Array($0.utf8), identifier: "", expires: expires.flatMap(UnixTime.init),
                issuedAt: UnixTime(issuedAt) ?? .zero)
        }
        kept.withLock { $0[keys.publicKey] = account }
    }

    func account(for key: PublicKey) -> KeptAccount? { kept.withLock { $0[key] } }
    func accounts(atMost limit: Int) -> [KeptAccount] {
        kept.withLock { Array($0.values.sorted { $0.key < $1.key }.prefix(limit)) }
    }
    func activation(for hash: String) -> String? { nil }
    func upload(_ upload: Upload) async -> UploadAnswer { .failed }
    func uploadActivation(_ token: [UInt8], by caller: Caller) async -> (answer: UploadAnswer, hash: String?) {
        (.failed, nil)
    }
    func uploadOperator(_ token: [UInt8], by caller: Caller) async -> UploadAnswer { .failed }
    func delete(_ path: String, by token: [UInt8], caller: Caller) async -> UploadAnswer { .failed }
    func turnedAway(_ caller: Caller, path: String, by rule: Rule) async {}
    func record(_ draft: JournalDraft) async throws(JournalFault) {}
    func announce(_ account: KeptAccount) async throws(DistributionFault) {}
    func hindrance() async -> String? { nil }
}

/// A log that is kept, to look for what must not be in it.
final class KeptLog: Sendable {
    private let lines = Mutex<[String]>([])

    var logger: Logger {
        Logger(label: "test") { [self] _ in Handler(log: self) }
    }

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    private struct Handler: LogHandler {
        let log: KeptLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let values = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
            log.lines.withLock { $0.append("\(event.level) \(event.message) \(values)") }
        }
    }
}

/// A distributor at work on real servers.
final class DistributionBench: Sendable {
    let world: DistributionWorld
    let cluster: ResolverCluster
    let accounts = AccountsInMemory()
    let log: KeptLog
    let distributor: ClusterDistributor
    private let task: Task<Void, Never>

    init(
        _ world: DistributionWorld, _ cluster: ResolverCluster, serving other: (any AccountServing)? = nil,
        distributor given: ClusterDistributor? = nil, as creds: CredentialsFile? = nil, log: KeptLog = KeptLog(),
        _ change: (inout DistributionSettings) -> Void = { _ in }
    ) throws {
        (self.world, self.cluster, self.log) = (world, cluster, log)
        let distributor = try given ?? Self.distributor(world, cluster, as: creds, log: log, change)
        self.distributor = distributor
        distributor.attach(other ?? accounts)
        task = Task { await distributor.run() }
    }

    static func distributor(
        _ world: DistributionWorld, _ cluster: ResolverCluster, as creds: CredentialsFile? = nil, log: KeptLog,
        _ change: (inout DistributionSettings) -> Void = { _ in }
    ) throws -> ClusterDistributor {
        var settings = DistributionSettings(
            connection: try world.connection(cluster.servers, as: try creds ?? world.user(of: world.system)))
        settings.connection.reconnection.longestWait = .milliseconds(500)
        settings.surveyInterval = .milliseconds(200)
        settings.answerTimeout = .seconds(1)
        settings.firstRetry = .milliseconds(100)
        settings.longestRetry = .seconds(1)
        change(&settings)
        return ClusterDistributor(settings, logger: log.logger)
    }

    /// Keeps a token and has it told, as an accepted upload does.
    func store(_ token: String, for keys: KeyPair, issuedAt: Int64 = 0) {
        accounts.keep(token, for: keys, issuedAt: issuedAt)
        distributor.stored(token, for: keys.publicKey)
    }

    /// Returns when as many servers have everything.
    func untilComplete(_ count: Int? = nil, sourceLocation: SourceLocation = #_sourceLocation) async {
        let count = count ?? cluster.servers.count
        await until(sourceLocation: sourceLocation) {
            let report = self.distributor.report()
            return report.isComplete && report.servers.count(where: \.isPresent) == count
        }
    }

    /// Returns when something is so. That it never is ends the wait, and the test with it.
    func until(
        sourceLocation: SourceLocation = #_sourceLocation, _ isSo: @Sendable () async throws -> Bool
    ) async rethrows {
        let end = ContinuousClock.now + .seconds(600)
        while try await !isSo() {
            guard ContinuousClock.now < end else {
                Issue.record("it never came: \(distributor.report())\n\(log.text)", sourceLocation: sourceLocation)
                return
            }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    func server(_ name: String) -> DistributionReport.Server? {
        distributor.report().servers.first { $0.name == name && $0.isPresent }
    }

    /// Connects as a user of an account; whether it is let in.
    func connect(_ creds: CredentialsFile, to index: Int = 0) async throws -> NATSConnection {
        var settings = try world.connection([cluster.servers[index]], as: creds)
        settings.reconnection.rounds = 0
        return try await NATSConnection.connect(settings)
    }

    func isLetIn(_ creds: CredentialsFile, to index: Int = 0) async throws -> Bool {
        do throws(NATSFault) {
            var settings: ConnectionSettings
            do { settings = try world.connection([cluster.servers[index]], as: creds) } catch { return false }
            settings.reconnection.rounds = 0
            try await NATSConnection.connect(settings).close()
            return true
        } catch {
            guard error.isAboutCredentials else { throw error }
            return false
        }
    }

    /// Ends it, and looks at what it logged: no text that is long enough to be a token or a seed.
    func end(sourceLocation: SourceLocation = #_sourceLocation) async {
        task.cancel()
        await task.value
        let text = log.text
        #expect(!text.isEmpty, sourceLocation: sourceLocation)
        #expect(text.firstMatch(of: /[A-Za-z0-9_\-.]{57,}/) == nil, sourceLocation: sourceLocation)
        #expect(!text.contains("eyJ"), sourceLocation: sourceLocation)
    }
}
