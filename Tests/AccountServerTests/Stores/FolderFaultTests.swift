import FailingFiles
import Foundation
import NKeys
import Testing
import Trust

@testable import AccountServer

/// The resolver's folder when calls of the file system fail, and when others write into it.
@Suite struct ResolverFolderFaultTests {
    /// A call with a replacement, a new account, a deletion, an activation token and the operator's token.
    private func changes(_ items: [StoredItem]) -> [StoreChange] {
        func revision(_ key: StoreKey) -> StoreRevision? { items.first { $0.key == key }?.revision }
        let keys: [StoreKey] = [
            StoreTexts.account(1), StoreTexts.account(2), StoreTexts.account(3), StoreTexts.account(4),
            .activation(StoreTexts.hash(1)), .operator,
        ]
        return keys.enumerated().map { index, key in
            let value: StoreValue = index == 2 ? .deleted(.zero) : .token(StoreTexts.token(100 + index))
            return StoreChange(key: key, value: value, expected: revision(key))
        }
    }

    private func prepare(_ folder: TemporaryFolder) async throws {
        let store = try ResolverFolderStore(folder: folder.path)
        var first: [StoreChange] = [0, 1, 3, 4].map {
            StoreChange(key: StoreTexts.account($0), value: .token(StoreTexts.token($0)), expected: nil)
        }
        first[3].value = .deleted(.zero)
        _ = try await store.commit(first)
        await store.close()
    }

    private func values(_ store: ResolverFolderStore) async throws -> [StoreKey: StoreValue] {
        try await store.load().reduce(into: [:]) { $0[$1.key] = $1.value }
    }

    @Test(arguments: [0, 1])
    func `when any call of the file system fails or is the last, each item is the old or the new`(way: Int) async throws
    {
        let plain = try TemporaryFolder()
        try await prepare(plain)
        let counting = FailingCalls()
        let whole = try ResolverFolderStore(folder: plain.path, calls: counting)
        let items = try await whole.load()
        let opening = counting.count
        let made = changes(items)
        let before = try await values(whole)
        let reading = counting.count - opening
        _ = try await whole.commit(made)
        let steps = counting.count
        let after = try await values(whole)
        await whole.close()
        #expect(steps - opening - reading > 40)
        for step in 1...steps {
            let folder = try TemporaryFolder()
            try await prepare(folder)
            let failure: FailingCalls.Failure = way == 0 ? .once(step, errno: ENOSPC) : .stopped(at: step)
            var (fault, outcomes): (AccountServer.StoreFault?, [StoreOutcome]) = (nil, [])
            do throws(AccountServer.StoreFault) {
                let store = try ResolverFolderStore(folder: folder.path, calls: FailingCalls(failure))
                do throws(AccountServer.StoreFault) {
                    _ = try await store.load()
                    _ = try await store.load()
                    outcomes = try await store.commit(made)
                } catch {
                    fault = error
                }
                await store.close()
            } catch {
                fault = error
            }
            let store = try ResolverFolderStore(folder: folder.path)
            let found = try await values(store)
            if fault == nil {
                #expect(found == after, "way \(way), step \(step)")
                #expect(outcomes.count == made.count)
            } else if fault?.isOutcomeUnknown == false {
                #expect(found == before, "way \(way), step \(step): \(fault?.description ?? "")")
            }
            for key in Set(before.keys).union(after.keys) {
                #expect(
                    found[key] == before[key] || found[key] == after[key],
                    "way \(way), step \(step): \(key) holds \(String(describing: found[key]))")
            }
            // Whatever was left behind is in nobody's way.
            for outcome in try await store.commit(changes(try await store.load())) {
                guard case .stored = outcome else { Issue.record("way \(way), step \(step)"); continue }
            }
            #expect(try await values(store) == after, "way \(way), step \(step)")
            await store.close()
        }
    }

    @Test func `what another program wrote is a conflict, and is not written over`() async throws {
        let folder = try TemporaryFolder()
        let store = try ResolverFolderStore(folder: folder.path)
        let key = StoreTexts.account(1)
        guard
            case .stored(let mine)? = try await store.commit([
                .init(key: key, value: .token(StoreTexts.token(1)), expected: nil)
            ]).first
        else { Issue.record(); return }
        try folder.write(StoreTexts.token(2), to: "\(StoreTexts.key(1)).jwt")
        let over = StoreChange(key: key, value: .token(StoreTexts.token(3)), expected: mine)
        guard case .conflict(let present?)? = try await store.commit([over]).first else { Issue.record(); return }
        #expect(present.value == .token(StoreTexts.token(2)))
        #expect(folder.text(of: "\(StoreTexts.key(1)).jwt") == StoreTexts.token(2))
        // A new account that another program made is one too.
        try folder.write(StoreTexts.token(4) + "\n", to: "\(StoreTexts.key(4)).jwt")
        let new = StoreChange(key: StoreTexts.account(4), value: .token(StoreTexts.token(5)), expected: nil)
        guard case .conflict(let other?)? = try await store.commit([new]).first else { Issue.record(); return }
        #expect(other.value == .token(StoreTexts.token(4)))
        // With what stands there in hand it can be changed.
        let now = StoreChange(key: key, value: .token(StoreTexts.token(3)), expected: present.revision)
        guard case .stored? = try await store.commit([now]).first else { Issue.record(); return }
        await store.close()
    }

    @Test func `what a server deleted counts as deleted when it was renamed`() async throws {
        let folder = try TemporaryFolder()
        let before = Int64(Date().timeIntervalSince1970)
        try folder.write(StoreTexts.token(1), to: "\(StoreTexts.key(1)).jwt.deleted")
        let store = try ResolverFolderStore(folder: folder.path)
        let item = try #require(try await store.load().first)
        guard case .deleted(let time) = item.value else { Issue.record("\(item.value)"); return }
        #expect(time.seconds >= before - 1)
        let over = StoreChange(key: item.key, value: .token(StoreTexts.token(2)), expected: item.revision)
        guard case .stored? = try await store.commit([over]).first else { Issue.record(); return }
        #expect(try await store.load().map(\.value) == [over.value])
        await store.close()
    }

    @Test func `files are for their owner alone, and what is no token is not stored`() async throws {
        let folder = try TemporaryFolder()
        let store = try ResolverFolderStore(folder: folder.path)
        let values: [StoreChange] = [
            .init(key: StoreTexts.account(1), value: .token(StoreTexts.token(1)), expected: nil),
            .init(key: StoreTexts.account(2), value: .deleted(.zero), expected: nil),
            .init(key: .activation(StoreTexts.hash(1)), value: .token(StoreTexts.token(2)), expected: nil),
            .init(key: .operator, value: .token(StoreTexts.token(3)), expected: nil),
        ]
        _ = try await store.commit(values)
        for file in try folder.all() {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(folder.path)/\(file)", isDirectory: &isFolder)
            #expect(try folder.permissions(of: file) == (isFolder.boolValue ? 0o700 : 0o600), "\(file)")
        }
        #expect(folder.text(of: "\(StoreTexts.key(1)).jwt") == StoreTexts.token(1))
        for text in ["", StoreTexts.token(1) + "\n", " " + StoreTexts.token(1), "é" + StoreTexts.token(1)] {
            let change = StoreChange(key: StoreTexts.account(9), value: .token(text), expected: nil)
            await #expect(throws: AccountServer.StoreFault.self) { try await store.commit([change]) }
        }
        #expect(try await store.load().count == 4)
        await store.close()
    }
}
