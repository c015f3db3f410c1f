import Foundation
import NATSClient
import NKeys
import RealServers
import Testing

@testable import AccountServer

/// Real servers ask, and are answered from here.
@Suite(.serialized, .onOwnThread) struct ClaimsResponderTests {
    private let world: DistributionWorld
    private let app: KeyPair
    private let accounts = AccountsInMemory()
    private let log = KeptLog()

    init() throws {
        world = try DistributionWorld()
        app = try .generate(.account)
    }

    /// Answers over a connection of its own while `body` runs; nothing is pushed.
    private func answering(
        _ cluster: ResolverCluster, answers: DistributionSettings.Answers = .lookupsAndPacks,
        _ body: (NATSConnection) async throws -> Void
    ) async throws {
        let creds = try world.user(of: world.system)
        var settings = DistributionSettings(connection: try world.connection(cluster.servers, as: creds))
        settings.answers = answers
        let connection = try await NATSConnection.connect(settings.connection)
        let responder = ClaimsResponder(
            accounts: accounts, connection: connection, fingerprint: StoreFingerprint(), settings: settings,
            limits: .standard, clock: .system, counters: DistributionCounters(), logger: log.logger)
        let asker = try await NATSConnection.connect(settings.connection)
        let task = Task { await responder.run() }
        // Once what only it knows is answered, its subscriptions are in force.
        let canary = try KeyPair.generate(.account)
        let token = try world.account(canary)
        accounts.keep(token, for: canary)
        while try await !asked(asker, "$SYS.REQ.ACCOUNT.\(canary.publicKey).CLAIMS.LOOKUP").contains(Array(token.utf8))
        {}
        while answers == .lookupsAndPacks, try await asked(asker, ClaimsResponder.packSubject).isEmpty {}
        try await body(asker)
        task.cancel()
        await task.value
        #expect(!log.text.contains("eyJ"))
    }

    /// What is answered; nothing when nobody listens yet.
    private func asked(_ asker: NATSConnection, _ subject: String) async throws(NATSFault) -> [[UInt8]] {
        do throws(NATSFault) {
            return try await asker.requestMany(subject, timeout: .milliseconds(300)).answers.map(\.payload)
        } catch {
            guard error == .noResponders else { throw error }
            return []
        }
    }

    @Test func `a client of an account that only this server knows is let in by a full resolver and by a cache`()
        async throws
    {
        accounts.keep(try world.account(app), for: app)
        let stranger = try KeyPair.generate(.account)
        for resolver in [ResolverCluster.Resolver.full(deletes: true, interval: 3600), .cache] {
            let cluster = try ResolverCluster(world, resolver)
            try await answering(cluster, answers: .lookups) { _ in
                for (keys, isKnown) in [(app, true), (stranger, false)] {
                    var settings = try world.connection(cluster.servers, as: try world.user(of: keys))
                    settings.reconnection.rounds = 0
                    if isKnown {
                        // A server that has much else to do may give up before the answer is there.
                        for attempt in 1...30 {
                            do {
                                try await NATSConnection.connect(settings).close()
                                break
                            } catch {
                                if attempt == 30 { throw error }
                            }
                        }
                        #expect(cluster.stored(keys, at: 0) != nil)
                    } else {
                        await #expect(throws: NATSFault.refused(.authorization)) {
                            try await NATSConnection.connect(settings)
                        }
                    }
                }
            }
        }
    }

    @Test
    func
        `a lookup is answered with the token, with nothing for what is unknown or expired, and not at all without a key`()
        async throws
    {
        let (token, old) = (try world.account(app), try KeyPair.generate(.account))
        accounts.keep(token, for: app)
        accounts.keep(
            try world.account(old, age: 9, expires: -5), for: old,
            expires: Int64(Date().timeIntervalSince1970) - 5)
        let cluster = try ResolverCluster(world, .memory(preloaded: [:]))
        try await answering(cluster) { asker in
            func ask(_ account: String) async throws -> [[UInt8]] {
                try await asker.requestMany(
                    "$SYS.REQ.ACCOUNT.\(account).CLAIMS.LOOKUP", timeout: .seconds(1)
                ).answers.map(\.payload)
            }
            /// Asked again while no answer came in time, which says nothing on a machine that has much else to do.
            func answers(_ account: String) async throws -> [[UInt8]] {
                for _ in 0..<300 {
                    let found = try await ask(account)
                    if !found.isEmpty { return found }
                }
                return []
            }
            while try await ask(app.publicKey.text) != [Array(token.utf8)] {}
            #expect(try await answers(old.publicKey.text) == [[]])
            #expect(try await answers(KeyPair.generate(.account).publicKey.text) == [[]])
            for name in ["foo", app.publicKey.text.lowercased(), "\(app.publicKey)=", "..", "*"] {
                guard let answers = try? await ask(name) else { continue }
                #expect(answers == [], "\(name)")
            }
            #expect(try await ask(KeyPair.generate(.user).publicKey.text) == [])
        }
    }

    @Test func `a full resolver that asks for everything gets every account that has not expired`() async throws {
        var keys: [KeyPair] = []
        for index in 0..<300 {
            keys.append(try .generate(.account))
            accounts.keep(try world.account(keys[index]), for: keys[index])
        }
        let old = try KeyPair.generate(.account)
        accounts.keep(
            try world.account(old, age: 9, expires: -5), for: old,
            expires: Int64(Date().timeIntervalSince1970) - 5)
        let cluster = try ResolverCluster(world, .full(deletes: true, interval: 1))
        try await answering(cluster) { _ in
            let end = ContinuousClock.now + .seconds(600)
            func isStored(_ key: KeyPair) -> Bool {
                cluster.stored(key, at: 0).map { Array($0.utf8) } == accounts.account(for: key.publicKey)?.token
            }
            while !keys.allSatisfy(isStored), ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(keys.allSatisfy(isStored))
            #expect(cluster.stored(old, at: 0) == nil)
        }
    }

    @Test func `who has the same accounts gets one empty message, and who has others gets all and an empty one`()
        async throws
    {
        let keys = try (0..<3).map { _ in try KeyPair.generate(.account) }
        for key in keys { accounts.keep(try world.account(key), for: key) }
        let cluster = try ResolverCluster(world, .memory(preloaded: [:]))
        try await answering(cluster) { asker in
            func ask(_ state: [UInt8]) async throws -> [[UInt8]] {
                try await asker.requestMany(
                    "$SYS.REQ.CLAIMS.PACK", payload: state, timeout: .seconds(20), until: { $0.payload.isEmpty }
                ).answers.map(\.payload)
            }
            var state = [UInt8](repeating: 0, count: 32)
            for account in accounts.accounts(atMost: 9) {
                for (index, byte) in SHA256.hash(account.token).enumerated() { state[index] ^= byte }
            }
            let same = try await ask(state)
            #expect(same == [[]])
            let lines = accounts.accounts(atMost: 9).map { Array("\($0.key)|".utf8) + $0.token }
            let everything = try await ask([])
            #expect(everything == lines + [[]])
            state[0] ^= 1
            let others = try await ask(state)
            #expect(others == lines + [[]])
        }
    }
}
