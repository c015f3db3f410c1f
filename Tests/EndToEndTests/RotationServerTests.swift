import Foundation
import NKeys
import RealServers
import Testing

/// Rotations under servers that run: clients stay connected, nothing is started again, and once a rotation is finished
/// nobody takes what the old key signed.
@Suite(.timeLimit(.minutes(5)), .onOwnThread) struct RotationServerTests {
    let deployment: Deployment
    let creds: String

    init() throws {
        deployment = try Deployment("--generate-signing-key")
        try Program.credenceSucceeds(
            ["add", "account", "--name", "A", "--generate-signing-key", "-H", deployment.folder.path])
        creds = try deployment.addUser("one", to: "A")
    }

    private func rotate(_ arguments: String...) throws {
        try Program.credenceSucceeds(["rotate"] + arguments + ["-H", deployment.folder.path])
    }

    /// A copy of the creds as they are now.
    private func kept(_ name: String) throws -> String {
        try deployment.folder.write(try String(contentsOfFile: creds, encoding: .utf8), to: name)
        return deployment.folder.path(name)
    }

    /// Writes the configuration anew in place of the one that a server runs on.
    private func configure(_ path: String) throws {
        try Program.credenceSucceeds(
            ["generate", "config", "--mem-resolver", "--force", "--config-file", path, "-H", deployment.folder.path])
    }

    private func isLetIn(_ creds: String, at url: String) throws -> Bool {
        try RealClient.log(in: [(creds: creds, subject: "hello")], to: url)[0].received == "a message"
    }

    @Test func `the real server takes an account's rotated key by a reload, and clients stay until the old one goes`()
        throws
    {
        let path = try deployment.configuration()
        let server = try RealServer(configuration: path)
        let client = try ConnectedClient(creds: creds, url: server.url)
        let old = try kept("old.creds")
        #expect(try isLetIn(old, at: server.url))
        try rotate("start", "account", "-a", "A", "--overlap", "0")
        let new = try kept("new.creds")
        try configure(path)
        try server.hangUp()
        #expect(server.says("Reloaded server configuration"), "\(server.logText)")
        try client.exchange()
        #expect(try isLetIn(old, at: server.url) && isLetIn(new, at: server.url), "both keys hold")
        try rotate("finish")
        try configure(path)
        try server.hangUp()
        #expect(server.says("Reloaded server configuration", times: 2), "\(server.logText)")
        #expect(try !isLetIn(old, at: server.url), "a token of the old key is refused")
        #expect(try isLetIn(new, at: server.url))
        try client.isPutOut()
    }

    @Test func `the real server takes an operator's rotated key at its next start alone, and serves on until then`()
        throws
    {
        let path = try deployment.configuration()
        let server = try RealServer(configuration: path)
        let client = try ConnectedClient(creds: creds, url: server.url)
        try rotate("start", "operator", "--overlap", "0")
        try configure(path)
        try server.hangUp()
        // Docs/Operations.md says so: were it to reload one day, the way there could be shorter.
        #expect(server.says("config reload not supported for TrustedOperators"), "\(server.logText)")
        try client.exchange()
        #expect(try isLetIn(creds, at: server.url), "with the accounts that it has")
        let restarted = try RealServer(configuration: path)
        #expect(try isLetIn(creds, at: restarted.url), "accounts that the new key has signed")
        try rotate("finish")
        try configure(path)
        let last = try RealServer(configuration: path)
        #expect(try isLetIn(creds, at: last.url), "the old key is gone")
    }

    @Test func `our broker takes rotated keys of operator and account by a hang-up, and clients stay`() throws {
        let path = try deployment.configuration()
        let broker = try BrokerProcess(configuration: path)
        let url = try broker.url
        let client = try ConnectedClient(creds: creds, url: url)
        let old = try kept("old.creds")
        var reloads = 0
        func reload() throws {
            try configure(path)
            broker.signal(SIGHUP)
            reloads += 1
            let count = reloads
            let isDone = broker.log.wait {
                $0.ranges(of: "the configuration was read again").count >= count ? true : nil
            }
            #expect(isDone == true, "\(broker.log.text)")
        }
        try rotate("start", "account", "-a", "A", "--overlap", "0")
        let new = try kept("new.creds")
        try reload()
        try client.exchange()
        #expect(try isLetIn(old, at: url) && isLetIn(new, at: url), "both keys hold")
        try rotate("start", "operator", "--overlap", "0")
        try reload()
        try client.exchange()
        let key = try #require(try TokenText(deployment.accountToken("A")).payload["iss"] as? String)
        let retired = try #require(
            (try TokenText(deployment.operatorToken())["signing_keys"] as? [String])?.first { $0 != key })
        try rotate("finish", "--key", retired)
        try reload()
        try client.exchange()
        #expect(try isLetIn(old, at: url) && isLetIn(new, at: url))
        try rotate("finish")
        try reload()
        #expect(try !isLetIn(old, at: url), "a token of the old key is refused")
        #expect(try isLetIn(new, at: url))
        try client.isPutOut()
    }

    @Test func `our account server takes the operator's new token by upload, and then what the new key signs`() throws {
        try deployment.folder.write(
            try
                #"{"credentials": [{"name": "ops", "bearer_sha256": "\#(Self.hash("secret"))", "allows": ["upload", "operator"]}]}"#,
            to: "credentials.json")
        let server = try AccountServerProcess([
            "--operator", deployment.folder.path("OP/OP.jwt"), "--data", deployment.folder.path("data"),
            "--credentials", deployment.folder.path("credentials.json"), "--restrict", "operator",
            "--accept-operator-uploads",
        ])
        let before = try deployment.accountToken("A")
        #expect(try server.upload(before).status == 200)
        // The copy of the operator's token that the server was started with stays as it is.
        let bearer = ["Authorization": "Bearer secret"]
        try rotate("start", "operator", "--overlap", "0")
        let after = try deployment.accountToken("A")
        #expect(try server.upload(after).rules.contains("U-signer"), "the key is not known yet")
        let reply = try server.ask("POST", "/jwt/v1/operator", headers: bearer, body: deployment.operatorToken())
        #expect(reply.status == 200, "\(reply.body)")
        #expect(try server.upload(after).status == 200)
        let key = try #require(try TokenText(after).payload["sub"] as? String)
        #expect(try server.token(of: key) == after)
        try rotate("finish")
        #expect(
            try server.ask("POST", "/jwt/v1/operator", headers: bearer, body: deployment.operatorToken()).status == 200)
        #expect(try server.token(of: key) == after, "what the new key signed stays")
        // Signed by the old key, and later than all: refused, as nothing trusts that key any more.
        let old = try #require(try TokenText(before).payload["iss"] as? String)
        let seed = try String(
            contentsOfFile: deployment.folder.path("keys/O/\(old.dropFirst().prefix(2))/\(old).nk"), encoding: .utf8)
        let pair = try KeyPair(Seed(seed.trimmingCharacters(in: .newlines)))
        var forged = try TokenText(after)
        forged.payload["iat"] = (forged.payload["iat"] as? Int ?? 0) + 5
        #expect(try server.upload(forged.signed(by: pair)).rules.contains("U-signer"))
    }

    private static func hash(_ secret: String) throws -> String {
        String(try Program.onPath("sha256sum", [], input: secret).output.prefix(64))
    }
}
