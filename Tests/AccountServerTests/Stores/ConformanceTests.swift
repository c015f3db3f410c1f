import AccountServer
import NKeys
import RealServers
import Testing
import Trust

/// What every store does alike.
@Suite(.onOwnThread) struct StoreConformanceTests {
    @Test(arguments: StoreKind.all)
    func `a new store is empty, ready and says what it is`(kind: StoreKind) async throws {
        let place = try await kind.place()
        defer { withExtendedLifetime(place) {} }
        let store = try await place.open()
        #expect(store.name == kind.name && store.durability == kind.durability)
        #expect(try await store.load() == [])
        try await store.check()
        #expect(try await store.commit([]) == [])
        await store.close()
    }

    @Test(arguments: StoreKind.all)
    func `what is stored under any key comes back byte for byte`(kind: StoreKind) async throws {
        let place = try await kind.place()
        defer { withExtendedLifetime(place) {} }
        var store = try await place.open()
        let seal: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF]
        let printable = String(decoding: (0x21...0x7E).map { UInt8($0) }, as: UTF8.self)
        let values: [(StoreKey, StoreValue)] = [
            (StoreTexts.account(1), .token(StoreTexts.token(1))), (StoreTexts.account(2), .token(printable)),
            (StoreTexts.account(3), .token(StoreTexts.token(3, count: 900_000))),
            (StoreTexts.account(4), .deleted(UnixTime.max)), (.operator, .token(StoreTexts.token(5))),
            (.activation(StoreTexts.hash(6)), .token(StoreTexts.token(6))),
            (.activation(StoreTexts.hash(7)), .deleted(.zero)),
        ]
        let outcomes = try await store.commit(values.map { .init(key: $0.0, value: $0.1, expected: nil, seal: seal) })
        let revisions = outcomes.compactMap { if case .stored(let revision) = $0 { revision } else { nil } }
        try #require(revisions.count == values.count)
        let expected = Set(
            zip(values, revisions).map { value, revision in
                StoredItem(key: value.0, value: value.1, revision: revision, seal: kind.keepsSeals ? seal : [])
            })
        #expect(Set(try await store.load()) == expected)
        await store.close()
        guard kind.durability != .none else { return }
        store = try await place.open()
        let loaded = try await store.load()
        #expect(Set(loaded) == expected && loaded.count == expected.count)
        await store.close()
    }

    @Test(arguments: StoreKind.all)
    func `a change is made only over what it expects`(kind: StoreKind) async throws {
        let place = try await kind.place()
        defer { withExtendedLifetime(place) {} }
        let store = try await place.open()
        for key in [StoreTexts.account(1), .activation(StoreTexts.hash(1)), .operator] {
            let (one, two, three) = (token(1), token(2), token(3))
            #expect(
                try await store.commit([.init(key: key, value: one, expected: StoreRevision(77))]) == [.conflict(nil)])
            let first = try await stored(store, key, one, nil)
            let present = StoredItem(key: key, value: one, revision: first)
            #expect(try await store.commit([.init(key: key, value: two, expected: nil)]) == [.conflict(present)])
            let second = try await stored(store, key, two, first)
            #expect(second != first)
            let newer = StoredItem(key: key, value: two, revision: second)
            let stale = StoreChange(key: key, value: three, expected: first)
            #expect(try await store.commit([stale]) == [.conflict(newer)])
            #expect(try await store.load().filter { $0.key == key } == [newer])
        }
        await store.close()
    }

    @Test(arguments: StoreKind.all)
    func `what is deleted leaves a mark that is changed like a token`(kind: StoreKind) async throws {
        let place = try await kind.place()
        defer { withExtendedLifetime(place) {} }
        var store = try await place.open()
        for key in [StoreTexts.account(1), .activation(StoreTexts.hash(1)), .operator] {
            let first = try await stored(store, key, token(1), nil)
            let time = try #require(UnixTime(1_800_000_000))
            let mark = try await stored(store, key, .deleted(time), first)
            #expect(mark != first)
            let item = StoredItem(key: key, value: .deleted(time), revision: mark)
            for expected in [nil, first] {
                let change = StoreChange(key: key, value: token(1), expected: expected)
                #expect(try await store.commit([change]) == [.conflict(item)])
            }
            if kind.durability != .none {
                await store.close()
                store = try await place.open()
            }
            #expect(try await store.load().filter { $0.key == key } == [item])
            // A later mark, then a token again, then a mark of an earlier time: the store judges nothing.
            let later = try await stored(store, key, .deleted(time.advanced(by: 1)), mark)
            let again = try await stored(store, key, token(2), later)
            let last = StoredItem(
                key: key, value: .deleted(.zero), revision: try await stored(store, key, .deleted(.zero), again))
            #expect(try await store.load().filter { $0.key == key } == [last])
        }
        await store.close()
    }

    @Test(arguments: StoreKind.all)
    func `of several changes of one key in a call each expects what the one before leaves`(kind: StoreKind) async throws
    {
        let place = try await kind.place()
        defer { withExtendedLifetime(place) {} }
        var store = try await place.open()
        let (key, other) = (StoreTexts.account(1), StoreTexts.account(2))
        let twice = try await store.commit([
            .init(key: key, value: token(1), expected: nil), .init(key: other, value: token(9), expected: nil),
            .init(key: key, value: token(2), expected: nil),
        ])
        guard case .stored(let first) = twice[0], case .stored = twice[1] else {
            Issue.record("\(twice)")
            return
        }
        #expect(twice[2] == .conflict(StoredItem(key: key, value: token(1), revision: first)))
        // A revision that is given out within the call cannot be known to the caller, except where the content says it:
        // so a chain is tried with what a store of the same kind answers.
        let twinPlace = try await kind.place()
        defer { withExtendedLifetime(twinPlace) {} }
        let twin = try await twinPlace.open()
        let ahead = try await stored(twin, key, token(1), nil)
        _ = try await stored(twin, other, token(9), nil)
        let middle = try await stored(twin, key, .deleted(.zero), ahead)
        let chain = try await store.commit([
            .init(key: key, value: .deleted(.zero), expected: first),
            .init(key: key, value: token(3), expected: middle),
            .init(key: key, value: token(4), expected: first),
        ])
        guard chain[0] == .stored(middle), case .stored(let last) = chain[1] else {
            Issue.record("\(chain)")
            return
        }
        let item = StoredItem(key: key, value: token(3), revision: last)
        #expect(chain[2] == .conflict(item))
        if kind.durability != .none {
            await store.close()
            store = try await place.open()
        }
        #expect(try await store.load().filter { $0.key == key } == [item])
        await store.close()
        await twin.close()
    }

    @Test(arguments: StoreKind.all)
    func `of many writers of one item exactly one succeeds over each revision`(kind: StoreKind) async throws {
        let place = try await kind.place()
        defer { withExtendedLifetime(place) {} }
        let store = try await place.open()
        let key = StoreTexts.account(1)
        let (writers, each) = (16, 12)
        // Each writer goes on until it was first so often; who follows whom is kept.
        let links = try await withThrowingTaskGroup(of: [(StoreRevision?, StoreRevision)].self) { group in
            for writer in 0..<writers {
                group.addTask {
                    var (links, expected): ([(StoreRevision?, StoreRevision)], StoreRevision?) = ([], nil)
                    while links.count < each {
                        let value = StoreValue.token(StoreTexts.token(writer * 1_000 + links.count))
                        switch try await store.commit([.init(key: key, value: value, expected: expected)])[0] {
                        case .stored(let revision):
                            links.append((expected, revision))
                            expected = revision
                        case .conflict(let item): expected = item?.revision
                        }
                    }
                    return links
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        var next: [StoreRevision?: StoreRevision] = [:]
        for (before, after) in links {
            #expect(next.updateValue(after, forKey: before) == nil, "two writers succeeded over one revision")
        }
        // One line from nothing to what stands there.
        var (length, last): (Int, StoreRevision?) = (0, nil)
        while let after = next[last], length <= links.count { (length, last) = (length + 1, after) }
        #expect(length == writers * each)
        #expect(try await store.load().map(\.revision) == [last])
        await store.close()
    }

    @Test(arguments: StoreKind.all)
    func `a call takes many changes and is no dearer for those that are not made`(kind: StoreKind) async throws {
        let place = try await kind.place()
        defer { withExtendedLifetime(place) {} }
        var store = try await place.open()
        let changes = (0..<3_000).map { index in
            StoreChange(key: StoreTexts.account(index), value: token(index), expected: nil)
        }
        let outcomes = try await store.commit(changes)
        #expect(outcomes.count == changes.count)
        #expect(outcomes.allSatisfy { if case .stored = $0 { true } else { false } })
        // What goes on after an answer has gone on when the next one comes.
        try await store.check()
        let count = store.synchronisations
        #expect(try await store.commit(changes).allSatisfy { if case .conflict(.some) = $0 { true } else { false } })
        #expect(store.synchronisations == count)
        if kind.durability != .none {
            await store.close()
            store = try await place.open()
        }
        let loaded = try await store.load()
        #expect(loaded.count == changes.count)
        #expect(Set(loaded.map(\.value)) == Set(changes.map(\.value)))
        await store.close()
    }

    @Test(arguments: StoreKind.all)
    func `a store that was closed answers every call with a fault`(kind: StoreKind) async throws {
        let place = try await kind.place()
        defer { withExtendedLifetime(place) {} }
        let store = try await place.open()
        _ = try await stored(store, .operator, token(1), nil)
        await store.close()
        await store.close()
        await #expect(throws: StoreFault.self) { try await store.load() }
        await #expect(throws: StoreFault.self) { try await store.check() }
        let fault = await #expect(throws: StoreFault.self) {
            try await store.commit([.init(key: StoreTexts.account(1), value: token(1), expected: nil)])
        }
        #expect(fault?.isOutcomeUnknown == false && fault?.description.contains("closed") == true)
    }

    @Test(arguments: StoreKind.all)
    func `names that no key has are kept exactly or refused`(kind: StoreKind) async throws {
        let place = try await kind.place()
        defer { withExtendedLifetime(place) {} }
        var store = try await place.open()
        let names = [
            "", ".", "..", "../../x", "a/b", "/etc/passwd", "A.token", "operator", "a'; DROP TABLE item; --", "é",
            "A\u{0}B", "\n", String(repeating: "A", count: 5_000), "abc", "ABC",
        ]
        var kept: Set<String> = []
        for name in names {
            do throws(StoreFault) {
                let change = StoreChange(key: .activation(name), value: token(1), expected: nil)
                let outcome = try await store.commit([change])
                guard outcome.count == 1, case .stored = outcome[0] else {
                    Issue.record("\(name.debugDescription): \(outcome)")
                    continue
                }
                kept.insert(name)
            } catch {
                #expect(!error.description.contains("\n") && !error.description.contains("\u{0}"))
            }
        }
        #expect(
            kept.contains("ABC")
                && (kind.namesFiles ? kept.count == 1 : kept.count > (kind.durability == .cluster ? 1 : 10)))
        if kind.durability != .none {
            await store.close()
            store = try await place.open()
        }
        let loaded = try await store.load().map(\.key)
        #expect(Set(loaded) == Set(kept.map(StoreKey.activation)) && loaded.count == kept.count)
        await store.close()
    }

    @Test(arguments: StoreKind.onDisk)
    func `contents that were spoiled are a fault, never a part of what was stored`(kind: StoreKind) async throws {
        let key = StoreTexts.key(0)
        var way = 0
        while true {
            let place = try await kind.place()
            defer { withExtendedLifetime(place) {} }
            let store = try await place.open()
            let changes = (0..<3).map { StoreChange(key: StoreTexts.account($0), value: token($0), expected: nil) }
            _ = try await store.commit(changes)
            await store.close()
            guard try place.spoil(way, key) else { break }
            do {
                let spoiled = try await place.open()
                defer { Task { await spoiled.close() } }
                let items = try await spoiled.load()
                Issue.record("way \(way): \(items.count) items were loaded")
            } catch {
                let fault = try #require(error as? StoreFault)
                let text = "\(fault) \(fault.hint ?? "")"
                #expect(!text.contains { $0.isNewline || $0 == "\u{1B}" }, "way \(way)")
                #expect(!text.contains("eyJ"), "way \(way)")
            }
            way += 1
        }
        #expect(way > 3)
    }

    @Test(arguments: StoreKind.onDisk)
    func `a second store at the same place is refused until the first is closed`(kind: StoreKind) async throws {
        let place = try await kind.place()
        defer { withExtendedLifetime(place) {} }
        let first = try await place.open()
        let fault = await #expect(throws: StoreFault.self) { try await place.open() }
        #expect(fault?.description.contains("in use by another process") == true)
        #expect(fault?.hint != nil)
        let revision = try await stored(first, .operator, token(1), nil)
        await first.close()
        let second = try await place.open()
        #expect(try await second.load() == [StoredItem(key: .operator, value: token(1), revision: revision)])
        await second.close()
    }

    // MARK: -

    private func token(_ index: Int) -> StoreValue { .token(StoreTexts.token(index)) }

    /// Makes a change that must succeed.
    private func stored(
        _ store: any AccountStore, _ key: StoreKey, _ value: StoreValue, _ expected: StoreRevision?
    ) async throws -> StoreRevision {
        let outcome = try await store.commit([.init(key: key, value: value, expected: expected)])
        guard outcome.count == 1, case .stored(let revision) = outcome[0] else { throw Unexpected(outcome: outcome) }
        return revision
    }

    private struct Unexpected: Error { let outcome: [StoreOutcome] }
}
