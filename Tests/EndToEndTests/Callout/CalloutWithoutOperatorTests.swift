import Foundation
import NKeys
import RealServers
import Testing

/// `credence callout` in front of a real server that has its accounts in its own configuration.
@Suite(.serialized, .onOwnThread) struct CalloutWithoutOperatorTests {
    private struct World {
        let folder: TemporaryFolder
        let provider: OpenIDProvider
        let server: RealServer

        init(sealed: Bool, byKey: Bool = false) throws {
            folder = try TemporaryFolder()
            provider = try OpenIDProvider()
            let (issuer, curve, login) = (
                try KeyPair.generate(.account), try KeyPair.generate(.curve), try KeyPair.generate(.user)
            )
            for (name, keys) in [("issuer", issuer), ("curve", curve), ("login", login)] {
                try CalloutWorld.writeSeed(keys, to: folder.path("\(name).nk"))
            }
            let user = byKey ? "{nkey: \(login.publicKey)}" : "{user: service, password: \"s3cret\"}"
            let name = byKey ? login.publicKey.text : "service"
            try folder.write(
                """
                accounts {
                  AUTH: { users: [ \(user) ] }
                  APP: { users: [ {user: glass, password: "break"} ] }
                  SYS: {}
                }
                system_account: SYS
                authorization {
                  timeout: 8
                  auth_callout {
                    issuer: \(issuer.publicKey), auth_users: [ \(name), glass ], account: AUTH
                    \(sealed ? "xkey: \(curve.publicKey)" : "")
                  }
                }
                """, to: "server.conf")
            server = try RealServer(configuration: folder.path("server.conf"))
            try folder.write("s3cret\n", to: "password")
            var callout: [String: Any] = [
                "account": issuer.publicKey.text, "server": server.url, "time_limit": 7000,
            ]
            if byKey {
                callout["nkey"] = "login.nk"
            } else {
                (callout["user"], callout["password_file"]) = ("service", "password")
            }
            if sealed { callout["xkey"] = "curve.nk" }
            let role: [String: Any] = [
                "name": "team", "issuer": provider.issuer, "claims": ["groups": "teams"], "server_account": "APP",
                "signing_key": issuer.publicKey.text,
                "permissions": [
                    "pub": ["allow": ["orders.>", "$SYS.REQ.USER.INFO"]], "sub": ["allow": ["orders.>", "_INBOX.>"]],
                ],
            ]
            let configuration: [String: Any] = [
                "issuers": [
                    [
                        "issuer": provider.issuer, "audiences": ["credence"], "algorithms": ["ES256"],
                        "keys": ["discovery": true],
                    ]
                ],
                "signing_keys": ["issuer.nk"], "roles": [role], "callout": callout,
            ]
            try JSONSerialization.data(withJSONObject: configuration).write(
                to: URL(fileURLWithPath: folder.path("identity.json")))
        }

        func client(_ options: [String: Any]) throws -> CalloutClient { try CalloutClient(url: server.url, options) }
    }

    @Test(arguments: [(true, false), (false, false), (true, true)])
    func `a client with a token comes to the account of that name, and whoever has none does not`(
        sealed: Bool, byKey: Bool
    ) throws {
        let world = try World(sealed: sealed, byKey: byKey)
        let service = try CalloutProcess(world.folder.path("identity.json"))
        let token = try world.provider.mint(claims: ["groups": "teams"])
        let member = try world.client(["auth_token": token])
        #expect(member.isIn, "\(service.log.text) \(world.server.logText)")
        #expect(try member.identity()["account"] as? String == "APP")
        #expect(try member.mayPublish("orders.new"))
        #expect(try !member.mayPublish("other"))
        #expect(try !member.maySubscribe(">"))
        let violation = "-ERR 'Authorization Violation'"
        #expect(try world.client(["auth_token": world.provider.mint(claims: ["groups": "x"])]).answer == violation)
        #expect(try world.client([:]).answer == violation)
        #expect(service.says("rules=X-role"))
        let outcomes = try RealClient.log(
            in: [
                .init(subject: "orders.x", token: token), .init(subject: "orders.x", token: "none"),
                .init(subject: "x", user: "glass", password: "break"),
            ], to: world.server.url)
        #expect(outcomes.map(\.connected) == [true, false, true], "\(outcomes)")
        try service.end(SIGKILL)
        #expect(try world.client(["user": "glass", "pass": "break"]).isIn)
        #expect(try world.client(["auth_token": token]).answer.hasPrefix("-ERR 'Auth"))
    }
}
