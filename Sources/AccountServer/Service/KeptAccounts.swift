import NKeys
import Synchronization

/// The account tokens that are handed out, in memory: written by one, read by many.
///
/// They lie in many parts with a lock each, held for one look-up or one change, so that readers hardly meet.
final class KeptAccounts: Sendable {
    private final class Part: Sendable {
        let accounts = Mutex<[PublicKey: KeptAccount]>([:])
    }

    private static let count = 64
    private let parts = (0..<count).map { _ in Part() }
    /// Who is told of every change.
    let changes = AccountChangeFeed()

    subscript(key: PublicKey) -> KeptAccount? {
        get { part(of: key).accounts.withLock { $0[key] } }
        set {
            let old = part(of: key).accounts.withLock { accounts in
                defer { accounts[key] = newValue }
                return accounts[key]
            }
            if let newValue {
                if old?.text != newValue.text { changes.tell(.stored(newValue)) }
            } else if old != nil {
                changes.tell(.deleted(key))
            }
        }
    }

    /// Every account that is kept.
    var keys: [PublicKey] { parts.flatMap { part in part.accounts.withLock { Array($0.keys) } } }

    /// How many there are.
    var count: Int { parts.reduce(0) { $0 + $1.accounts.withLock(\.count) } }

    /// The accounts in the order of their keys, at most `limit`.
    func first(_ limit: Int) -> [KeptAccount] {
        let all = parts.flatMap { part in part.accounts.withLock { Array($0.values) } }
        return Array(all.sorted { $0.key < $1.key }.prefix(max(0, limit)))
    }

    private func part(of key: PublicKey) -> Part { parts[Int(UInt(bitPattern: key.hashValue) % UInt(Self.count))] }
}

/// Who imports from whom, by what the tokens say.
struct ImporterIndex: Sendable {
    private var exporters: [PublicKey: [PublicKey]] = [:]
    private var importers: [PublicKey: Set<PublicKey>] = [:]

    /// The accounts whose tokens name `account` as an exporter, in the order of their keys.
    func importers(of account: PublicKey) -> [PublicKey] { (importers[account] ?? []).sorted() }

    /// From now on `account` imports from these and no others.
    mutating func set(_ account: PublicKey, exporters new: [PublicKey]) {
        for exporter in exporters[account] ?? [] {
            importers[exporter]?.remove(account)
            if importers[exporter]?.isEmpty == true { importers[exporter] = nil }
        }
        exporters[account] = new.isEmpty ? nil : new
        for exporter in new { importers[exporter, default: []].insert(account) }
    }
}
