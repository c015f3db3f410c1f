import Broker
import Foundation
import NKeys
import RealServers
import Testing
import Trust

@testable import CredenceCLI

/// `resolver { type: jetstream }`: the bucket of an account server, on a real server.
@Suite(.timeLimit(.minutes(5)), .onOwnThread) struct BucketAuthorityTests {
    let world: AuthorityWorld
    let cluster: RealCluster
    private let creds: String

    init() throws {
        (world, cluster) = (try AuthorityWorld(), try RealCluster(1))
        let user = try cluster.world.user()
        creds = world.folder.path("bucket.creds")
        try CredentialsFile.render(token: user.token, seed: user.seed).withUnsafeBytes { bytes in
            try Data(bytes).write(to: URL(fileURLWithPath: world.folder.path("bucket.creds")))
        }
    }

    private func resolver(_ rest: String = "") -> String {
        "{ type: jetstream, servers: ['\(cluster.servers[0].url)'], creds: '\(creds)', replicas: 1 \(rest) }"
    }

    @Test func `what one writer accepts another broker sees at once, and a deletion too`() async throws {
        let writer = try await world.open(resolver(", dir: '\(world.folder.path("journal"))'"))
        #expect(writer.services == [.lookup, .list, .pack, .update, .updateOfAccount, .delete])
        #expect(await writer.push(try world.token) == "jwt updated")
        let reader = try await world.open(resolver())
        #expect(reader.services == [.lookup, .list, .pack])
        #expect(try await reader.token(of: world.account) == world.token)
        let changes = reader.changes()
        let newer = try world.version(5)
        #expect(await writer.push(newer) == "jwt updated")
        #expect(await changes.next(1) == ["\(world.account) \(newer)"])
        #expect(await writer.push(try world.version(3)) == "U-stale")
        #expect(await writer.delete(try world.deletion(at: 6)) == "deleted 1 accounts")
        #expect(await changes.next(1) == ["\(world.account) -"])
        #expect(await reader.accounts() == [])
        await writer.close()
        await reader.close()
    }

    @Test func `servers that cannot be reached are told of`() async throws {
        let text = "{ type: jetstream, servers: [nats://127.0.0.1:1], creds: '\(creds)' }"
        let failure = await #expect(throws: CommandFailure.self) { try await world.open(text) }
        #expect(failure?.status == .inputOutput && failure?.hint?.contains("servers") == true)
    }
}
