import AccountServer
import Foundation
import NKeys
import Testing
import Trust

/// A kind of store, as the conformance suite needs to know it. Another store joins the suite with a line in ``all``.
struct StoreKind: CustomTestStringConvertible, Sendable {
    /// What the store calls itself.
    let name: String
    /// Whether what was acknowledged is there after the store was opened again.
    let durability: StoreDurability
    /// Whether seals are kept.
    let keepsSeals: Bool
    /// Whether the activation's hash must be one, in base32.
    let namesFiles: Bool
    /// A place where there is nothing yet. It goes away with the last reference.
    let place: @Sendable () async throws -> any StorePlace

    var testDescription: String { name }

    static let all = [
        StoreKind(name: "memory", durability: .none, keepsSeals: true, namesFiles: false) { MemoryPlace() },
        StoreKind(name: "sqlite", durability: .disk, keepsSeals: true, namesFiles: false) { try SQLitePlace() },
        StoreKind(name: "folder", durability: .disk, keepsSeals: false, namesFiles: true) { try FolderPlace() },
        StoreKind(name: "jetstream", durability: .cluster, keepsSeals: true, namesFiles: false) { try BucketPlace() },
    ]

    /// Those that one process has for itself, and whose contents somebody can spoil on the disk. What others write into a
    /// bucket is held to in `JetStreamStoreTests`.
    static var onDisk: [StoreKind] { all.filter { $0.durability == .disk } }
    static var durable: [StoreKind] { all.filter { $0.durability != .none } }
}

/// A place that a store can be opened at, and opened again after it was closed.
protocol StorePlace: Sendable {
    func open() async throws -> any AccountStore

    /// Makes one item unreadable for a store that is opened afterwards, in one of several ways; false when there are no
    /// more ways.
    func spoil(_ way: Int, _ key: PublicKey) throws -> Bool
}

/// Memory is no place: each opening finds nothing.
private struct MemoryPlace: StorePlace {
    func open() -> any AccountStore { MemoryStore() }
    func spoil(_ way: Int, _ key: PublicKey) -> Bool { false }
}

/// A bucket of a real server.
private struct BucketPlace: StorePlace {
    let place: JetStreamPlace

    init() throws { place = try JetStreamPlace(servers: 1) }

    func open() async throws -> any AccountStore { try await place.open() }
    func spoil(_ way: Int, _ key: PublicKey) -> Bool { false }
}

/// A folder with a database.
struct SQLitePlace: StorePlace {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    var database: String { "\(folder.path)/accounts.sqlite" }

    func open() throws -> any AccountStore { try SQLiteStore(folder: folder.path) }

    func spoil(_ way: Int, _ key: PublicKey) throws -> Bool {
        let statements = [
            "UPDATE item SET token = token || 'x' WHERE key = 'account/\(key)'",
            "UPDATE item SET key = 'account/x' WHERE key = 'account/\(key)'",
            "UPDATE item SET key = 'other' WHERE key = 'account/\(key)'",
            "UPDATE item SET revision = revision + 1 WHERE key = 'account/\(key)'",
            "UPDATE item SET seal = seal || '00' WHERE key = 'account/\(key)'",
            "UPDATE item SET seal = 'xyz' WHERE key = 'account/\(key)'",
            "UPDATE item SET token = NULL, deleted = -1 WHERE key = 'account/\(key)'",
            "UPDATE item SET token = NULL, deleted = 1 WHERE key = 'account/\(key)'",
            "DELETE FROM item WHERE key = 'account/\(key)'",
            "UPDATE state SET items = items + 1",
            "DELETE FROM state",
            "DROP TABLE item",
            "PRAGMA user_version = 99",
            "PRAGMA application_id = 1",
        ]
        guard statements.indices.contains(way) else { return false }
        try PlainSQLite.run(database, statements[way])
        return true
    }
}

/// A resolver's folder.
struct FolderPlace: StorePlace {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func open() throws -> any AccountStore { try ResolverFolderStore(folder: folder.path) }

    func spoil(_ way: Int, _ key: PublicKey) throws -> Bool {
        let file = "\(key).jwt"
        let other = StoreTexts.key(900)
        switch way {
        case 0: try folder.write("", to: file)
        case 1: try folder.write("two lines\nof text", to: file)
        case 2: try folder.write(String(repeating: "\u{1}", count: 200), to: file)
        case 3: try folder.write(String(repeating: "x", count: 20_000_000), to: file)
        case 4:
            try folder.write(StoreTexts.token(1), to: "elsewhere")
            try folder.remove(file)
            try folder.link(file, to: "elsewhere")
        case 5:
            try folder.remove(file)
            try folder.makeFolder(file)
        case 6: try folder.write(StoreTexts.token(1), to: "\(key)x.jwt")
        case 7: try folder.write(StoreTexts.token(1), to: "notes.jwt")
        case 8: try folder.write(StoreTexts.token(1), to: "\u{1B}[31m.jwt")
        case 9: try folder.write("soon\n", to: ".credence/accounts/\(other).deleted")
        case 10: try folder.write("01\n", to: ".credence/accounts/\(other).deleted")
        case 11: try folder.write("1\n", to: ".credence/accounts/x.deleted")
        case 12: try folder.write("-1\n", to: ".credence/operator.deleted")
        case 13: try folder.write("", to: ".credence/operator.token")
        case 14: try folder.link(".credence/activations/A.token", to: "../../\(file)")
        case 15:
            try folder.remove(".credence")
            try folder.makeFolder("elsewhere")
            try folder.link(".credence", to: "elsewhere")
        default: return false
        }
        return true
    }
}
