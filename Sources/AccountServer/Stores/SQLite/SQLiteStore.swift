import FolderStores
import GRDB
import Glibc
import Synchronization

/// A store in an SQLite database, `accounts.sqlite` in a folder: what a server uses unless told otherwise.
///
/// One process at a time: the store holds a lock of the folder and an exclusive lock of the database. Each call of
/// ``commit(_:)`` is one transaction, which stands in the write-ahead log on the disk before the call returns. From time
/// to time, after a call has returned, the log is copied into the database.
///
/// Every row carries a check of its content and the database one of all rows, so that damage is a fault and not another
/// content. One thing cannot be told: a log that was cut off after a crash is the state before the last commits.
/// Docs/Formats.md has the tables, Docs/Decisions/0009-stores.md the reasons.
public final class SQLiteStore: AccountStore {
    /// `sqlite`.
    public let name = "sqlite"
    /// The disk.
    public let durability = StoreDurability.disk

    /// The name of the database in its folder.
    public static let fileName = "accounts.sqlite"
    /// The name of the file that is locked; it stays.
    static let lockName = "accounts.sqlite.lock"
    /// The log is copied into the database when about so much was written to it.
    private static let logBytes = 8_388_608
    /// What a change writes to the log at most, without its token: three pages.
    private static let changeBytes = 12_288

    /// Where the database is.
    public let path: String
    private let folder: String
    /// The connection, with a thread of its own on which everything that waits for the disk is done.
    private let queue: DatabaseQueue
    private let lock: Mutex<StoreFolder?>
    private let count = Atomic(0)
    private let log: Mutex<Log>

    private struct Log {
        var isClosed = false
        /// About how much was written since the log was last copied.
        var bytes = 0
        /// What the next commit brings to the disk besides itself: the header of a log that begins anew, and the name
        /// of a log that was not there.
        var extraSynchronisations = 2
        /// Why the log could not be copied the last time.
        var fault: StoreFault?
    }

    /// Opens the store in a folder. The folder is made if it is missing, and so is the database, readable for its owner
    /// alone. Blocks, for longer where a log was left by a crash.
    ///
    /// - Throws: when the folder cannot be written, another process uses the store, or the database is damaged or of
    ///   something else. Rows are checked by ``load()``.
    public init(folder: String) throws(StoreFault) {
        let place = try StoreFolder(
            path: folder, lockFile: Self.lockName, store: "the store in `\(folder)`", calls: SystemCalls())
        (self.folder, path) = (place.path, "\(place.path)/\(Self.fileName)")
        try Self.makeFile(in: place)
        let path = path
        do {
            var configuration = Configuration()
            configuration.label = "credence.store"
            configuration.prepareDatabase { try SQLiteSchema.setUp($0, path: path) }
            queue = try DatabaseQueue(path: path, configuration: configuration)
            let steps = try queue.writeWithoutTransaction { try SQLiteSchema.migrate($0, path: path) }
            log = Mutex(Log(extraSynchronisations: steps > 0 ? 0 : 2))
            // The folder; for a new database, what makes its log: four times for its own header, and the log's.
            count.store(steps > 0 ? 1 + 4 + 2 + steps : 1, ordering: .relaxed)
        } catch {
            throw StoreFault(any: error, database: path)
        }
        lock = Mutex(place)
        // What a crash left in the log. On a full disk it stays there.
        queue.writeWithoutTransaction { copyLog($0, .truncate) }
    }

    /// Makes the file of the database, empty, for its owner alone; SQLite gives its log the same permissions. A link is
    /// not followed.
    private static func makeFile(in place: StoreFolder) throws(StoreFault) {
        let (folder, path) = (place.folder, "\(place.path)/\(fileName)")
        do throws(SystemError) {
            for name in [fileName, "\(fileName)-wal"] {
                guard let kind = try folder.status(of: name)?.kind, kind != .file else { continue }
                throw SystemError(kind == .link ? ELOOP : EISDIR)
            }
            let flags = O_RDWR | O_CREAT | O_NOFOLLOW
            let file = try folder.calls.open(fileName, in: folder.descriptor, flags: flags, mode: 0o600)
            defer { folder.calls.close(file) }
            try folder.calls.setPermissions(0o600, of: file)
            try folder.calls.synchronise(folder.descriptor)
        } catch {
            let fault = FolderStores.StoreFault(error, at: fileName)
            let isLink = fault.kind == .linkLoop
            throw StoreFault(
                isLink ? FolderStores.StoreFault(path: fileName, kind: .linkInStore) : fault,
                in: "the database `\(path)`")
        }
    }

    // MARK: - The store

    /// Everything that is kept, checked. One pass over the table; other calls wait.
    public func load() async throws(StoreFault) -> [StoredItem] {
        try await run { try SQLiteItems(database: $0, path: $1).load() }
    }

    /// Makes changes in one transaction: all that are made are on the disk then.
    public func commit(_ changes: [StoreChange]) async throws(StoreFault) -> [StoreOutcome] {
        let result: Result<[StoreOutcome], StoreFault> = await withCheckedContinuation { continuation in
            queue.asyncWriteWithoutTransaction { [self] database in
                continuation.resume(returning: attempt { try transact(changes, in: database) })
                // After the answer, which need not wait for it.
                if log.withLock({ !$0.isClosed && $0.bytes >= Self.logBytes }) { copyLog(database, .passive) }
            }
        }
        return try result.get()
    }

    /// Nil: nobody else can write to it.
    public func changesByOthers() -> AsyncStream<StoredItem>? { nil }

    /// Fails when the disk is full or read-only, or the log could not be copied into the database.
    public func check() async throws(StoreFault) {
        try await run { [self] database, path in
            try DiskRoom.check(folder)
            if log.withLock({ $0.fault != nil }) { copyLog(database, .passive) }
            if let fault = log.withLock({ $0.fault }) { throw fault }
            _ = try Int.fetchOne(database, sql: "SELECT items FROM state WHERE id = 1")
        }
    }

    /// How often something was brought to the disk: once for each commit that changed something, once more for the first
    /// after the log was copied, and twice for each copy of the log. Counted by what SQLite does with these settings
    /// (Docs/Decisions/0009-stores.md), not observed; backups are not counted.
    public var synchronisations: Int { count.load(ordering: .relaxed) }

    /// Copies the log into the database and gives up the locks.
    public func close() async {
        await withCheckedContinuation { continuation in
            queue.asyncWriteWithoutTransaction { [self] database in
                if !log.withLock({ $0.isClosed }) {
                    copyLog(database, .truncate)
                    log.withLock { $0.isClosed = true }
                }
                continuation.resume()
            }
        }
        try? queue.close()
        lock.withLock { $0 = nil }
    }

    // MARK: -

    /// Does something on the thread of the connection. A task that is cancelled waits all the same, since what it asked
    /// for is done or not done, and has to be told which.
    func run<R: Sendable>(_ body: @escaping @Sendable (Database, String) throws -> R) async throws(StoreFault) -> R {
        let result: Result<R, StoreFault> = await withCheckedContinuation { continuation in
            queue.asyncWriteWithoutTransaction { [self] database in
                continuation.resume(returning: attempt { try body(database, path) })
            }
        }
        return try result.get()
    }

    private func attempt<R>(_ body: () throws -> R) -> Result<R, StoreFault> {
        guard !log.withLock({ $0.isClosed }) else { return .failure(.closed("the database `\(path)`")) }
        do {
            return .success(try body())
        } catch {
            return .failure(StoreFault(any: error, database: path))
        }
    }

    private func transact(_ changes: [StoreChange], in database: Database) throws -> [StoreOutcome] {
        var isCommitting = false
        do {
            try database.beginTransaction(.immediate)
            let outcomes = try SQLiteItems(database: database, path: path).make(changes)
            isCommitting = true
            try database.commit()
            note(changes, outcomes)
            return outcomes
        } catch {
            if database.isInsideTransaction { try? database.rollback() }
            guard let error = error as? DatabaseError else { throw error }
            throw StoreFault(error, database: path, isCommitting: isCommitting)
        }
    }

    private func note(_ changes: [StoreChange], _ outcomes: [StoreOutcome]) {
        var bytes = 0
        for (change, outcome) in zip(changes, outcomes) {
            guard case .stored = outcome else { continue }
            bytes += Self.changeBytes
            if case .token(let token) = change.value { bytes += token.utf8.count }
        }
        guard bytes > 0 else { return }
        let extra = log.withLock { log in
            defer { (log.bytes, log.extraSynchronisations) = (log.bytes + bytes, 0) }
            return log.extraSynchronisations
        }
        count.add(1 + extra, ordering: .relaxed)
    }

    /// Copies the log into the database. When it fails nothing is lost: the log has it all, and the next try is after
    /// as much again was written.
    private func copyLog(_ database: Database, _ mode: Database.CheckpointMode) {
        do {
            try database.checkpoint(mode)
            log.withLock { log in
                (log.bytes, log.fault) = (0, nil)
                guard log.extraSynchronisations == 0 else { return }
                log.extraSynchronisations = 1
                count.add(2, ordering: .relaxed)
            }
        } catch {
            let fault = StoreFault(any: error, database: path)
            log.withLock { ($0.bytes, $0.fault) = (0, fault) }
        }
    }
}
