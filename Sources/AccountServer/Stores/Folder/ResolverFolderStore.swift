import FolderStores
import NIOPosix
import Synchronization

/// A store in the folder of a server's full resolver: `KEY.jwt` for each account, so that such a server can be started
/// on the folder and serves the accounts.
///
/// What a server has no place for stands in `.credence` in the folder: activation tokens, the operator's token, and
/// when something was deleted (Docs/Formats.md). Seals are dropped.
///
/// A revision is made from the content, so that what another program wrote is a conflict and not written over. There is
/// one gap: what another program writes between the last look and the renaming, which take microseconds, is lost, since
/// that program takes no lock. What others write is seen by ``load()`` and by conflicts.
///
/// Files are replaced whole. When the process is killed in the middle of a call, some of its changes may have been made
/// and others not; none of them was acknowledged.
public final class ResolverFolderStore: AccountStore {
    /// `folder`.
    public let name = "folder"
    /// The disk.
    public let durability = StoreDurability.disk

    private let path: String
    private let files: Mutex<ResolverFiles?>
    private let count = Atomic(0)
    /// Calls of the file system wait for the disk: a thread of its own, so that no other task waits with them.
    private let thread = NIOThreadPool(numberOfThreads: 1)

    /// Opens the store in a folder, which is made if it is missing, and takes its lock. Blocks.
    ///
    /// - Throws: when the folder cannot be read or written, or another process holds its lock.
    public convenience init(folder: String) throws(StoreFault) {
        try self.init(folder: folder, calls: SystemCalls())
    }

    package init(folder: String, calls: any FileCalls) throws(StoreFault) {
        path = folder
        files = Mutex(try ResolverFiles(path: folder, calls: calls))
        thread.start()
    }

    deinit {
        thread.shutdownGracefully { _ in }
    }

    /// Everything that is kept. Reads every file.
    public func load() async throws(StoreFault) -> [StoredItem] {
        try await run { (files) throws(StoreFault) in try files.load() }
    }

    /// Makes changes one after the other; all are on the disk then. When it fails, those made before stay made.
    public func commit(_ changes: [StoreChange]) async throws(StoreFault) -> [StoreOutcome] {
        try await run { (files) throws(StoreFault) in try files.commit(changes) }
    }

    /// Nil: what others write is not watched.
    public func changesByOthers() -> AsyncStream<StoredItem>? { nil }

    /// Fails when the disk is full or read-only.
    public func check() async throws(StoreFault) {
        try await run { (files) throws(StoreFault) in try DiskRoom.check(files.place.path) }
    }

    /// How often a file or a folder was brought to the disk: once for each file, and once for each folder of a call.
    public var synchronisations: Int { count.load(ordering: .relaxed) }

    /// Gives up the lock.
    public func close() async {
        await withCheckedContinuation { continuation in
            thread.submit { [self] _ in
                files.withLock { $0 = nil }
                continuation.resume()
            }
        }
        try? await thread.shutdownGracefully()
    }

    private func run<R: Sendable>(
        _ body: @escaping @Sendable (ResolverFiles) throws(StoreFault) -> R
    ) async throws(StoreFault) -> R {
        let result: Result<R, StoreFault> = await withCheckedContinuation { continuation in
            thread.submit { [self] _ in continuation.resume(returning: attempt(body)) }
        }
        return try result.get()
    }

    private func attempt<R: Sendable>(
        _ body: @Sendable (ResolverFiles) throws(StoreFault) -> R
    ) -> Result<R, StoreFault> {
        files.withLock { files in
            guard let files else { return .failure(.closed("the store in `\(path)`")) }
            defer { count.store(files.synchronisations, ordering: .relaxed) }
            do throws(StoreFault) {
                return .success(try body(files))
            } catch {
                return .failure(error)
            }
        }
    }
}
