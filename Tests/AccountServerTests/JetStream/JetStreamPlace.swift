import AccountServer
import Foundation
import NATSClient
import NKeys
import RealServers
import Trust

/// A bucket on real servers, where stores can be opened, one after the other or several at once.
final class JetStreamPlace: Sendable {
    let cluster: RealCluster
    let bucket: BucketSettings

    init(servers: Int) throws {
        cluster = try RealCluster(servers)
        var bucket = BucketSettings(name: "accounts", replicas: servers)
        bucket.heartbeat = .milliseconds(300)
        bucket.timeout = .seconds(1)
        bucket.patience = .seconds(60)
        self.bucket = bucket
    }

    /// A connection to the cluster that begins with this server.
    func connect(first: Int = 0) async throws -> NATSConnection {
        let count = cluster.servers.count
        let servers = try (0..<count).map { try ServerAddress(cluster.servers[(first + $0) % count].url) }
        var settings = ConnectionSettings(servers: servers, credentials: .fixed(try cluster.world.user()))
        settings.reconnection.firstWait = .milliseconds(10)
        settings.reconnection.longestWait = .milliseconds(200)
        settings.connectTimeout = .seconds(60)
        return try await NATSConnection.connect(settings)
    }

    /// A store with a connection of its own.
    func open(first: Int = 0) async throws -> JetStreamStore {
        try await JetStreamStore.open(bucket, on: connect(first: first))
    }

    /// What a server's own service for streams answers.
    @discardableResult
    func ask(_ subject: String, _ json: String = "") async throws -> [String: Any] {
        let answer = try await connect().request("$JS.API.\(subject)", payload: Array(json.utf8), timeout: .seconds(60))
        return try JSONSerialization.jsonObject(with: Data(answer.payload)) as? [String: Any] ?? [:]
    }

    /// The server that leads the bucket, and those that follow it.
    func roles() async throws -> (leader: ServerProcess, followers: [ServerProcess]) {
        while true {
            let answer = try await ask("STREAM.INFO.KV_accounts")
            guard let name = (answer["cluster"] as? [String: Any])?["leader"] as? String, let leader = cluster[name]
            else {
                await Task.yield()
                continue
            }
            return (leader, cluster.servers.filter { $0 !== leader })
        }
    }
}

enum SomeAccounts {
    static let keys: [StoreKey] = (0..<6).compactMap { _ in
        (try? KeyPair.generate(.account).publicKey).map { .account($0) }
    }
}
