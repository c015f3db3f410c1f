import Foundation
import NKeys
import RealServers
import Testing

/// The account server as the resolver of the real nats-server: `resolver: URL(…)`.
@Suite(.onOwnThread) struct ResolverURLTests {
    @Test func `a real server takes its accounts from ours, and what holds is what is stored`() throws {
        let world = try ServedWorld()
        let deployment = world.deployment
        for (user, account) in [("user", "A"), ("admin", "SYS")] { try deployment.addUser(user, to: account) }
        try deployment.addAccount("B")
        try deployment.addUser("nobody", to: "B")
        let now = Int(Date().timeIntervalSince1970)
        let system = try deployment.accountToken("SYS")
        let key = try Self.subject(of: deployment.accountToken("A"))
        let first = try world.token(of: key, issuedAt: now - 60)

        let accounts = try AccountServerProcess(world.arguments())
        for token in [system, first] { #expect(try accounts.upload(token).status == 200) }
        let configuration = deployment.folder.path("url.conf")
        try deployment.folder.write(
            "operator: \"\(world.operatorFile)\"\nresolver: URL(\(try accounts.accountsURL))\n", to: "url.conf")
        let server = try RealServer(configuration: configuration)
        let (user, nobody) = (deployment.creds(of: "user", in: "A"), deployment.creds(of: "nobody", in: "B"))
        let before = try RealClient.log(in: [(user, "greeting"), (nobody, "greeting")], to: server)
        #expect(before[0].connected && before[0].received == "a message")
        // Ours answers 404 for an account that was not uploaded.
        #expect(!before[1].connected)
        #expect(before[1].error?.lowercased().contains("authorization violation") == true)

        // A version with fewer rights: stored, and pushed to the server that has the account in memory.
        let fewer = try world.token(of: key, issuedAt: now - 30) {
            $0["default_permissions"] = ["pub": ["deny": ["greeting"]], "sub": [:]] as [String: Any]
        }
        #expect(try accounts.upload(fewer).status == 200)
        #expect(try accounts.token(of: key) == fewer)
        let answer = try Self.push(fewer, of: key, as: deployment.creds(of: "admin", in: "SYS"), to: server)
        #expect(answer.contains("\"code\":200"), "\(answer)")
        let after = try RealClient.log(in: [(user, "greeting"), (user, "other")], to: server)
        #expect(after[0].connected && after[0].received == nil)
        #expect(after[1].received == "a message")

        // The older version, with more rights, is stale here, so that a server which asks again gets the fewer.
        #expect(try accounts.upload(first).status == 409)
        let another = try RealServer(configuration: configuration)
        let asked = try RealClient.log(in: [(user, "greeting"), (user, "other")], to: another)
        #expect(asked[0].connected && asked[0].received == nil)
        #expect(asked[1].received == "a message")

        // Once it is uploaded, an account that was refused is let in: nothing remembers the refusal.
        #expect(try accounts.upload(deployment.accountToken("B")).status == 200)
        #expect(try RealClient.log(in: [(nobody, "greeting")], to: server)[0].received == "a message")
    }

    @Test func `a real server does not start when ours is not there`() throws {
        let world = try ServedWorld()
        let accounts = try AccountServerProcess(world.arguments())
        let url = try accounts.accountsURL
        try accounts.kill()
        try world.deployment.folder.write(
            "operator: \"\(world.operatorFile)\"\nresolver: URL(\(url))\n", to: "url.conf")
        #expect(throws: Fault.self) { try RealServer(configuration: world.deployment.folder.path("url.conf")) }
    }

    private static func subject(of token: String) throws -> String {
        guard let subject = try TokenText(token).payload["sub"] as? String else { throw Fault("a token lacks `sub`") }
        return subject
    }

    private static func push(_ token: String, of account: String, as creds: String, to server: RealServer) throws
        -> String
    {
        guard let script = Bundle.module.path(forResource: "push", ofType: "py") else {
            throw Fault("push.py is not among the resources of these tests")
        }
        let run = try Program.onPath("python3", [script, server.url, creds, account], input: token)
        guard run.status == 0 else { throw Fault("the push cannot be made: \(run.errors)") }
        return run.output
    }
}
