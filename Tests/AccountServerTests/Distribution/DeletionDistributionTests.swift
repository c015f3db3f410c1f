import NATSClient
import NKeys
import RealServers
import Testing

@testable import AccountServer

/// Deleted accounts go from real servers, and stay away.
@Suite(.serialized, .onOwnThread) struct DeletionDistributionTests {
    private let world: DistributionWorld
    private let app: KeyPair

    init() throws {
        world = try DistributionWorld()
        app = try .generate(.account)
    }

    @Test func `a deleted account goes from every server, one that was away included, and does not come back`()
        async throws
    {
        let cluster = try ResolverCluster(world, .full(deletes: true, interval: 3600), count: 2)
        let bench = try DistributionBench(world, cluster) { $0.comparisonInterval = .milliseconds(300) }
        bench.store(try world.account(app), for: app)
        await bench.untilComplete()
        let creds = try world.user(of: app)
        #expect(try await bench.isLetIn(creds))

        try cluster.servers[1].kill()
        bench.accounts.keep(nil, for: app)
        bench.distributor.deleted([app.publicKey], by: try world.deletion(of: [app]))
        await bench.until { cluster.stored(app, at: 0) == nil }
        await bench.untilComplete(1)
        #expect(try await !bench.isLetIn(creds))
        #expect(cluster.stored(app, at: 1) != nil)

        try cluster.servers[1].restart()
        await bench.until { cluster.stored(app, at: 1) == nil }
        await bench.untilComplete(2)
        #expect(cluster.stored(app, at: 0) == nil)
        #expect(bench.accounts.account(for: app.publicKey) == nil)
        await bench.end()
    }

    @Test func `a server that deletes nothing is reported, and asked again`() async throws {
        let cluster = try ResolverCluster(world, .full(deletes: false, interval: 3600))
        let bench = try DistributionBench(world, cluster)
        bench.store(try world.account(app), for: app)
        await bench.untilComplete()
        bench.accounts.keep(nil, for: app)
        bench.distributor.deleted([app.publicKey], by: try world.deletion(of: [app]))
        await bench.until { bench.server("n0")?.lastFault?.contains("delete must be enabled") == true }
        #expect(bench.distributor.report().deletionsWaiting == 1)
        #expect(!bench.distributor.report().isComplete)
        let count = bench.log.text.components("a server did not delete")
        await bench.until { bench.log.text.components("a server did not delete") > count }
        await bench.end()
    }

    @Test func `a deletion that names an account which is kept waits until it is not`() async throws {
        let cluster = try ResolverCluster(world, .full(deletes: true, interval: 3600))
        let bench = try DistributionBench(world, cluster)
        let other = try KeyPair.generate(.account)
        for keys in [app, other] { bench.store(try world.account(keys), for: keys) }
        await bench.untilComplete()
        bench.accounts.keep(nil, for: app)
        bench.distributor.deleted([app.publicKey], by: try world.deletion(of: [app, other]))
        await bench.until { bench.log.text.contains("it names an account that is kept") }
        #expect(cluster.stored(app, at: 0) != nil)
        bench.accounts.keep(nil, for: other)
        await bench.until { cluster.stored(app, at: 0) == nil && cluster.stored(other, at: 0) == nil }
        await bench.end()
    }

    @Test func `an account that is stored again after its deletion stays`() async throws {
        let cluster = try ResolverCluster(world, .full(deletes: true, interval: 3600))
        let bench = try DistributionBench(world, cluster) { $0.comparisonInterval = .milliseconds(300) }
        bench.store(try world.account(app, age: 5), for: app)
        await bench.untilComplete()
        bench.accounts.keep(nil, for: app)
        bench.distributor.deleted([app.publicKey], by: try world.deletion(of: [app]))
        await bench.until { cluster.stored(app, at: 0) == nil }
        let again = try world.account(app)
        bench.store(again, for: app)
        await bench.untilComplete()
        try cluster.servers[0].kill()
        try cluster.servers[0].restart()
        await bench.untilComplete()
        #expect(cluster.stored(app, at: 0) == again)
        #expect(try await bench.isLetIn(try world.user(of: app)))
        await bench.end()
    }
}

extension String {
    /// How often a text occurs in it.
    fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
