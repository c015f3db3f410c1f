import NKeys
import Trust

/// Keeps what was accepted: account tokens, activation tokens and the operator's token.
///
/// Every store passes one conformance suite. A store judges nothing: what is handed to it was accepted. It keeps tokens
/// as they were received, byte for byte, and what it has acknowledged is there after the process was killed or the
/// machine stopped, for as long as its kind promises to keep anything (`StoreDurability`).
///
/// Changes carry the revision that they expect, so that of two writers of one item only one succeeds and the other is
/// told what stands there (compare and set).
public protocol AccountStore: Sendable {
    /// What it is called in logs and metrics: `memory`, `sqlite`, `folder`, `jetstream`.
    var name: String { get }

    /// What its acknowledgement is worth.
    var durability: StoreDurability { get }

    /// Everything that is kept, deleted accounts included, in no order.
    ///
    /// - Throws: `StoreFault` when it cannot be read whole. Nothing is left out in silence: a page that cannot be read or
    ///   a file that holds no token is a fault that names where.
    func load() async throws(StoreFault) -> [StoredItem]

    /// Makes changes, durably before it returns, and says for each in order what became of it.
    ///
    /// One call is one commit as far as the store can make it one, so that many changes cost as little as one; of two
    /// changes of one key in a call the second expects what the first leaves.
    ///
    /// - Throws: `StoreFault` when the store cannot take changes now. None of them was made, or it is not known; where it
    ///   is not known the fault says so (`StoreFault.isOutcomeUnknown`).
    func commit(_ changes: [StoreChange]) async throws(StoreFault) -> [StoreOutcome]

    /// What others write to the same store, as it happens; nil for a store with one writer. The stream ends when the
    /// store is closed. An item that this store wrote may come too. The revisions of such a store grow with each write.
    func changesByOthers() -> AsyncStream<StoredItem>?

    /// Whether changes can be taken now: cheap, for a readiness probe.
    func check() async throws(StoreFault)

    /// How often the store has asked the system to bring something to the disk, for measurements.
    var synchronisations: Int { get }

    /// Lets go of everything. What was acknowledged is kept.
    func close() async
}

/// What an acknowledgement of a store is worth.
public enum StoreDurability: Hashable, Sendable {
    /// It is gone with the process.
    case none
    /// It is on the disk of this machine.
    case disk
    /// It is on the disks of most servers of a cluster.
    case cluster
}

/// What an item of a store is kept under.
public enum StoreKey: Hashable, Sendable {
    /// The token of an account.
    case account(PublicKey)
    /// An activation token, by the hash of what it allows to whom (`ActivationHash`).
    case activation(String)
    /// The operator's token.
    case `operator`
}

/// What stands in a store under a key.
public enum StoreValue: Hashable, Sendable {
    /// A token, as it was received.
    case token(String)
    /// Nothing any more: it was deleted then. It is kept so that an older token does not come back.
    case deleted(UnixTime)
}

/// A state of one item. Opaque; two states of an item that differ have different revisions.
public struct StoreRevision: Hashable, Sendable {
    /// The number that a store gave it.
    public let number: UInt64

    /// The revision of this number.
    public init(_ number: UInt64) { self.number = number }
}

/// One item of a store.
public struct StoredItem: Hashable, Sendable {
    /// What it is kept under.
    public var key: StoreKey
    /// What stands there.
    public var value: StoreValue
    /// Which state of it this is.
    public var revision: StoreRevision
    /// The seal that was given with the value (`StoreSeal`); empty where the store has no place for one.
    public var seal: [UInt8]

    /// An item.
    public init(key: StoreKey, value: StoreValue, revision: StoreRevision, seal: [UInt8] = []) {
        (self.key, self.value, self.revision, self.seal) = (key, value, revision, seal)
    }
}

/// One change of a store.
public struct StoreChange: Hashable, Sendable {
    /// What is changed.
    public var key: StoreKey
    /// What is to stand there.
    public var value: StoreValue
    /// The revision that stands there now; nil when nothing does.
    public var expected: StoreRevision?
    /// A seal to be kept beside the value; a store that has no place for it drops it.
    public var seal: [UInt8]

    /// A change.
    public init(key: StoreKey, value: StoreValue, expected: StoreRevision?, seal: [UInt8] = []) {
        (self.key, self.value, self.expected, self.seal) = (key, value, expected, seal)
    }
}

/// What became of one change.
public enum StoreOutcome: Hashable, Sendable {
    /// It was made; the revision that stands there now.
    case stored(StoreRevision)
    /// Something else stands there than was expected, and the change was not made: what stands there, nil for nothing.
    case conflict(StoredItem?)
}

/// Why a store could not do what it was asked.
public struct StoreFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line in lower case: what is wrong and where, without a token. Not for callers over the network: it may name a
    /// path of this machine.
    public let description: String
    /// What to do about it, in one line, where there is something to say.
    public let hint: String?
    /// Whether some of the changes may have been made.
    public let isOutcomeUnknown: Bool

    /// A fault.
    public init(_ description: String, hint: String? = nil, isOutcomeUnknown: Bool = false) {
        (self.description, self.hint, self.isOutcomeUnknown) = (description, hint, isOutcomeUnknown)
    }
}
