import NATSClient
import NATSWire
import RealServers
import Testing

/// A bucket on one real server, and what happens to it from outside.
@Suite(.onOwnThread) struct BucketTests {
    private let cluster: RealCluster

    init() throws { cluster = try RealCluster(1) }

    private func connect() async throws -> NATSConnection {
        var settings = ConnectionSettings(
            servers: [try ServerAddress(cluster.servers[0].url)], credentials: .fixed(try cluster.world.user()))
        settings.reconnection.firstWait = .milliseconds(10)
        settings.reconnection.longestWait = .milliseconds(100)
        settings.connectTimeout = .seconds(60)
        return try await NATSConnection.connect(settings)
    }

    private func open(_ name: String = "b") async throws -> KeyValueBucket {
        var settings = BucketSettings(name: name, replicas: 1)
        settings.heartbeat = .milliseconds(200)
        (settings.timeout, settings.patience) = (.milliseconds(500), .seconds(120))
        return try await KeyValueBucket.open(settings, on: connect())
    }

    /// Asks the server's own services with a connection that is no bucket's.
    @discardableResult
    private func ask(_ subject: String, _ json: WireJSON = [:]) async throws -> WireJSON {
        let answer = try await connect().request("$JS.API.\(subject)", payload: json.utf8, timeout: .seconds(60))
        return try WireJSON(parsing: answer.payload)
    }

    @Test func `values are written over what is expected and nothing else`() async throws {
        let bucket = try await open()
        #expect(try await bucket.entry("a") == nil)
        let first = try await bucket.create("a", [1], headers: MessageHeaders([.init("Own", "x")]))
        #expect(try await bucket.entry("a")?.value == [1])
        #expect(try await bucket.entry("a")?.headers["Own"] == "x")
        await #expect(throws: BucketFault.conflict(first)) { try await bucket.create("a", [2]) }
        let second = try await bucket.update("a", [2], expecting: first)
        await #expect(throws: BucketFault.conflict(second)) { try await bucket.update("a", [3], expecting: first) }
        await #expect(throws: BucketFault.conflict(nil)) { try await bucket.update("b", [3], expecting: 77) }
        #expect(try await bucket.entry("a")?.revision == second)
        let marker = try await bucket.delete("a", expecting: second)
        #expect(try await bucket.entry("a")?.operation == .delete)
        #expect(try await bucket.keys() == [])
        let again = try await bucket.create("a", [4])
        #expect(again > marker)
        try await bucket.create("c.d", [])
        #expect(try await bucket.keys() == ["a", "c.d"])
        try await bucket.purge("a", expecting: again)
        #expect(try await bucket.entry("a")?.operation == .purge)
        #expect(try await bucket.load().count == 2)
        for key in ["", ".a", "a.", "a..b", "a b", "a*", "a>", "é", "a\r\nb"] {
            await #expect(throws: BucketFault.name(key)) { try await bucket.create(key, []) }
        }
    }

    @Test func `of writers of one key each revision has one successor`() async throws {
        let bucket = try await open()
        let start = try await bucket.create("a", [])
        let links = try await withThrowingTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var (links, expected) = ([UInt64](), start)
                    while links.count < 10 {
                        do {
                            expected = try await bucket.update("a", [1], expecting: expected)
                            links.append(expected)
                        } catch BucketFault.conflict(let revision) { expected = revision ?? 0 }
                    }
                    return links
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(links).count == 80 && links.max() == start + 80)
    }

    @Test func `a watch tells what stands, that it did, and what is written then`() async throws {
        let (bucket, other) = (try await open(), try await open())
        for key in ["a", "b", "c"] { try await bucket.create(key, Array(key.utf8)) }
        let everything = try await bucket.watch(from: .beginning)
        for key in ["a", "b", "c"] {
            guard case .entry(let entry) = try await everything.next() else {
                Issue.record("no entry")
                return
            }
            #expect(entry.key == key && entry.value == Array(key.utf8))
        }
        #expect(try await everything.next() == .caughtUp)
        let now = try await bucket.watch(from: .now)
        #expect(try await now.next() == .caughtUp)
        let revision = try await other.create("d", [9])
        for watch in [everything, now] {
            guard case .entry(let entry) = try await watch.next() else {
                Issue.record("no entry")
                return
            }
            #expect(entry.key == "d" && entry.revision == revision)
        }
        let waiting = Task { try await now.next() }
        await now.stop()
        #expect(try await waiting.value == nil)
        let empty = try await open("empty")
        #expect(try await empty.load() == [])
    }

    @Test func `a watch goes on over a consumer that was removed, and a server that was killed`() async throws {
        let (bucket, other) = (try await open(), try await open())
        let watch = try await bucket.watch(from: .now)
        #expect(try await watch.next() == .caughtUp)
        let reading = Task { () -> [UInt64] in
            var revisions: [UInt64] = []
            while let update = try await watch.next() {
                guard case .entry(let entry) = update else { continue }
                revisions.append(entry.revision)
                if entry.key == "last" { break }
            }
            return revisions
        }
        var written: [UInt64] = []
        for index in 0..<60 {
            if index == 20 {
                var names: [String] = []
                while names.isEmpty {
                    names = try await ask("CONSUMER.NAMES.KV_b")["consumers"]?.array?.compactMap(\.string) ?? []
                }
                for name in names {
                    #expect(try await ask("CONSUMER.DELETE.KV_b.\(name)")["success"]?.bool == true)
                }
            }
            if index == 40 {
                try cluster.servers[0].kill()
                try cluster.servers[0].restart()
            }
            written.append(try await other.create("k\(index)", [1]))
        }
        written.append(try await other.create("last", []))
        #expect(try await reading.value == written)
    }

    @Test func `a bucket that would lose entries is not taken, and one that was replaced ends its watch`() async throws
    {
        for (index, change) in [
            ("max_age", WireJSON(1_000_000_000)), ("discard", "old"), ("max_msgs_per_subject", 5),
            ("storage", "memory"),
            ("subjects", ["other.>"]),
        ].enumerated() {
            var members: [String: WireJSON] = [
                "name": .string("KV_bad\(index)"), "subjects": [.string("$KV.bad\(index).>")], "discard": "new",
                "max_msgs_per_subject": 1, "storage": "file", "retention": "limits", "num_replicas": 1,
            ]
            members[change.0] = change.1
            let made = try await ask(
                "STREAM.CREATE.KV_bad\(index)", .object(members.map { .init($0.key, $0.value) }))
            #expect(made["error"] == nil)
            do {
                _ = try await open("bad\(index)")
                Issue.record("\(change.0) was taken")
            } catch {
                guard case BucketFault.configuration = error else {
                    Issue.record("\(error)")
                    return
                }
            }
        }
        let settings = BucketSettings(name: "none", replicas: 1)
        let connection = try await connect()
        await #expect(throws: BucketFault.missing("none")) {
            try await KeyValueBucket.find(settings, on: connection)
        }
        let bucket = try await open()
        try await bucket.create("a", [1])
        let watch = try await bucket.watch(from: .now)
        #expect(try await watch.next() == .caughtUp)
        let reading = Task { try await watch.next() }
        try await ask("STREAM.DELETE.KV_b")
        try await open().create("a", [1])
        // Which of the two it meets is a matter of time.
        let fault = await #expect(throws: BucketFault.self) { try await reading.value }
        #expect(fault == .replaced || fault == .missing("b"))
        let late = try await bucket.watch(from: .beginning)
        await #expect(throws: BucketFault.replaced) { try await late.next() }
        await #expect(throws: BucketFault.replaced) { try await bucket.load() }
    }

    @Test func `what was removed from outside does not keep a load waiting`() async throws {
        let bucket = try await open()
        for key in ["a", "b"] { try await bucket.create(key, []) }
        let watch = try await bucket.watch(from: .beginning)
        try await ask("STREAM.PURGE.KV_b", ["filter": "$KV.b.b"])
        while try await watch.next() != .caughtUp {}
        #expect(try await bucket.load().map(\.key) == ["a"])
    }

    @Test func `a write that is not answered in time is sent again, and made once`() async throws {
        let bucket = try await open()
        let connection = try await connect()
        var settings = BucketSettings(name: "b", replicas: 1)
        (settings.timeout, settings.patience) = (.milliseconds(50), .seconds(120))
        let impatient = try await KeyValueBucket.find(settings, on: connection)
        let listening = try await connect()
        let sent = try await listening.subscribe(to: "$KV.b.a")
        try await listening.flush(timeout: .seconds(60))
        let before = try await bucket.create("a", [0])
        #expect(try await sent.next()?.payload == [0])
        try cluster.servers[0].freeze()
        let (begun, begins) = AsyncStream.makeStream(of: Void.self)
        let writing = Task {
            begins.finish()
            return try await impatient.update("a", [1], expecting: before)
        }
        for await _ in begun {}
        await #expect(throws: NATSFault.timeout) {
            try await connection.request("$JS.API.INFO", timeout: .seconds(1))
        }
        try cluster.servers[0].thaw()
        let revision = try await writing.value
        let (first, second) = (try await sent.next(), try await sent.next())
        #expect(first != nil && first?.headerBytes == second?.headerBytes, "it was not sent twice")
        #expect(revision == before + 1)
        #expect(try await bucket.entry("a")?.revision == revision)
        #expect(try await ask("STREAM.INFO.KV_b")["state"]?["last_seq"]?.unsigned == revision)
    }

    @Test func `a watch that is read too slowly goes on where it was`() async throws {
        let bucket = try await open()
        let keys = (0..<9000).map { "k\($0)" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for start in stride(from: 0, to: keys.count, by: 100) {
                group.addTask { for key in keys[start..<start + 100] { try await bucket.create(key, [1]) } }
            }
            try await group.waitForAll()
        }
        let watch = try await bucket.watch(from: .beginning)
        guard case .entry = try await watch.next() else {
            Issue.record("no entry")
            return
        }
        // What nobody takes comes to more than there is room for.
        var (count, revision) = (1, UInt64(0))
        while let update = try await watch.next(), update != .caughtUp {
            guard case .entry(let entry) = update else { continue }
            #expect(entry.revision > revision)
            revision = entry.revision
            count += 1
        }
        #expect(count == keys.count)
    }
}
