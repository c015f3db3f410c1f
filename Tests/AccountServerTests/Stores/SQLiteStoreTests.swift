import AccountServer
import Foundation
import Testing
import Trust

/// The database: its files, damage, backups.
@Suite struct SQLiteStoreTests {
    /// A database of some size that was closed, and what it holds.
    private func filled(_ count: Int = 300) async throws -> (SQLitePlace, Set<StoredItem>) {
        let place = try SQLitePlace()
        let store = try place.open()
        for part in 0..<3 {
            let changes = (0..<count / 3).map { index in
                let number = part * 1_000 + index
                return StoreChange(
                    key: StoreTexts.account(number), value: .token(StoreTexts.token(number)), expected: nil)
            }
            _ = try await store.commit(changes)
        }
        let items = Set(try await store.load())
        await store.close()
        return (place, items)
    }

    @Test func `the files are for their owner alone, and the log is gone after closing`() async throws {
        let (place, _) = try await filled()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: place.database)
        let store = try place.open()
        _ = try await store.commit([.init(key: .operator, value: .token(StoreTexts.token(1)), expected: nil)])
        for file in try place.folder.all() { #expect(try place.folder.permissions(of: file) == 0o600, "\(file)") }
        #expect(try place.folder.all() == ["accounts.sqlite", "accounts.sqlite-wal", "accounts.sqlite.lock"])
        await store.close()
        #expect(try place.folder.all() == ["accounts.sqlite", "accounts.sqlite.lock"])
    }

    @Test func `a commit is one synchronisation, and one more after the log was copied`() async throws {
        let (place, _) = try await filled()
        let store = try place.open()
        func cost(_ change: StoreChange) async throws -> Int {
            let before = store.synchronisations
            _ = try await store.commit([change])
            return store.synchronisations - before
        }
        let token = StoreValue.token(StoreTexts.token(1))
        #expect(try await cost(.init(key: .operator, value: token, expected: nil)) == 3)
        for index in 0..<5 {
            let key = StoreKey.activation(StoreTexts.hash(index))
            #expect(try await cost(.init(key: key, value: token, expected: nil)) == 1)
        }
        #expect(try await cost(.init(key: .operator, value: token, expected: nil)) == 0)
        await store.close()
    }

    @Test func `the database is not reached through a link, and what is none is refused`() async throws {
        let (place, _) = try await filled()
        let other = try TemporaryFolder()
        try other.link("accounts.sqlite", to: place.database)
        #expect(throws: StoreFault.self) { try SQLiteStore(folder: other.path) }
        try other.remove("accounts.sqlite")
        try other.write(String(repeating: "no database ", count: 1_000), to: "accounts.sqlite")
        let fault = #expect(throws: StoreFault.self) { try SQLiteStore(folder: other.path) }
        #expect(fault?.description.contains("`\(other.path)/accounts.sqlite` is damaged") == true)
        #expect(fault?.hint?.contains("backup") == true)
        try other.remove("accounts.sqlite")
        try PlainSQLite.run("\(other.path)/accounts.sqlite", "CREATE TABLE shopping (list TEXT)")
        let stranger = #expect(throws: StoreFault.self) { try SQLiteStore(folder: other.path) }
        #expect(stranger?.description.contains("something else") == true)
    }

    @Test func `bytes that were changed anywhere in the database are a fault or change nothing`() async throws {
        let (place, items) = try await filled()
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SmallRandom(seed: seed)
        let whole = try Data(contentsOf: URL(fileURLWithPath: place.database))
        var faults = 0
        for round in 0..<150 {
            var bytes = whole
            // Single bytes, runs of zeros, and whole pages of nothing.
            let page = Int(random.next() % UInt64(bytes.count / 4_096)) * 4_096
            switch round % 3 {
            case 0: bytes[Int(random.next() % UInt64(bytes.count))] ^= UInt8(1 + random.next() % 255)
            case 1: for index in page..<page + 16 { bytes[index] = 0 }
            default: for index in page..<page + 4_096 { bytes[index] = UInt8(truncatingIfNeeded: random.next()) }
            }
            let folder = try TemporaryFolder()
            let path = "\(folder.path)/accounts.sqlite"
            try bytes.write(to: URL(fileURLWithPath: path))
            do throws(StoreFault) {
                let store = try SQLiteStore(folder: folder.path)
                do throws(StoreFault) {
                    // A byte that nobody uses may be changed; what is loaded is what was stored.
                    #expect(Set(try await store.load()) == items, "seed \(seed), round \(round)")
                } catch {
                    faults += 1
                    #expect(error.description.contains(path), "seed \(seed), round \(round): \(error)")
                }
                await store.close()
            } catch {
                faults += 1
                #expect(error.description.contains(path), "seed \(seed), round \(round): \(error)")
            }
        }
        #expect(faults > 60, "seed \(seed): \(faults) faults")
    }

    @Test func `a log that is cut off anywhere is the state after some commit, whole`() async throws {
        let place = try SQLitePlace()
        let crasher = try SQLiteStore(folder: place.folder.path)
        // Each commit changes two items to the same number.
        var revisions: [StoreRevision?] = [nil, nil]
        for number in 0..<12 {
            let changes = [1, 2].map { index in
                StoreChange(
                    key: StoreTexts.account(index), value: .token(StoreTexts.token(number)),
                    expected: revisions[index - 1])
            }
            revisions = try await crasher.commit(changes).map { if case .stored(let now) = $0 { now } else { nil } }
        }
        let database = try Data(contentsOf: URL(fileURLWithPath: place.database))
        let log = try Data(contentsOf: URL(fileURLWithPath: "\(place.database)-wal"))
        await crasher.close()
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SmallRandom(seed: seed)
        var found: Set<Int> = []
        for round in 0..<60 {
            let length = round == 0 ? log.count : Int(random.next() % UInt64(log.count))
            let folder = try TemporaryFolder()
            try database.write(to: URL(fileURLWithPath: "\(folder.path)/accounts.sqlite"))
            try log.prefix(length).write(to: URL(fileURLWithPath: "\(folder.path)/accounts.sqlite-wal"))
            let store = try SQLiteStore(folder: folder.path)
            let values = Set(try await store.load().map(\.value))
            #expect(values.count <= 1, "seed \(seed), length \(length): two commits are mixed")
            let number = (0..<12).first { values.contains(.token(StoreTexts.token($0))) }
            #expect(number != nil || values.isEmpty)
            if round == 0 { #expect(number == 11) }
            found.insert(number ?? -1)
            await store.close()
        }
        #expect(found.count > 3)
    }

    @Test func `a backup holds what the store holds, and is a database of one file`() async throws {
        let (place, items) = try await filled()
        let store = try SQLiteStore(folder: place.folder.path)
        let target = try TemporaryFolder()
        try target.write("an older backup", to: "copy.sqlite")
        // While others write.
        async let writing = store.commit([
            .init(key: .operator, value: .token(StoreTexts.token(1)), expected: nil)
        ])
        let count = try await store.backUp(to: "\(target.path)/copy.sqlite")
        _ = try await writing
        #expect(count == items.count || count == items.count + 1)
        #expect(try target.all() == ["copy.sqlite"])
        #expect(try target.permissions(of: "copy.sqlite") == 0o600)
        #expect(try await SQLiteStore.checkBackup(at: "\(target.path)/copy.sqlite") == count)
        await store.close()
        let restored = try TemporaryFolder()
        try FileManager.default.copyItem(
            atPath: "\(target.path)/copy.sqlite", toPath: "\(restored.path)/accounts.sqlite")
        let again = try SQLiteStore(folder: restored.path)
        #expect(Set(try await again.load().filter { $0.key != .operator }) == items)
        await again.close()
    }

    @Test func `a backup that is damaged or cut off is refused, and one that fails replaces nothing`() async throws {
        let (place, _) = try await filled()
        let store = try SQLiteStore(folder: place.folder.path)
        let target = try TemporaryFolder()
        let path = "\(target.path)/copy.sqlite"
        _ = try await store.backUp(to: path)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for spoil in 0..<3 {
            var bytes = whole
            switch spoil {
            case 0: bytes[bytes.count - 2_000] ^= 1
            case 1: bytes = bytes.prefix(bytes.count / 2)
            default: bytes = Data()
            }
            try bytes.write(to: URL(fileURLWithPath: path))
            await #expect(throws: StoreFault.self, "\(spoil)") { try await SQLiteStore.checkBackup(at: path) }
        }
        try target.write("kept", to: "copy.sqlite")
        await #expect(throws: StoreFault.self) { try await store.backUp(to: "\(target.path)/none/copy.sqlite") }
        // The source is damaged behind the store's back: the backup is not taken for whole.
        await store.close()
        try PlainSQLite.run(place.database, "UPDATE item SET token = token || 'x' WHERE rowid = 7")
        let damaged = try SQLiteStore(folder: place.folder.path)
        await #expect(throws: StoreFault.self) { try await damaged.backUp(to: path) }
        #expect(target.text(of: "copy.sqlite") == "kept")
        #expect(try target.all() == ["copy.sqlite"])
        await damaged.close()
    }
}
