/// Servers that keep streams together.
public final class RealCluster: Sendable {
    /// Whom the servers trust.
    public let world: OperatorWorld
    /// The servers, in the order of their names.
    public let servers: [ServerProcess]
    private let folder: ScratchFolder

    /// Starts a cluster; one server by itself where `count` is 1. Returns when every server takes connections, which is
    /// before they have agreed on a leader.
    public init(_ count: Int = 3) throws {
        world = try OperatorWorld()
        folder = try ScratchFolder()
        let ports = try freePorts(count * 2)
        let routes = ports[count...].map { "nats://127.0.0.1:\($0)" }.joined(separator: ", ")
        var servers: [ServerProcess] = []
        for index in 0..<count {
            var text = world.serverConfiguration + "\nserver_name: n\(index)\n"
            text += "jetstream { store_dir: \"\(folder.path("store\(index)"))\" }\n"
            if count > 1 {
                text +=
                    "cluster { name: credence, listen: \"127.0.0.1:\(ports[count + index])\", routes: [\(routes)] }\n"
            }
            let file = try folder.write(text, to: "server\(index).conf")
            servers.append(try ServerProcess(configuration: file, port: ports[index]))
        }
        self.servers = servers
    }

    /// The server of this name.
    public subscript(_ name: String) -> ServerProcess? {
        guard name.hasPrefix("n"), let index = Int(name.dropFirst()), servers.indices.contains(index) else {
            return nil
        }
        return servers[index]
    }
}
