import Logging
import NATSClient
import NATSWire
import Synchronization

/// Keeps items in a bucket of a cluster of NATS servers, where several account servers write to the same one.
///
/// Each item is one key, and its revision the number of the last write to it. A change is a compare-and-set there, so
/// that of two servers that change one item only one succeeds. It is acknowledged once most of the bucket's servers have
/// it: whether that outlives the loss of power of most of them at once is theirs to decide (`sync_interval: always`).
///
/// A call's changes of different keys are on their way together, and are not one commit: when the call fails, some of
/// them may have been made.
public final class JetStreamStore: AccountStore {
    /// `jetstream`.
    public let name = "jetstream"
    /// On the disks of most servers.
    public let durability = StoreDurability.cluster

    private struct State {
        var isClosed = false
        var followers: [Follower] = []
        /// Why what others write cannot be followed any more.
        var flaw: StoreFault?
    }

    /// Changes of different keys that are on their way at once.
    private static let width = 256

    private let bucket: KeyValueBucket
    private let logger: Logger
    /// What was written last when the store was opened: from there on what others write is told.
    private let begin: UInt64
    private let state = Mutex(State())

    private init(_ bucket: KeyValueBucket, begin: UInt64, logger: Logger) {
        (self.bucket, self.begin, self.logger) = (bucket, begin, logger)
    }

    /// Opens the store on a connection, which stays the caller's. The bucket is made where there is none.
    ///
    /// - Throws: when the bucket cannot be reached, or would lose entries.
    public static func open(
        _ settings: BucketSettings, on connection: NATSConnection,
        logger: Logger = Logger(label: "store") { _ in SwiftLogNoOpLogHandler() }
    ) async throws(StoreFault) -> JetStreamStore {
        do throws(BucketFault) {
            let bucket = try await KeyValueBucket.open(settings, on: connection)
            let watch = try await bucket.watch(from: .now)
            return JetStreamStore(bucket, begin: await watch.position, logger: logger)
        } catch { throw Self.fault(error, settings.name) }
    }

    /// Everything that was acknowledged before the call, to whomever.
    public func load() async throws(StoreFault) -> [StoredItem] {
        try checkOpen()
        let entries: [BucketEntry]
        do throws(BucketFault) { entries = try await bucket.load() } catch { throw fault(error) }
        var items: [StoredItem] = []
        for entry in entries { items.append(try JetStreamItem.item(entry)) }
        return items
    }

    /// Makes changes, those of different keys at once.
    public func commit(_ changes: [StoreChange]) async throws(StoreFault) -> [StoreOutcome] {
        try checkOpen()
        var groups: [StoreKey: [Int]] = [:]
        for (index, change) in changes.enumerated() {
            _ = try JetStreamItem.key(change.key)
            groups[change.key, default: []].append(index)
        }
        var (outcomes, fault) = ([Int: StoreOutcome](), StoreFault?.none)
        await withTaskGroup(of: Attempt.self) { tasks in
            var waiting = groups.values.sorted { $0[0] < $1[0] }.makeIterator()
            func startNext() {
                guard fault == nil, let indices = waiting.next() else { return }
                tasks.addTask { await self.make(indices, of: changes) }
            }
            for _ in 0..<Self.width { startNext() }
            for await attempt in tasks {
                outcomes.merge(attempt.outcomes) { $1 }
                if let failed = attempt.fault, fault?.isOutcomeUnknown != true { fault = failed }
                startNext()
            }
        }
        if let fault {
            let isPartial = outcomes.values.contains { if case .stored = $0 { true } else { false } }
            throw StoreFault(
                fault.description, hint: fault.hint, isOutcomeUnknown: fault.isOutcomeUnknown || isPartial)
        }
        return changes.indices.compactMap { outcomes[$0] }
    }

    /// What became of the changes of one key.
    private struct Attempt: Sendable {
        var outcomes: [Int: StoreOutcome] = [:]
        var fault: StoreFault?
    }

    /// The changes of one key, one after the other.
    private func make(_ indices: [Int], of changes: [StoreChange]) async -> Attempt {
        var attempt = Attempt()
        for index in indices {
            do throws(StoreFault) { attempt.outcomes[index] = try await make(changes[index]) } catch {
                attempt.fault = error
                break
            }
        }
        return attempt
    }

    private func make(_ change: StoreChange) async throws(StoreFault) -> StoreOutcome {
        let key = try JetStreamItem.key(change.key)
        let (value, headers) = JetStreamItem.content(change)
        // Of a conflict over what is not there any more when it is looked for, there is another to be had.
        for _ in 0..<8 {
            let conflict: BucketFault
            do throws(BucketFault) {
                let revision = try await bucket.update(key, value, headers: headers, expecting: change.expected?.number)
                return .stored(StoreRevision(revision))
            } catch { conflict = error }
            guard case .conflict = conflict else { throw fault(conflict) }
            let entry: BucketEntry?
            do throws(BucketFault) { entry = try await bucket.entry(key) } catch { throw fault(error) }
            guard entry?.revision != change.expected?.number else { continue }
            guard let entry else { return .conflict(nil) }
            return .conflict(try JetStreamItem.item(entry))
        }
        throw StoreFault("the bucket `\(bucket.settings.name)` changes faster than it can be read")
    }

    /// What is written to the bucket from the store's opening on, by this store too.
    ///
    /// When it cannot be followed any more, because the bucket was replaced or holds what no store wrote, the stream ends
    /// and `check` says why.
    public func changesByOthers() -> AsyncStream<StoredItem>? {
        let follower = Follower(bucket, after: begin)
        let isClosed = state.withLock { state in
            if !state.isClosed { state.followers.append(follower) }
            return state.isClosed
        }
        return AsyncStream {
            guard !isClosed else { return nil }
            switch await follower.next() {
            case .success(let item): return item
            case .failure(let fault):
                self.logger.error("what others write cannot be followed", metadata: ["reason": "\(fault)"])
                self.state.withLock { $0.flaw = fault }
                return nil
            }
        }
    }

    /// Asks the leader of the bucket.
    public func check() async throws(StoreFault) {
        try checkOpen()
        if let flaw = state.withLock({ $0.flaw }) { throw flaw }
        do throws(BucketFault) { try await bucket.check() } catch { throw fault(error) }
    }

    /// None: the servers bring it to their disks.
    public var synchronisations: Int { 0 }

    /// Ends what was begun. The connection stays.
    public func close() async {
        let followers = state.withLock { state in
            state.isClosed = true
            defer { state.followers = [] }
            return state.followers
        }
        for follower in followers { await follower.stop() }
    }

    private func checkOpen() throws(StoreFault) {
        if state.withLock({ $0.isClosed }) { throw StoreFault("the store in JetStream is closed") }
    }

    private func fault(_ fault: BucketFault) -> StoreFault { Self.fault(fault, bucket.settings.name) }

    private static func fault(_ fault: BucketFault, _ name: String) -> StoreFault {
        let isUnknown = if case .outcomeUnknown = fault { true } else { false }
        return StoreFault("the bucket `\(name)`: \(fault)", isOutcomeUnknown: isUnknown)
    }
}

/// Follows the bucket for one stream.
private actor Follower {
    private let bucket: KeyValueBucket
    private let begin: UInt64
    private var watch: BucketWatch?
    private var isOver = false

    init(_ bucket: KeyValueBucket, after begin: UInt64) { (self.bucket, self.begin) = (bucket, begin) }

    func stop() async {
        isOver = true
        await watch?.stop()
    }

    func next() async -> Result<StoredItem?, StoreFault> {
        do {
            while watch == nil, !isOver, !Task.isCancelled {
                do throws(BucketFault) { watch = try await bucket.watch(from: .after(begin)) } catch {
                    // Without a leader nothing can be followed, and nothing be written either.
                    guard error.passes else { throw error }
                }
            }
            while !isOver, let update = try await watch?.next() {
                if case .entry(let entry) = update { return .success(try JetStreamItem.item(entry)) }
            }
            return .success(nil)
        } catch let fault as StoreFault {
            return .failure(fault)
        } catch {
            return .failure(StoreFault("the bucket `\(bucket.settings.name)`: \(error)"))
        }
    }
}
