import Broker
import NATSClient
import NKeys
import RealServers
import Testing

/// TLS with a client of the field's habits, and certificates of a root made for the test.
@Suite(.onOwnThread) struct TLSTests {
    private let world: BrokerWorld
    private let account: KeyPair
    private let folder: ScratchFolder

    init() throws {
        (world, folder) = (try BrokerWorld(), try ScratchFolder())
        account = try world.account("APP")
        for name in ["root", "other"] {
            try runProgram(
                "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=\(name)", "-keyout", folder.path("\(name).key"), "-out", folder.path("\(name).pem"),
                ])
        }
        for name in ["localhost", "client"] {
            try runProgram(
                "openssl",
                [
                    "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)",
                    "-keyout", folder.path("\(name).key"), "-out", folder.path("\(name).csr"),
                ])
            let extensions = try folder.write("subjectAltName=DNS:\(name)\n", to: "\(name).ext")
            try runProgram(
                "openssl",
                [
                    "x509", "-req", "-in", folder.path("\(name).csr"), "-CA", folder.path("root.pem"), "-CAkey",
                    folder.path("root.key"), "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out",
                    folder.path("\(name).pem"),
                ])
        }
    }

    private func broker(_ edit: (inout BrokerTLS) -> Void = { _ in }) async throws -> MessageBroker {
        var tls = BrokerTLS(certificateChain: folder.path("localhost.pem"), privateKey: folder.path("localhost.key"))
        edit(&tls)
        return try await world.broker { $0.tls = tls }
    }

    private func connect(
        to broker: MessageBroker, _ edit: (inout TLSSettings) -> Void = { _ in }
    ) async throws -> NATSConnection {
        var tls = TLSSettings()
        tls.roots = .file(folder.path("root.pem"))
        edit(&tls)
        let address = try ServerAddress("tls://localhost:\(try #require(broker.port))")
        var settings = ConnectionSettings(
            servers: [address], credentials: .fixed(try world.user(of: account)), tls: tls)
        settings.connectTimeout = .seconds(600)
        return try await NATSConnection.connect(settings)
    }

    @Test func `TLS begins after INFO, or with the first byte`() async throws {
        for (beginning, start) in [
            (BrokerTLS.Beginning.afterInfo, TLSSettings.Start.afterAnnouncement), (.first, .atOnce),
        ] {
            let broker = try await broker { $0.beginning = beginning }
            let client = try await connect(to: broker) { $0.start = start }
            let heard = try await client.subscribe(to: "a")
            // Longer than a record of TLS, so that it comes in parts.
            let payload = [UInt8](repeating: 7, count: 100_000)
            try await client.publish("a", payload: payload)
            #expect(try await heard.next()?.payload == payload)
            await broker.stop()
        }
    }

    @Test func `whoever goes on in the clear is not let in, unless that is allowed`() async throws {
        let strict = try await broker()
        await #expect(throws: (any Error).self) { try await world.connect(try world.user(of: account), to: strict) }
        await strict.stop()
        let lax = try await broker { $0.clearText = .allowed }
        let clear = try await world.connect(try world.user(of: account), to: lax)
        try await clear.flush(timeout: .seconds(600))
        let secured = try await connect(to: lax)
        try await secured.flush(timeout: .seconds(600))
        await lax.stop()
    }

    @Test func `a client's certificate is demanded, and must be of the authority`() async throws {
        let broker = try await broker { $0.clientCertificates = .required(authorities: folder.path("root.pem")) }
        let identity = TLSSettings.ClientCertificate(
            certificates: folder.path("client.pem"), key: folder.path("client.key"))
        let client = try await connect(to: broker) { $0.identity = identity }
        try await client.flush(timeout: .seconds(600))
        await #expect(throws: (any Error).self) { try await connect(to: broker) }
        let stranger = TLSSettings.ClientCertificate(
            certificates: folder.path("other.pem"), key: folder.path("other.key"))
        await #expect(throws: (any Error).self) { try await connect(to: broker) { $0.identity = stranger } }
        await broker.stop()
    }

    @Test func `files that do not fit are named, and the broker does not start`() async throws {
        let fault = await #expect(throws: MessageBroker.StartFault.self) {
            try await broker { $0.privateKey = folder.path("nothing.key") }
        }
        #expect(fault?.description.contains("nothing.key") == true)
    }
}
