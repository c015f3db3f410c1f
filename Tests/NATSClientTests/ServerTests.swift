import Foundation
import NATSClient
import NATSWire
import NKeys
import RealServers
import Testing

/// The client with the real server, in operator mode.
@Suite(.onOwnThread) struct ServerTests {
    private let world: OperatorWorld
    private let folder: ScratchFolder
    private let server: ServerProcess

    init() throws {
        (world, folder) = (try OperatorWorld(), try ScratchFolder())
        server = try ServerProcess(configuration: try folder.write(world.serverConfiguration, to: "server.conf"))
    }

    private func settings(_ creds: CredentialsFile? = nil) throws -> ConnectionSettings {
        try settings(.fixed(creds ?? world.user()))
    }

    private func settings(_ credentials: ConnectionSettings.Credentials) throws -> ConnectionSettings {
        var settings = ConnectionSettings(servers: [try ServerAddress(server.url)], credentials: credentials)
        settings.reconnection.firstWait = .milliseconds(10)
        settings.reconnection.longestWait = .milliseconds(100)
        settings.connectTimeout = .seconds(60)
        return settings
    }

    @Test func `creds open a connection, and its messages and headers come both ways`() async throws {
        let connection = try await NATSConnection.connect(settings())
        let service = try await connection.subscribe(to: "service.*", queue: "workers")
        async let served: Void = {
            for try await request in service {
                let headers = try request.headers()
                #expect(headers["Wanted"] == "twice")
                try await connection.publish(
                    try #require(request.reply), headers: MessageHeaders([.init("Said", "é: 1"), .init("Said", "2")]),
                    payload: request.payload + request.payload)
                return
            }
        }()
        try await connection.flush(timeout: .seconds(60))
        let answer = try await connection.request(
            "service.double", headers: MessageHeaders([.init("Wanted", "twice")]), payload: [1, 2, 0, 255],
            timeout: .seconds(60))
        try await served
        #expect(answer.payload == [1, 2, 0, 255, 1, 2, 0, 255])
        #expect(try answer.headers().fields == [.init("Said", "é: 1"), .init("Said", "2")])
        #expect(await connection.announcement().account == world.app.publicKey.text)
        await connection.drain()
        await #expect(throws: NATSFault.closed) { try await connection.publish("a") }
    }

    @Test func `a request that nobody hears says so at once`() async throws {
        let connection = try await NATSConnection.connect(settings())
        await #expect(throws: NATSFault.noResponders) {
            try await connection.request("nobody.here", timeout: .seconds(60))
        }
        await #expect(throws: NATSFault.noResponders) {
            try await connection.requestMany("nobody.here", timeout: .seconds(60))
        }
    }

    @Test func `a request that is heard and not answered ends in time, and when it is cancelled`() async throws {
        let connection = try await NATSConnection.connect(settings())
        let silent = try await connection.subscribe(to: "silent")
        try await connection.flush(timeout: .seconds(60))
        await #expect(throws: NATSFault.timeout) {
            try await connection.request("silent", timeout: .milliseconds(50))
        }
        _ = try await silent.next()
        let asking = Task { () async throws(NATSFault) -> NATSMessage in
            try await connection.request("silent", timeout: .seconds(60))
        }
        _ = try await silent.next()
        asking.cancel()
        await #expect(throws: NATSFault.cancelled) { try await asking.value }
    }

    @Test func `many answers are collected until their count, the last, or the time is reached`() async throws {
        let connection = try await NATSConnection.connect(settings())
        let service = try await connection.subscribe(to: "many")
        try await connection.flush(timeout: .seconds(60))
        let serving = Task {
            for try await request in service {
                guard let reply = request.reply else { continue }
                for number: UInt8 in [1, 2, 3] { try await connection.publish(reply, payload: [number]) }
            }
        }
        let counted = try await connection.requestMany("many", count: 2, timeout: .seconds(60))
        #expect(counted.answers.map(\.payload) == [[1], [2]] && counted.ending == .count)
        let last = try await connection.requestMany("many", timeout: .seconds(60)) { $0.payload == [3] }
        #expect(last.answers.count == 3 && last.ending == .last)
        // On a busy machine the answers may take longer than the time; given more of it, all of them come.
        var all = try await connection.requestMany("many", timeout: .milliseconds(300))
        for seconds in [5, 60] where all.answers.count < 3 {
            #expect(all.ending == .timeout)
            all = try await connection.requestMany("many", timeout: .seconds(seconds))
        }
        #expect(all.answers.count == 3 && all.ending == .timeout)
        service.unsubscribe()
        try await serving.value
    }

    @Test func `credentials that the server does not take are told from a server that is not there`() async throws {
        let stranger = try KeyPair.generate(.account)
        await #expect(throws: NATSFault.refused(.authorization)) {
            try await NATSConnection.connect(settings(world.user(signedBy: stranger)))
        }
        await #expect(throws: NATSFault.refused(.authorization)) {
            try await NATSConnection.connect(settings(ConnectionSettings.Credentials.none))
        }
        let expired = try world.user(expires: 1_600_000_000)
        await #expect(throws: NATSFault.refused(.authorization)) { try await NATSConnection.connect(settings(expired)) }
        await #expect(throws: NATSFault.credentials("the file is gone")) {
            try await NATSConnection.connect(
                settings(.read { () throws(NATSFault) in throw .credentials("the file is gone") }))
        }
        let port = try #require(try freePorts(1).first)
        let away = ConnectionSettings(servers: [try ServerAddress("127.0.0.1:\(port)")])
        do {
            _ = try await NATSConnection.connect(away)
            Issue.record("connected to nobody")
        } catch {
            guard case .unreachable = error else {
                Issue.record("\(error)")
                return
            }
        }
        var both = try settings()
        both.servers = away.servers + both.servers + away.servers
        _ = try await NATSConnection.connect(both)
    }

    @Test func `a server that was killed and started again has the subscriptions, and what waited`() async throws {
        let connection = try await NATSConnection.connect(settings())
        let messages = try await connection.subscribe(to: "news.>")
        try await connection.flush(timeout: .seconds(60))
        let silent = try await connection.subscribe(to: "silent")
        try await connection.flush(timeout: .seconds(60))
        async let lost = Result { try await connection.request("silent", timeout: .seconds(60)) }
        _ = try await silent.next()
        var events = connection.events().makeAsyncIterator()
        #expect(await events.next() == .connected(try ServerAddress(server.url)))
        try server.kill()
        guard case .disconnected = await events.next() else {
            Issue.record("no word of the loss")
            return
        }
        #expect(await lost.failure as? NATSFault == .connectionLost)
        try await connection.publish("news.waited", payload: [7])
        async let flushed: Void = connection.flush(timeout: .seconds(60))
        await #expect(throws: NATSFault.notSent) {
            try await connection.request("news.not", timeout: .milliseconds(20))
        }
        try server.restart()
        try await flushed
        try await connection.publish("news.after", payload: [8])
        #expect(try await messages.next()?.subject == "news.waited")
        #expect(try await messages.next()?.subject == "news.after")
        var isBack = false
        while !isBack, let event = await events.next() { if case .connected = event { isBack = true } }
        #expect(isBack)
    }

    @Test func `a reconnection that may not be ends the connection and all that waits`() async throws {
        var settings = try settings()
        settings.reconnection.rounds = 2
        let connection = try await NATSConnection.connect(settings)
        let messages = try await connection.subscribe(to: "news")
        var events = connection.events().makeAsyncIterator()
        try server.kill()
        do {
            while try await messages.next() != nil {}
            Issue.record("the sequence ended as if all were well")
        } catch {
            guard case .unreachable = error else {
                Issue.record("\(error)")
                return
            }
        }
        var isClosed = false
        while let event = await events.next() { if case .closed(.some) = event { isClosed = true } }
        #expect(isClosed)
        await #expect(throws: NATSFault.closed) { try await connection.request("a", timeout: .seconds(1)) }
    }

    @Test func `a server that stands still is left`() async throws {
        var settings = try settings()
        settings.pingInterval = .milliseconds(50)
        settings.reconnection.rounds = 0
        let connection = try await NATSConnection.connect(settings)
        try server.freeze()
        var ending: NATSFault?
        for await event in connection.events() { if case .closed(let fault) = event { ending = fault } }
        try server.thaw()
        #expect(ending == .stale)
    }

    @Test func `what the user may not do is said where it was tried`() async throws {
        let user = try world.user(["pub": ["deny": ["secret.>"]], "sub": ["deny": ["hidden.*"]]])
        let connection = try await NATSConnection.connect(settings(user))
        var events = connection.events().makeAsyncIterator()
        _ = await events.next()
        await #expect(throws: NATSFault.notPermitted("Permissions Violation for Publish to \"secret.a\"")) {
            try await connection.request("secret.a", timeout: .seconds(60))
        }
        #expect(await events.next() == .notPermitted("Permissions Violation for Publish to \"secret.a\""))
        let hidden = try await connection.subscribe(to: "hidden.*", queue: "q")
        await #expect(
            throws: NATSFault.notPermitted("Permissions Violation for Subscription to \"hidden.*\" using queue \"q\"")
        ) { try await hidden.next() }
        let mute = try await NATSConnection.connect(settings(try world.user(["sub": ["deny": ["_INBOX.>"]]])))
        do {
            _ = try await mute.request("a", timeout: .seconds(60))
            Issue.record("an answer came")
        } catch {
            guard case .notPermitted = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test func `a payload that the server would not take is not sent`() async throws {
        let connection = try await NATSConnection.connect(settings())
        let big = [UInt8](repeating: 1, count: 1 << 20)
        let messages = try await connection.subscribe(to: "big")
        try await connection.publish("big", payload: big)
        #expect(try await messages.next()?.payload == big)
        await #expect(throws: NATSFault.payloadTooLong(bytes: (1 << 20) + 1, limit: 1 << 20)) {
            try await connection.publish("big", payload: big + [1])
        }
        await #expect(throws: NATSFault.invalid(.field("subject"))) { try await connection.publish("a b\r\nPUB c 0") }
        try await connection.flush(timeout: .seconds(60))
    }

    @Test func `a subscription that is not read ends, and the connection goes on`() async throws {
        let connection = try await NATSConnection.connect(settings())
        let slow = try await connection.subscribe(to: "flood", limits: SubscriptionLimits(messages: 3))
        for number: UInt8 in 0..<5 { try await connection.publish("flood", payload: [number]) }
        try await connection.flush(timeout: .seconds(60))
        for number: UInt8 in 0..<3 { #expect(try await slow.next()?.payload == [number]) }
        await #expect(throws: NATSFault.slowConsumer) { try await slow.next() }
        try await connection.flush(timeout: .seconds(60))
    }

    @Test func `draining lets what is on its way arrive`() async throws {
        let (publisher, connection) = (
            try await NATSConnection.connect(settings()), try await NATSConnection.connect(settings())
        )
        let messages = try await connection.subscribe(to: "flood")
        try await connection.flush(timeout: .seconds(60))
        for _ in 0..<2000 { try await publisher.publish("flood", payload: [UInt8](repeating: 7, count: 100)) }
        try await publisher.flush(timeout: .seconds(60))
        await connection.drain()
        var count = 0
        while try await messages.next() != nil { count += 1 }
        #expect(count == 2000)
    }
}

extension Result where Failure == any Error {
    init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }

    var failure: (any Error)? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}
