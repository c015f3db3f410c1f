import NKeys
import Synchronization

/// What the distribution knows, shared by those who accept accounts and those who tell servers.
final class DistributionState: Sendable {
    private struct Contents {
        var ledger: DistributionLedger
        var deletions: DeletionLedger
        var connection = DistributionReport.Connection.notTried
        var waker: AsyncStream<Void>.Continuation?
        /// Digests of what was pushed last, so that it is known when it is seen.
        var own: [[UInt8]] = []
        var nextOwn = 0
    }

    private static let ownCount = 1_024
    private let contents: Mutex<Contents>

    init(_ settings: DistributionSettings, _ limits: DistributionLimits) {
        contents = Mutex(
            Contents(
                ledger: DistributionLedger(
                    firstRetry: settings.firstRetry, longestRetry: settings.longestRetry, limits: limits),
                deletions: DeletionLedger(limit: limits.deletions)))
    }

    func withLedger<R: Sendable>(_ body: (inout DistributionLedger) -> R) -> R {
        contents.withLock { body(&$0.ledger) }
    }

    func withDeletions<R: Sendable>(_ body: (inout DeletionLedger) -> R) -> R {
        contents.withLock { body(&$0.deletions) }
    }

    func set(_ connection: DistributionReport.Connection) { contents.withLock { $0.connection = connection } }

    /// There may be something to do.
    func wake() { contents.withLock(\.waker)?.yield() }

    /// An element whenever there may be something to do; for one task at a time.
    func wakings() -> AsyncStream<Void> {
        let (stream, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        contents.withLock { $0.waker = waker }
        waker.yield()
        return stream
    }

    func noteOwn(_ token: [UInt8]) {
        let digest = SHA256.hash(token)
        contents.withLock { contents in
            guard !contents.own.contains(digest) else { return }
            if contents.own.count < Self.ownCount {
                contents.own.append(digest)
            } else {
                contents.own[contents.nextOwn] = digest
                contents.nextOwn = (contents.nextOwn + 1) % Self.ownCount
            }
        }
    }

    /// Whether this was pushed from here a short while ago.
    func isOwn(_ token: [UInt8]) -> Bool {
        let digest = SHA256.hash(token)
        return contents.withLock { $0.own.contains(digest) }
    }

    func report() -> DistributionReport {
        contents.withLock { contents in
            DistributionReport(
                connection: contents.connection, servers: contents.ledger.report(),
                accountsWaiting: contents.ledger.waitingCount, deletionsWaiting: contents.deletions.waitingCount)
        }
    }
}
