import Synchronization

/// A store that keeps everything in memory, and loses it with the process: for tests, for trying things out, and for a
/// server whose accounts are kept elsewhere.
public final class MemoryStore: AccountStore {
    /// `memory`.
    public let name = "memory"
    /// None.
    public let durability = StoreDurability.none

    private struct Contents {
        var items: [StoreKey: StoredItem] = [:]
        var lastRevision: UInt64 = 0
        var isClosed = false
    }

    private let contents = Mutex(Contents())

    /// An empty store.
    public init() {}

    /// Everything that is kept.
    public func load() throws(StoreFault) -> [StoredItem] {
        try withContents { Array($0.items.values) }
    }

    /// Makes changes, all in one moment.
    public func commit(_ changes: [StoreChange]) throws(StoreFault) -> [StoreOutcome] {
        try withContents { contents in
            changes.map { change in
                let present = contents.items[change.key]
                guard present?.revision == change.expected else { return .conflict(present) }
                contents.lastRevision &+= 1
                let revision = StoreRevision(contents.lastRevision)
                contents.items[change.key] = StoredItem(
                    key: change.key, value: change.value, revision: revision, seal: change.seal)
                return .stored(revision)
            }
        }
    }

    /// Nil: nobody else can write to it.
    public func changesByOthers() -> AsyncStream<StoredItem>? { nil }

    /// Fails after the store was closed.
    public func check() throws(StoreFault) {
        try withContents { _ in }
    }

    /// None, ever.
    public var synchronisations: Int { 0 }

    /// Forgets everything.
    public func close() {
        contents.withLock { $0 = Contents(isClosed: true) }
    }

    private func withContents<R: Sendable>(_ body: (inout Contents) -> R) throws(StoreFault) -> R {
        let result: R? = contents.withLock { $0.isClosed ? nil : body(&$0) }
        guard let result else { throw .closed("the store in memory") }
        return result
    }
}
