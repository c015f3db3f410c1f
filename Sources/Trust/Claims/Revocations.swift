import NKeys

/// From when on tokens count: a token is revoked when the time for its subject, or for everyone, is at or after its
/// `iat`.
///
/// Kept as a sorted list: most accounts have none or a few, and a list costs a token's reader one allocation.
public struct Revocations: Hashable, Sendable {
    private struct Entry: Hashable, Sendable {
        let key: PublicKey
        var time: UnixTime
    }

    /// The time for everyone (`*`).
    public private(set) var everyone: UnixTime?
    /// By key, each once.
    private var entries: [Entry] = []

    /// Nothing is revoked.
    public init() {}

    /// As `keys` and `everyone` say. The list may be in any order; of a key that comes twice the later time stays.
    init(everyone: UnixTime?, keys: [(key: PublicKey, time: UnixTime)]) {
        self.everyone = everyone
        entries = keys.map { Entry(key: $0.key, time: $0.time) }
        guard entries.count > 1 else { return }
        entries.sort { ($0.key, $0.time.seconds) < ($1.key, $1.time.seconds) }
        var unique: [Entry] = []
        for entry in entries {
            if unique.last?.key == entry.key { unique.removeLast() }
            unique.append(entry)
        }
        entries = unique
    }

    /// The times by key.
    public var keys: [PublicKey: UnixTime] {
        Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.time) })
    }

    /// How many keys there are, `*` not counted.
    var count: Int { entries.count }

    /// Whether nothing is revoked.
    public var isEmpty: Bool { everyone == nil && entries.isEmpty }

    /// Revokes tokens of `key` issued at or before `time`; a nil key stands for everyone. Another time for the same
    /// key is replaced. O(n).
    public mutating func revoke(_ key: PublicKey?, at time: UnixTime) {
        guard let key else {
            everyone = time
            return
        }
        let (index, isFound) = place(of: key)
        if isFound {
            entries[index].time = time
        } else {
            entries.insert(Entry(key: key, time: time), at: index)
        }
    }

    /// Takes a revocation back. O(n).
    public mutating func restore(_ key: PublicKey?) {
        guard let key else {
            everyone = nil
            return
        }
        let (index, isFound) = place(of: key)
        if isFound { entries.remove(at: index) }
    }

    /// The revocation that covers a token of `subject` issued at `issuedAt`, nil when none does. A token without
    /// `iat` is as old as can be. O(log n).
    public func time(covering subject: PublicKey, issuedAt: UnixTime?) -> UnixTime? {
        let issuedAt = issuedAt ?? .zero
        if !entries.isEmpty {
            let (index, isFound) = place(of: subject)
            if isFound, entries[index].time >= issuedAt { return entries[index].time }
        }
        if let everyone, everyone >= issuedAt { return everyone }
        return nil
    }

    /// Where the key stands, or would stand.
    private func place(of key: PublicKey) -> (index: Int, isFound: Bool) {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low &+ high) / 2
            if entries[middle].key < key { low = middle &+ 1 } else { high = middle }
        }
        return (low, low < entries.count && entries[low].key == key)
    }
}
