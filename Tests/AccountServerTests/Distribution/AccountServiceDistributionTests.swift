import NKeys
import RealServers
import Testing
import Trust

@testable import AccountServer

/// From an upload to a client that is let in, with nothing made up in between.
@Suite(.serialized, .onOwnThread) struct AccountServiceDistributionTests {
    @Test func `an upload that is accepted lets users in, and a deletion throws them out`() async throws {
        let world = try DistributionWorld()
        let (app, caller) = (try KeyPair.generate(.account), Caller(address: "127.0.0.1"))
        let cluster = try ResolverCluster(world, .full(deletes: true, interval: 3600), count: 2)
        let log = KeptLog()
        let distributor = try DistributionBench.distributor(world, cluster, log: log)
        let folder = try ScratchFolder()
        let journal = try await JournalFolder.open(at: folder.path("journal"))
        let settings = AccountServiceSettings(
            operatorToken: world.operatorToken, verifier: TokenVerifier(), clock: ServerClock.system.now)
        let service = try await AccountService.start(
            settings, store: MemoryStore(), journal: journal, distributor: distributor, logger: log.logger)
        let bench = try DistributionBench(world, cluster, serving: service, distributor: distributor, log: log)
        let creds = try world.user(of: app)

        let token = try world.account(app)
        let answer = await service.upload(
            Upload(path: app.publicKey.text, token: Array(token.utf8), caller: caller))
        guard case .accepted = answer else {
            Issue.record("\(answer)")
            return
        }
        await bench.untilComplete()
        for index in 0..<2 { #expect(try await bench.isLetIn(creds, to: index)) }
        #expect(cluster.stored(app, at: 1) == token)

        let foreign = try world.account(app, by: try .generate(.operator))
        guard
            case .refused = await service.upload(
                Upload(path: app.publicKey.text, token: Array(foreign.utf8), caller: caller))
        else {
            Issue.record("a foreign token was accepted")
            return
        }
        let connection = try await bench.connect(creds)
        let deletion = await service.delete(
            app.publicKey.text, by: Array(try world.deletion(of: [app]).utf8), caller: caller)
        guard case .accepted = deletion else {
            Issue.record("\(deletion)")
            return
        }
        for await event in connection.events() { if case .closed = event { break } }
        await bench.untilComplete()
        for index in 0..<2 {
            #expect(cluster.stored(app, at: index) == nil)
            #expect(try await !bench.isLetIn(creds, to: index))
        }
        await bench.end()
        await service.close()
    }
}
