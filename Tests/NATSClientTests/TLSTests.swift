import NATSClient
import NKeys
import RealServers
import Testing

/// TLS with the real server, and certificates of a root made for the test.
@Suite(.onOwnThread) struct TLSTests {
    private let world: OperatorWorld
    private let folder: ScratchFolder
    private let server: ServerProcess

    init() throws { try self.init(names: "DNS:localhost", "") }

    private init(names: String, _ extra: String) throws {
        (world, folder) = (try OperatorWorld(), try ScratchFolder())
        for name in ["root", "other"] {
            try runProgram(
                "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=\(name)", "-keyout", folder.path("\(name).key"), "-out", folder.path("\(name).pem"),
                ])
        }
        for (name, alternative) in [("server", names), ("client", "DNS:client")] {
            try runProgram(
                "openssl",
                [
                    "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)",
                    "-keyout", folder.path("\(name).key"), "-out", folder.path("\(name).csr"),
                ])
            let extensions = try folder.write("subjectAltName=\(alternative)\n", to: "\(name).ext")
            try runProgram(
                "openssl",
                [
                    "x509", "-req", "-in", folder.path("\(name).csr"), "-CA", folder.path("root.pem"), "-CAkey",
                    folder.path("root.key"), "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out",
                    folder.path("\(name).pem"),
                ])
        }
        let tls = """

            tls {
              cert_file: "\(folder.path("server.pem"))"
              key_file: "\(folder.path("server.key"))"
              ca_file: "\(folder.path("root.pem"))"
              timeout: 60
              \(extra)
            }
            """
        server = try ServerProcess(configuration: try folder.write(world.serverConfiguration + tls, to: "server.conf"))
    }

    private func connect(
        _ host: String = "127.0.0.1", scheme: String = "nats", roots: String? = "root.pem",
        _ change: (inout TLSSettings) -> Void = { _ in }
    ) async throws -> NATSConnection {
        var tls = TLSSettings()
        if let roots { tls.roots = .file(folder.path(roots)) }
        change(&tls)
        let address = try ServerAddress("\(scheme)://\(host):\(server.port)")
        var settings = ConnectionSettings(servers: [address], credentials: .fixed(try world.user()), tls: tls)
        settings.connectTimeout = .seconds(60)
        return try await NATSConnection.connect(settings)
    }

    private func expectTLSFault(_ body: () async throws -> NATSConnection) async {
        do {
            _ = try await body()
            Issue.record("connected")
        } catch {
            guard case NATSFault.tls = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test func `a server is trusted for its root and its name`() async throws {
        for scheme in ["nats", "tls"] {
            let connection = try await connect("localhost", scheme: scheme)
            try await connection.flush(timeout: .seconds(60))
        }
        let named = try await connect { $0.serverName = "localhost" }
        try await named.flush(timeout: .seconds(60))
        await expectTLSFault { try await connect() }
        await expectTLSFault { try await connect("localhost", roots: "other.pem") }
        await expectTLSFault { try await connect("localhost", roots: nil) }
        await expectTLSFault { try await connect("localhost", roots: "missing.pem") }
        await expectTLSFault { try await connect("localhost") { $0.serverName = "elsewhere.example" } }
    }

    @Test func `a server without TLS is left when TLS is asked for`() async throws {
        let plain = try ServerProcess(configuration: try folder.write(world.serverConfiguration, to: "plain.conf"))
        var settings = ConnectionSettings(
            servers: [try ServerAddress("tls://\(plain.address)")], credentials: .fixed(try world.user()))
        settings.connectTimeout = .seconds(60)
        await expectTLSFault { try await NATSConnection.connect(settings) }
    }

    @Test func `a server that asks for the client's certificate gets it, in TLS from the first byte`() async throws {
        let strict = try TLSTests(names: "IP:127.0.0.1", "verify: true, handshake_first: true")
        let identity = TLSSettings.ClientCertificate(
            certificates: strict.folder.path("client.pem"), key: strict.folder.path("client.key"))
        let connection = try await strict.connect {
            $0.start = .atOnce
            $0.identity = identity
        }
        try await connection.flush(timeout: .seconds(60))
        await #expect(throws: NATSFault.self) { try await strict.connect { $0.start = .atOnce } }
        await expectTLSFault {
            try await strict.connect {
                $0.start = .atOnce
                $0.identity = .init(certificates: identity.certificates, key: strict.folder.path("server.key"))
            }
        }
    }
}
