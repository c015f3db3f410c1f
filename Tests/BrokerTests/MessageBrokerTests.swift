import Broker
import Logging
import NATSClient
import NKeys
import Subjects
import Synchronization
import Testing
import Trust

@Suite struct MessageBrokerTests {
    @Test func `a message goes from one client to another of its account and to nobody else`() async throws {
        let world = try BrokerWorld()
        let (one, other) = (try world.account("ONE"), try world.account("OTHER"))
        let broker = try await world.broker()
        let publisher = try await world.connect(try world.user(of: one), to: broker)
        let subscriber = try await world.connect(try world.user(of: one), to: broker)
        let stranger = try await world.connect(try world.user(of: other), to: broker)
        let heard = try await subscriber.subscribe(to: "orders.*")
        let unheard = try await stranger.subscribe(to: ">")
        try await subscriber.flush()
        try await stranger.flush()
        try await publisher.publish("orders.eu", payload: Array("hello".utf8))
        try await publisher.flush()
        try await stranger.publish("own", payload: [])
        #expect(try await heard.next()?.payload == Array("hello".utf8))
        // Its own message is the first that it gets.
        #expect(try await unheard.next()?.subject == "own")
        await broker.stop()
    }

    @Test func `an account that was signed anew keeps its clients when the old key goes, however late that is told`()
        async throws
    {
        let retired = try KeyPair.generate(.operator)
        let world = try BrokerWorld { $0.signingKeys = [retired.publicKey] }
        let names = ["KEPT", "LOST"]
        let accounts = try names.map { _ in try KeyPair.generate(.account) }
        func token(_ index: Int, by signer: KeyPair) throws -> String {
            try TokenSigner(signer).sign(
                AccountClaims(subject: accounts[index].publicKey, name: names[index]), at: BrokerWorld.now
            ).text
        }
        let system = try #require(world.token(of: world.systemKeys.publicKey))
        let authority = LateAuthority([
            accounts[0].publicKey: try token(0, by: retired), accounts[1].publicKey: try token(1, by: retired),
            world.systemKeys.publicKey: system,
        ])
        var settings = BrokerSettings(trust: BrokerTrust(operators: [world.operatorToken]))
        (settings.host, settings.port) = ("127.0.0.1", 0)
        (settings.times.authentication, settings.times.handshake) = (.seconds(600), .seconds(600))
        let broker = try MessageBroker(
            settings, authority: authority, logger: Logger(label: "broker") { _ in SwiftLogNoOpLogHandler() })
        try await broker.start()
        let clients = [
            try await world.connect(try world.user(of: accounts[0]), to: broker),
            try await world.connect(try world.user(of: accounts[1]), to: broker),
        ]
        var keptEvents = clients[0].events().makeAsyncIterator()
        var lostEvents = clients[1].events().makeAsyncIterator()
        _ = (await keptEvents.next(), await lostEvents.next())

        authority.put(try token(0, by: world.operatorKeys), for: accounts[0].publicKey)
        var claims = OperatorClaims(subject: world.operatorKeys.publicKey, name: "OP")
        claims.systemAccount = world.systemKeys.publicKey
        settings.trust = BrokerTrust(operators: [
            try TokenSigner(world.operatorKeys).sign(claims, at: BrokerWorld.now)
        ])
        try await broker.reload(settings)
        guard case .disconnected = await lostEvents.next() else {
            Issue.record("what the old key alone has signed is still trusted")
            return
        }
        let heard = try await clients[0].subscribe(to: "a")
        try await clients[0].publish("a", payload: [1])
        #expect(try await heard.next()?.payload == [1])
        clients[0].close()
        #expect(await keptEvents.next() == .closed(nil), "nothing had happened to it")
        await broker.stop()
    }
}

/// Tokens that are there for whoever asks, and told to nobody.
private final class LateAuthority: AccountAuthority {
    private let tokens: Mutex<[PublicKey: String]>

    init(_ tokens: [PublicKey: String]) { self.tokens = Mutex(tokens) }

    func put(_ token: String, for account: PublicKey) { tokens.withLock { $0[account] = token } }

    var services: Set<ClaimsService> { [] }
    func token(of account: PublicKey) async throws(AccountResolverError) -> String? { tokens.withLock { $0[account] } }
    func update(_ token: [UInt8], for account: PublicKey?, by caller: String) async -> ClaimsAnswer { .failed("no") }
    func delete(_ request: [UInt8], by caller: String) async -> ClaimsAnswer { .failed("no") }
    func accounts() async -> [PublicKey] { [] }
    func changes() -> AsyncStream<AccountChange> { AsyncStream { $0.finish() } }
}
