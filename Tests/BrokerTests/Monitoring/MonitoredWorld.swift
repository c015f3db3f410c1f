import Foundation
import NATSClient
import NKeys
import RealServers
import Subjects
import Trust

/// A real server with monitoring, two accounts of which one imports a private service, and clients of both: what its pages
/// show then is what there is to compare with.
struct MonitoredWorld {
    let port: Int
    let app: PublicKey
    let service: PublicKey
    private let server: ServerProcess
    private let folder: ScratchFolder
    private let connections: [NATSConnection]
    private let subscription: NATSClient.Subscription

    init() async throws {
        let time = Int64(Date().timeIntervalSince1970)
        guard let now = UnixTime(time) else { throw ServerFault("no time") }
        let keys: [KeyPair] = [
            try .generate(.operator), try .generate(.account), try .generate(.account), try .generate(.account),
        ]
        let (system, service, app) = (keys[1], keys[2], keys[3])
        var claims = OperatorClaims(subject: keys[0].publicKey, name: "OP")
        claims.systemAccount = system.publicKey
        let signer = TokenSigner(keys[0])
        let operatorToken = try signer.sign(claims, at: now)
        var exporter = AccountClaims(subject: service.publicKey, name: "SERVICE")
        var export = Export.service(try SubjectPattern("service.echo"))
        export.tokenRequired = true
        exporter.exports = [export]
        let exporterToken = try signer.sign(exporter, under: operatorToken, at: now)
        var item = Import(subject: export.subject, account: service.publicKey, kind: .service)
        item.localSubject = "echo"
        item.token = try TokenSigner(service).sign(
            ActivationClaims(importer: app.publicKey, subject: export.subject, kind: .service),
            exportedBy: exporterToken, under: operatorToken, at: now
        ).text
        var importer = AccountClaims(subject: app.publicKey, name: "APP")
        importer.imports = [item]
        let importerToken = try signer.sign(importer, under: operatorToken, at: now)
        let systemToken = try signer.sign(
            AccountClaims.system(subject: system.publicKey), under: operatorToken, at: now)

        port = try freePorts(1)[0]
        folder = try ScratchFolder()
        let configuration = """
            server_name: "compared"
            authorization { timeout: 60 }
            http: "127.0.0.1:\(port)"
            operator: \(operatorToken.text)
            system_account: \(system.publicKey.text)
            resolver: MEMORY
            resolver_preload: {
              \(system.publicKey.text): \(systemToken.text)
              \(service.publicKey.text): \(exporterToken.text)
              \(app.publicKey.text): \(importerToken.text)
            }
            """
        server = try ServerProcess(configuration: try folder.write(configuration, to: "server.conf"))
        (self.app, self.service) = (app.publicKey, service.publicKey)
        var connections: [NATSConnection] = []
        for (account, token) in [(service, exporterToken), (app, importerToken), (app, importerToken)] {
            let user = try KeyPair.generate(.user)
            let userToken = try TokenSigner(account).sign(
                UserClaims(subject: user.publicKey, name: "user"), for: token, under: operatorToken, at: now)
            let creds = try CredentialsFile(
                parsing: try CredentialsFile.render(token: Array(userToken.text.utf8), seed: user.seed))
            var settings = ConnectionSettings(servers: [try ServerAddress(server.url)], credentials: .fixed(creds))
            settings.name = "compared"
            settings.connectTimeout = .seconds(600)
            connections.append(try await NATSConnection.connect(settings))
        }
        self.connections = connections
        subscription = try await connections[0].subscribe(to: "service.echo", queue: "workers")
        for connection in connections { try await connection.flush(timeout: .seconds(600)) }
        await connections[2].drain()
        // The server reads the end of a connection when it comes to it.
        for _ in 0..<6000 {
            let page = await HTTPExchange.get("/connz?state=closed", port: port)
            let object = try page.map { try JSONSerialization.jsonObject(with: Data($0.body)) }
            if ((object as? [String: Any])?["num_connections"] as? Int ?? 0) > 0 { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw ServerFault("the server does not tell of the closed connection")
    }

    func close() { for connection in connections { connection.close() } }

    /// What a page answers.
    func page(_ target: String) async -> HTTPExchange.Answer? { await HTTPExchange.get(target, port: port) }
}
