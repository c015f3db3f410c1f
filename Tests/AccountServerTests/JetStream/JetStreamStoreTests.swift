import AccountServer
import NATSClient
import NATSWire
import NKeys
import RealServers
import Testing
import Trust

/// The store on one real server.
@Suite(.onOwnThread) struct JetStreamStoreTests {
    private let place: JetStreamPlace

    init() throws { place = try JetStreamPlace(servers: 1) }

    @Test func `what is stored comes back, with its seal, to another store too`() async throws {
        let store = try await place.open()
        #expect(store.name == "jetstream" && store.durability == .cluster)
        #expect(try await store.load() == [])
        try await store.check()
        let seal: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF]
        let values: [(StoreKey, StoreValue)] = [
            (SomeAccounts.keys[0], .token("eyJ.é.x")), (SomeAccounts.keys[1], .deleted(.max)),
            (SomeAccounts.keys[2], .token(String(repeating: "x", count: 900_000))), (.operator, .token("1700000000")),
            (.activation("ABC234"), .deleted(.zero)),
        ]
        let outcomes = try await store.commit(values.map { .init(key: $0.0, value: $0.1, expected: nil, seal: seal) })
        let revisions = outcomes.compactMap { if case .stored(let revision) = $0 { revision } else { nil } }
        try #require(revisions.count == values.count && Set(revisions).count == values.count)
        let expected = Set(
            zip(values, revisions).map { StoredItem(key: $0.0, value: $0.1, revision: $1, seal: seal) })
        for other in [store, try await place.open()] { #expect(Set(try await other.load()) == expected) }
        await store.close()
        await #expect(throws: StoreFault.self) { try await store.load() }
        await #expect(throws: StoreFault.self) { try await store.check() }
    }

    @Test func `of two writers over one revision one is told what the other left`() async throws {
        let (one, two, key) = (try await place.open(), try await place.open(), SomeAccounts.keys[0])
        guard case .stored(let first) = try await one.commit([.init(key: key, value: .token("a"), expected: nil)])[0]
        else { throw ServerFault("nothing was stored") }
        let here = StoredItem(key: key, value: .token("a"), revision: first)
        #expect(try await two.commit([.init(key: key, value: .token("b"), expected: nil)]) == [.conflict(here)])
        guard
            case .stored(let gone) = try await two.commit([.init(key: key, value: .deleted(.zero), expected: first)])[0]
        else { throw ServerFault("nothing was deleted") }
        let mark = StoredItem(key: key, value: .deleted(.zero), revision: gone)
        let late = try await one.commit([
            .init(key: key, value: .token("c"), expected: first),
            .init(key: .operator, value: .token("o"), expected: nil),
            .init(key: key, value: .token("d"), expected: gone), .init(key: key, value: .token("e"), expected: gone),
        ])
        guard case .stored(let last) = late[2] else { throw ServerFault("\(late)") }
        #expect(late[0] == .conflict(mark))
        #expect(late[3] == .conflict(StoredItem(key: key, value: .token("d"), revision: last)))
        #expect(
            try await one.commit([.init(key: SomeAccounts.keys[1], value: .token("x"), expected: first)])
                == [.conflict(nil)])
    }

    @Test func `a call takes many changes, and a store follows what another writes until it is closed`() async throws {
        let (writer, reader) = (try await place.open(), try await place.open())
        let changes = try (0..<1000).map { index in
            StoreChange(
                key: .account(try KeyPair.generate(.account).publicKey), value: .token("\(index)"), expected: nil)
        }
        let stream = try #require(reader.changesByOthers())
        let following = Task {
            var items: [StoreKey: StoredItem] = [:]
            for await item in stream {
                #expect(items.updateValue(item, forKey: item.key) == nil)
                if items.count == changes.count { await reader.close() }
            }
            return items
        }
        let outcomes = try await writer.commit(changes)
        #expect(outcomes.allSatisfy { if case .stored = $0 { true } else { false } })
        let items = await following.value
        #expect(Set(items.values) == Set(try await writer.load()))
        #expect(try await writer.commit(changes).allSatisfy { if case .conflict(.some) = $0 { true } else { false } })
    }

    @Test func `what no store wrote is a fault that names it`() async throws {
        let (store, other) = (try await place.open(), try await place.connect())
        let reader = try await place.open()
        let stream = try #require(reader.changesByOthers())
        let bucket = try await KeyValueBucket.find(place.bucket, on: other)
        let key = "account.\(try KeyPair.generate(.account).publicKey.text)"
        for (key, value, kind) in [
            (key, "eyJ", nil), (key, "", "token"), (key, "-1", "deleted"), (key, "01", "deleted"), (key, "x", "other"),
            ("account.X", "eyJ", "token"), ("strange", "eyJ", "token"), ("activation.a.b", "eyJ", "token"),
        ] as [(String, String, String?)] {
            let headers = MessageHeaders(kind.map { [.init("Credence-Item", $0)] } ?? [])
            let revision = try await bucket.create(key, Array(value.utf8), headers: headers)
            let fault = await #expect(throws: StoreFault.self) { try await store.load() }
            #expect(fault?.description.contains(key) == true)
            try await place.ask("STREAM.PURGE.KV_accounts", "{\"filter\":\"$KV.accounts.\(key)\"}")
            #expect(try await bucket.entry(key)?.revision != revision)
        }
        let good = StoreChange(key: .operator, value: .token("eyJ"), expected: nil)
        guard case .stored(let revision) = try await store.commit([good])[0] else { throw ServerFault("not stored") }
        try await bucket.delete("operator", expecting: revision.number)
        await #expect(throws: StoreFault.self) { try await store.load() }
        for await _ in stream {}
        await #expect(throws: StoreFault.self) { try await reader.check() }
        try await store.check()
        await #expect(throws: StoreFault.self) {
            try await store.commit([.init(key: .activation("a.b"), value: .token("x"), expected: nil)])
        }
    }

    @Test func `without a server nothing is acknowledged, and nothing is said to be unknown that was not sent`()
        async throws
    {
        let connection = try await place.connect()
        var settings = place.bucket
        // Made by one that has time: then there is little to do for the one that has none.
        _ = try await place.open()
        (settings.timeout, settings.patience) = (.milliseconds(500), .seconds(3))
        let store = try await JetStreamStore.open(settings, on: connection)
        let change = StoreChange(key: .operator, value: .token("eyJ"), expected: nil)
        var events = connection.events().makeAsyncIterator()
        try place.cluster.servers[0].freeze()
        let changeFault = await #expect(throws: StoreFault.self) { try await store.commit([change]) }
        #expect(changeFault?.isOutcomeUnknown == true)
        try place.cluster.servers[0].thaw()
        try place.cluster.servers[0].kill()
        while let event = await events.next() { if case .disconnected = event { break } }
        let other = StoreChange(key: SomeAccounts.keys[0], value: .token("eyJ"), expected: nil)
        let otherFault = await #expect(throws: StoreFault.self) { try await store.commit([other]) }
        #expect(otherFault?.isOutcomeUnknown == false)
        await #expect(throws: StoreFault.self) { try await store.check() }
        try place.cluster.servers[0].restart()
        try await connection.flush(timeout: .seconds(600))
        #expect(try await place.open().load().allSatisfy { $0.key == .operator })
    }
}
