import Foundation
import NKeys
import RealServers
import Testing

/// `credence login` against an issuer, a real account server with a token endpoint, and the real nats-server.
@Suite(.timeLimit(.minutes(5)), .onOwnThread) struct LoginCommandTests {
    let world: ServedWorld
    let provider: OpenIDProvider
    let server: AccountServerProcess

    init() throws {
        world = try ServedWorld()
        provider = try OpenIDProvider()
        let account = try world.deployment.keys(ofSubjectOf: world.deployment.accountToken("A"))
        let seed = try world.write(account.seed, to: "account.nk")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: seed)
        let key = account.publicKey.text
        try world.deployment.folder.write(
            """
            {"names": ["https://accounts.example.com"],
             "audiences": [{"name": "orders", "description": "orders"}, {"name": "stock", "description": "stock"}],
             "issuers": [{"issuer": "\(provider.issuer)", "audiences": ["credence"], "algorithms": ["ES256"],
                          "keys": {"discovery": true}, "tokens": "access"}],
             "signing_keys": ["account.nk"],
             "roles": [{"name": "people", "issuer": "\(provider.issuer)", "audiences": ["orders"], "account": "\(key)",
                        "signing_key": "\(key)", "lifetime": 600,
                        "permissions": {"pub": {"allow": ["orders.>"]}, "sub": {"allow": ["orders.>"]}}}]}
            """, to: "identity.json")
        server = try AccountServerProcess(world.arguments() + ["--identity", world.data("identity.json")])
        let reply = try server.upload(world.deployment.accountToken("A"))
        guard reply.status == 200 else { throw Fault("the account is refused: \(reply.body)") }
    }

    private func login(_ arguments: String..., audience: String = "orders", output: String) throws -> Program {
        try Program.credence(
            [
                "login", "--server", "http://127.0.0.1:\(server.port)", "--service", "https://accounts.example.com",
                "--audience", audience, "-o", world.data(output),
            ] + arguments)
    }

    @Test func `creds of a login connect, with what was asked for and nothing more`() throws {
        let provider = provider
        Thread.detachNewThread {
            guard let code = try? provider.awaitedUserCode() else { return }
            _ = try? provider.ask("/approve", ["user_code": code])
        }
        let device = try login(
            "--issuer", provider.issuer, "--client-id", "credence-cli", "--lifetime", "4m", output: "whole.creds")
        #expect(device.status == 0, "\(device.errors)")
        try world.deployment.folder.write(try provider.mint(), to: "token")
        let file = try login(
            "--token-file", world.data("token"), "--scope", "pub:orders.eu", "--scope", "sub:orders.eu",
            output: "narrow.creds")
        #expect(file.status == 0, "\(file.errors)")
        // Creds of an operator's own making are for nobody in particular; those of a login are for their audience alone.
        let worker = try world.deployment.addUser("worker", to: "A", "--allow-pubsub", "orders.>")
        let ours = try login("--creds", worker, "--scope", "pub:orders.eu sub:orders.eu", output: "own.creds")
        #expect(ours.status == 0, "\(ours.errors)")
        let again = try login("--creds", world.data("whole.creds"), output: "again.creds")
        #expect(again.status == 1 && again.errors.contains("C-user-audience"), "\(again.errors)")
        let real = try RealServer(configuration: world.deployment.configuration())
        let logins = [
            ("whole.creds", "orders.us", true), ("whole.creds", "stock.us", false), ("narrow.creds", "orders.eu", true),
            ("narrow.creds", "orders.us", false), ("own.creds", "orders.eu", true), ("own.creds", "orders.us", false),
        ]
        let outcomes = try RealClient.log(in: logins.map { (creds: world.data($0.0), subject: $0.1) }, to: real)
        for (login, outcome) in zip(logins, outcomes) {
            #expect((outcome.received != nil) == login.2, "\(login): \(outcome.error ?? "")")
        }
    }

    @Test func `more than there is, another's audience and a longer life are refused by their rules`() throws {
        try world.deployment.folder.write(try provider.mint(), to: "token")
        let token = world.data("token")
        for (arguments, audience, rule) in [
            (["--scope", "pub:stock.>"], "orders", "X-scope"), ([], "stock", "X-audience"),
            (["--lifetime", "2h"], "orders", "X-lifetime"),
        ] {
            let run = try Program.credence(
                [
                    "login", "--server", "http://127.0.0.1:\(server.port)", "--service", "https://accounts.example.com",
                    "--audience", audience, "-o", world.data("none.creds"), "--token-file", token,
                ] + arguments)
            #expect(run.status == 1 && run.errors.contains(rule), "\(rule): \(run.errors)")
        }
        let unknown = try login("--token-file", token, audience: "billing", output: "none.creds")
        #expect(unknown.status == 66 && unknown.errors.contains("it knows `orders`, `stock`"))
        let service = try Program.credence([
            "login", "--server", "http://127.0.0.1:\(server.port)", "--audience", "orders", "-o",
            world.data("none.creds"), "--token-file", token,
        ])
        #expect(service.status == 1 && service.errors.contains("X-proof") && service.errors.contains("--service"))
        #expect(!FileManager.default.fileExists(atPath: world.data("none.creds")))
    }
}
