import Foundation
import NATSClient
import NKeys
import RealServers
import Testing
import Trust

@testable import AccountServer

/// Accounts reach real servers, whatever becomes of the servers meanwhile.
@Suite(.serialized, .onOwnThread) struct ClusterDistributorTests {
    private let world: DistributionWorld
    private let app: KeyPair

    init() throws {
        world = try DistributionWorld()
        app = try .generate(.account)
    }

    @Test func `a memory resolver that uses an account throws out a revoked user and lets in one of a new key`()
        async throws
    {
        let signer = try KeyPair.generate(.account)
        let cluster = try ResolverCluster(
            world, .memory(preloaded: [app.publicKey.text: try world.account(app, age: 5)]))
        let bench = try DistributionBench(world, cluster)
        let (keys, late) = (try KeyPair.generate(.user), try world.user(of: app, signedBy: signer))
        let old = try await bench.connect(try world.user(of: app, keys: keys))
        #expect(try await !bench.isLetIn(late))

        bench.store(try world.account(app, signingKeys: [signer], revoked: [keys.publicKey]), for: app)
        var last: ConnectionEvent?
        for await event in old.events() { last = event }
        #expect(
            last == .closed(.refused(.userRevoked)) || last == .closed(.refused(.authorization)),
            "\(String(describing: last))")
        await bench.untilComplete()
        #expect(try await bench.isLetIn(late))
        await bench.until { bench.server("n0")?.resolver == DistributionReport.Server.Resolver.none }
        await bench.end()
    }

    @Test func `a memory resolver that begins to use an account later is told of its newest token then`() async throws {
        let cluster = try ResolverCluster(
            world, .memory(preloaded: [app.publicKey.text: try world.account(app, age: 5)]))
        let bench = try DistributionBench(world, cluster)
        let keys = try KeyPair.generate(.user)
        let creds = try world.user(of: app, keys: keys)
        bench.store(try world.account(app, revoked: [keys.publicKey]), for: app)
        await bench.untilComplete()
        // The server does not use the account: it loads what it was configured with, and is told at once.
        #expect(!cluster.servers[0].log.contains("revoked"))
        if try await bench.isLetIn(creds) {
            try await bench.until { try await !bench.isLetIn(creds) }
        }
        #expect(try await !bench.isLetIn(creds))
        await bench.end()
    }

    @Test func `full resolvers of a cluster all store what was accepted, and only the newest`() async throws {
        let cluster = try ResolverCluster(world, .full(deletes: true, interval: 3600), count: 3)
        let bench = try DistributionBench(world, cluster)
        let creds = try world.user(of: app)
        #expect(try await !bench.isLetIn(creds))
        var newest = ""
        for age in (0..<5).reversed() {
            newest = try world.account(app, age: age)
            bench.store(newest, for: app)
        }
        await bench.untilComplete()
        for index in 0..<3 {
            #expect(cluster.stored(app, at: index) == newest)
            #expect(try await bench.isLetIn(creds, to: index))
            await bench.until { bench.server("n\(index)")?.resolver == .full }
        }
        await bench.end()
    }

    @Test func `a cache that uses an account is told of its newest token`() async throws {
        let cluster = try ResolverCluster(world, .cache)
        let bench = try DistributionBench(world, cluster)
        let keys = try KeyPair.generate(.user)
        bench.store(try world.account(app, age: 5), for: app)
        await bench.untilComplete()
        // The cache asks for the account, and is answered from here.
        let creds = try world.user(of: app, keys: keys)
        try await bench.until { try await bench.isLetIn(creds) }
        let connection = try await bench.connect(creds)
        bench.store(try world.account(app, revoked: [keys.publicKey]), for: app)
        for await event in connection.events() { if case .closed = event { break } }
        #expect(try await !bench.isLetIn(try world.user(of: app, keys: keys)))
        await bench.until { bench.server("n0")?.resolver == .cache }
        await bench.end()
    }

    @Test func `a server that was killed during a push has the account after it returns`() async throws {
        let cluster = try ResolverCluster(world, .full(deletes: true, interval: 3600), count: 3)
        let bench = try DistributionBench(world, cluster)
        bench.store(try world.account(app, age: 5), for: app)
        await bench.untilComplete()
        try cluster.servers[2].kill()
        let (newest, other) = (try world.account(app), try KeyPair.generate(.account))
        bench.store(newest, for: app)
        bench.store(try world.account(other), for: other)
        await bench.untilComplete(2)
        #expect(cluster.stored(app, at: 2) != newest)
        try cluster.servers[2].restart()
        await bench.untilComplete(3)
        #expect(cluster.stored(app, at: 2) == newest)
        #expect(cluster.stored(other, at: 2) != nil)
        await bench.end()
    }

    @Test func `a server that stands still during a push has the account when it goes on`() async throws {
        let cluster = try ResolverCluster(world, .full(deletes: true, interval: 3600), count: 2)
        // Whoever connects to the server that stands still learns nothing of the other.
        let bench = try DistributionBench(world, cluster) { $0.connection.servers = [$0.connection.servers[0]] }
        await bench.untilComplete()
        try cluster.servers[1].freeze()
        let newest = try world.account(app)
        bench.store(newest, for: app)
        await bench.untilComplete(1)
        #expect(bench.distributor.report().servers.contains { $0.name == "n1" && $0.accountsBehind > 0 })
        try cluster.servers[1].thaw()
        await bench.untilComplete(2)
        #expect(cluster.stored(app, at: 1) == newest)
        await bench.end()
    }

    @Test func `servers that start after the upload, and a distributor that starts after it, miss nothing`()
        async throws
    {
        let cluster = try ResolverCluster(world, .full(deletes: true, interval: 3600))
        try cluster.servers[0].kill()
        let bench = try DistributionBench(world, cluster)
        var tokens: [(KeyPair, String)] = []
        for age in 0..<200 {
            let keys = try KeyPair.generate(.account)
            tokens.append((keys, try world.account(keys, age: age)))
            // Kept before the start: nobody says that it is new.
            bench.accounts.keep(tokens[age].1, for: keys, issuedAt: Int64(1000 - age))
        }
        await bench.until {
            if case .disconnected = bench.distributor.report().connection { true } else { false }
        }
        try cluster.servers[0].restart()
        await bench.untilComplete()
        #expect(tokens.count { cluster.stored($0.0, at: 0) == $0.1 } == tokens.count)
        await bench.end()
    }

    @Test func `an expired account is not told`() async throws {
        let cluster = try ResolverCluster(world, .full(deletes: true, interval: 3600))
        let bench = try DistributionBench(world, cluster)
        let token = try world.account(app, age: 100, expires: -50)
        bench.accounts.keep(token, for: app, expires: Int64(Date().timeIntervalSince1970) - 50)
        bench.distributor.stored(token, for: app.publicKey)
        await bench.untilComplete()
        #expect(cluster.stored(app, at: 0) == nil)
        await bench.end()
    }

    @Test func `the old form of an update is announced, and without a connection that is said`() async throws {
        let cluster = try ResolverCluster(world, .full(deletes: true, interval: 3600))
        let bench = try DistributionBench(world, cluster)
        await bench.untilComplete()
        let watcher = try await bench.connect(try world.user(of: world.system))
        let updates = try await watcher.subscribe(to: "$SYS.ACCOUNT.*.CLAIMS.UPDATE")
        try await watcher.flush(timeout: .seconds(60))
        let token = try world.account(app)
        bench.accounts.keep(token, for: app)
        try await bench.distributor.announce(token, for: app.publicKey)
        let update = try #require(try await updates.next())
        #expect(update.subject == "$SYS.ACCOUNT.\(app.publicKey).CLAIMS.UPDATE")
        #expect(update.payload == Array(token.utf8))
        await bench.end()
        await #expect(throws: DistributionFault("there is no connection to the servers")) {
            try await bench.distributor.announce(token, for: app.publicKey)
        }
    }
}
