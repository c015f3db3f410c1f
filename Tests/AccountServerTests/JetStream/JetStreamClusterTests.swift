import AccountServer
import RealServers
import Synchronization
import Testing
import Trust

/// Two stores that write and one that watches, on three servers of which one is killed.
@Suite(.serialized, .onOwnThread) struct JetStreamClusterTests {
    enum Victim: CaseIterable { case follower, leader }

    /// What one writer was told.
    private struct Account: Sendable {
        struct Write: Sendable {
            let key: StoreKey
            let expected: StoreRevision?
            let revision: StoreRevision
            let token: String
        }
        var stored: [Write] = []
        /// Tokens of which nobody could say whether they were stored.
        var unknown: Set<String> = []
    }

    /// Writes until so many writes were acknowledged, over what it was last told of each key.
    private func write(
        _ name: String, _ count: Int, to store: JetStreamStore, seed: UInt64, step: @Sendable (Int) async throws -> Void
    ) async throws -> Account {
        var (account, view, number) = (Account(), [StoreKey: StoreRevision](), 0)
        var random = Generator(state: seed)
        while account.stored.count < count {
            let keys = SomeAccounts.keys.filter { _ in Bool.random(using: &random) }
            let changes = keys.enumerated().map { index, key in
                StoreChange(key: key, value: .token("\(name)-\(number)-\(index)"), expected: view[key])
            }
            number += 1
            do {
                for (change, outcome) in zip(changes, try await store.commit(changes)) {
                    guard case .token(let token) = change.value else { continue }
                    switch outcome {
                    case .stored(let revision):
                        view[change.key] = revision
                        account.stored.append(
                            .init(key: change.key, expected: change.expected, revision: revision, token: token))
                        try await step(account.stored.count)
                    case .conflict(let item): view[change.key] = item?.revision
                    }
                }
            } catch let fault as StoreFault {
                #expect(fault.isOutcomeUnknown, "\(fault)")
                for case .token(let token) in changes.map(\.value) { account.unknown.insert(token) }
            }
        }
        return account
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 33)
        }
    }

    @Test(arguments: Victim.allCases)
    func `a server that is killed takes no acknowledged write with it, and no revision has two writers`(
        victim: Victim
    ) async throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("jetstream cluster: seed \(seed)")
        let place = try JetStreamPlace(servers: 3)
        let (one, two) = (try await place.open(first: 0), try await place.open(first: 1))
        let watcher = try await place.open(first: 2)
        let watched = Mutex<[StoreKey: [StoredItem]]>([:])
        let stream = try #require(watcher.changesByOthers())
        let last = StoreKey.operator
        let watching = Task {
            for await item in stream {
                watched.withLock { $0[item.key, default: []].append(item) }
                if item.key == last { break }
            }
        }
        let killed = Mutex<ServerProcess?>(nil)
        let first = Task {
            try await write("one", 240, to: one, seed: seed) { count in
                if count == 80 {
                    let roles = try await place.roles()
                    let server = victim == .leader ? roles.leader : roles.followers[0]
                    try server.kill()
                    killed.withLock { $0 = server }
                }
                if count == 160 { try killed.withLock { try $0?.restart() } }
            }
        }
        let second = Task { try await write("two", 240, to: two, seed: ~seed) { _ in } }
        let accounts = [try await first.value, try await second.value]
        #expect(killed.withLock { $0 } != nil)
        guard case .stored = try await two.commit([.init(key: last, value: .token("end"), expected: nil)])[0] else {
            throw ServerFault("the last write was not made")
        }
        await watching.value
        let final = try await one.load().filter { $0.key != last }
        check(accounts, final, watched.withLock { $0 }, last)
    }

    private func check(
        _ accounts: [Account], _ final: [StoredItem], _ watched: [StoreKey: [StoredItem]], _ last: StoreKey
    ) {
        let unknown = accounts.reduce(into: Set<String>()) { $0.formUnion($1.unknown) }
        for key in SomeAccounts.keys {
            let writes = accounts.flatMap(\.stored).filter { $0.key == key }.sorted {
                $0.revision.number < $1.revision.number
            }
            #expect(Set(writes.map(\.expected)).count == writes.count, "two writers were told stored over one revision")
            #expect(Set(writes.map(\.revision)).count == writes.count)
            for (before, after) in zip(writes, writes.dropFirst()) {
                #expect((after.expected?.number ?? 0) >= before.revision.number, "a write went lost")
            }
            let item = final.first { $0.key == key }
            #expect((item?.revision.number ?? 0) >= (writes.last?.revision.number ?? 0), "the last write went lost")
            var tokens: [StoreRevision: String] = [:]
            for write in writes { tokens[write.revision] = write.token }
            let seen = watched[key] ?? []
            for item in seen + final.filter({ $0.key == key }) {
                guard case .token(let token) = item.value else {
                    Issue.record("nobody deleted anything")
                    continue
                }
                #expect(tokens[item.revision] == token || unknown.contains(token), "nobody wrote what is there")
            }
            #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.revision.number < $1.revision.number })
            #expect(seen.last == item, "the replica does not have what is there")
        }
        print("jetstream cluster: \(accounts.map(\.stored.count)) stored, \(unknown.count) unknown")
    }
}
