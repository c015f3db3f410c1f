import AccountServer
import Broker
import Foundation
import Identity
import Logging
import NKeys
import RealServers
import Synchronization
import Testing
import Trust

/// `credence account-server --identity`: tokens that were exchanged, on the real server and on the broker; kills; and
/// what the journal says of it.
@Suite(.onOwnThread) struct ExchangeTests {
    private static let service = "https://accounts.example.com"

    /// A served account with a configuration of token exchange, and a user of it.
    private struct World {
        let served: ServedWorld
        let account: KeyPair
        let user: KeyPair

        init() throws {
            served = try ServedWorld()
            account = try served.deployment.keys(ofSubjectOf: served.deployment.accountToken("A"))
            user = try KeyPair.generate(.user)
            let seed = try served.write(account.seed, to: "account.nk")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: seed)
            try configure(audiences: ["orders"])
        }

        var file: String { served.data("identity.json") }

        func configure(audiences: [String]) throws {
            let names = audiences.map { #"{"name": "\#($0)", "description": "\#($0)"}"# }.joined(separator: ",")
            let text = """
                {"names": ["\(ExchangeTests.service)"], "audiences": [\(names)], "signing_keys": ["account.nk"]}
                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        }

        func server() throws -> AccountServerProcess {
            let server = try AccountServerProcess(served.arguments() + ["--identity", file])
            let reply = try server.upload(served.deployment.accountToken("A"))
            guard reply.status == 200 else { throw Fault("the account is refused: \(reply.body)") }
            return server
        }

        func subjectToken(_ unknown: [UnknownMember] = []) throws -> String {
            var claims = UserClaims(subject: user.publicKey, name: "bob")
            claims.common.expires = now.advanced(by: 1200)
            claims.permissions = try ExchangeScope.permissions("pub:orders.> sub:orders.> !pub:orders.secret")
            claims.unknown = unknown
            return try TokenSigner(account).sign(claims, at: now).text
        }

        var now: UnixTime { UnixTime(Int64(Date().timeIntervalSince1970)) ?? .zero }

        func form(for token: String, scope: String? = nil, by key: KeyPair? = nil) throws -> ExchangeForm {
            var form = ExchangeForm()
            form["grant_type"] = "urn:ietf:params:oauth:grant-type:token-exchange"
            form["subject_token"] = token
            form["subject_token_type"] = "urn:ietf:params:oauth:token-type:jwt"
            form["audience"] = "orders"
            form["scope"] = scope
            form["credence_proof"] = try ExchangeProof.text(
                for: token, audience: AudienceName("orders"), service: AudienceName(ExchangeTests.service),
                signer: TokenSigner(key ?? user), at: now)
            return form
        }

        /// Writes creds; where they are.
        func creds(_ token: String, _ pair: KeyPair, _ name: String) throws -> String {
            let text = try CredentialsFile.render(token: Array(token.utf8), seed: pair.seed)
            try text.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: served.data(name))) }
            return served.data(name)
        }
    }

    private static let headers = ["Content-Type": "application/x-www-form-urlencoded"]

    private static func token(in reply: HTTPReply) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(reply.body.utf8)) as? [String: Any]
        return try #require(object?["access_token"] as? String, "\(reply.status) \(reply.body)")
    }

    @Test func `an issued token works on the real server and on the broker, there and nowhere else`() async throws {
        let world = try World()
        let server = try world.server()
        let list = try server.ask("GET", "/.well-known/credence-audiences")
        #expect(list.status == 200 && list.body.contains(#""name":"orders""#))
        let subject = try world.subjectToken()
        let narrow = try server.ask(
            "POST", "/oauth2/token", headers: Self.headers,
            body: world.form(for: subject, scope: "pub:orders.eu.* sub:orders.eu.*").text)
        let creds = try world.creds(try Self.token(in: narrow), world.user, "narrow.creds")
        let whole = try world.creds(
            Self.token(
                in: server.ask(
                    "POST", "/oauth2/token", headers: Self.headers, body: world.form(for: subject).text)),
            world.user, "whole.creds")
        // Someone acts for the user, and the token says so beside `iss`.
        let agent = try KeyPair.generate(.user)
        let mayAct = try #require(UnknownMember(claim: "may_act", object: #"{"sub":"\#(agent.publicKey)"}"#))
        let delegated = try world.subjectToken([mayAct])
        var form = try world.form(for: delegated, by: agent)
        var own = UserClaims(subject: agent.publicKey, name: "agent")
        own.common.expires = world.now.advanced(by: 600)
        form["actor_token"] = try TokenSigner(world.account).sign(own, at: world.now).text
        form["actor_token_type"] = "urn:ietf:params:oauth:token-type:jwt"
        let acting = try Self.token(
            in: server.ask("POST", "/oauth2/token", headers: Self.headers, body: form.text))
        #expect(try TokenText(acting).payload["act"] != nil)
        let agentCreds = try world.creds(acting, agent, "agent.creds")
        let logins = [
            (creds, "orders.eu.a"), (creds, "orders.us.a"), (creds, "orders.eu.a.b"), (whole, "orders.us.a"),
            (whole, "orders.secret"), (whole, "billing.a"), (agentCreds, "orders.us.a"), (agentCreds, "orders.secret"),
        ].map { (creds: $0.0, subject: $0.1) }
        let expected = [true, false, false, true, false, false, true, false]
        let configuration = try world.served.deployment.configuration()
        let real = try RealServer(configuration: configuration)
        let here = try RealClient.log(in: logins, to: real)
        #expect(here.map { $0.connected && $0.received != nil } == expected, "\(here)")
        // On the broker an audience counts: it is one of those that it goes by, or the user is refused.
        for (audiences, wanted) in [(["orders"], expected), (["billing"], expected.map { _ in false })] {
            let there = try await Self.log(in: logins, toBrokerMeantBy: Set(audiences), world)
            #expect(there.map { $0.connected && $0.received != nil } == wanted, "\(audiences): \(there)")
        }
    }

    /// Logs in to our broker, which is meant by these audiences.
    private static func log(
        in logins: [(creds: String, subject: String)], toBrokerMeantBy audiences: Set<String>, _ world: World
    ) async throws -> [RealClient.Outcome] {
        var policy = Policy.strict
        policy.audiences = audiences
        let verifier = TokenVerifier(policy: policy)
        let operatorToken = try #require(
            verifier.verify(world.served.deployment.operatorToken(), as: OperatorClaims.self, at: world.now).proof)
        var settings = BrokerSettings(trust: BrokerTrust(operators: [operatorToken], verifier: verifier))
        (settings.host, settings.port) = ("127.0.0.1", 0)
        // Beside a thousand other tests even a broker is slow.
        settings.times.authentication = .seconds(600)
        let accounts = [world.account.publicKey: try world.served.deployment.accountToken("A")]
        let broker = try MessageBroker(
            settings, authority: PreloadedAccounts(accounts),
            logger: Logger(label: "broker") { _ in SwiftLogNoOpLogHandler() })
        try await broker.start()
        let url = "nats://127.0.0.1:\(try #require(broker.port))"
        let outcomes = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try RealClient.log(in: logins, to: url) })
            }
        }
        await broker.stop()
        return outcomes
    }

    @Test func `attacks over HTTP are refused by their codes, and the journal says so and holds no token`() throws {
        let world = try World()
        let server = try world.server()
        let subject = try world.subjectToken()
        func rules(_ form: ExchangeForm) throws -> [String] {
            try server.ask("POST", "/oauth2/token", headers: Self.headers, body: form.text).rules
        }
        let used = try world.form(for: subject)
        #expect(try rules(used) == [])
        #expect(try rules(used) == ["X-proof"])
        #expect(try rules(world.form(for: subject, by: KeyPair.generate(.user))) == ["X-proof"])
        #expect(try rules(world.form(for: subject, scope: "pub:orders.>")) == ["X-scope"])
        var form = try world.form(for: subject)
        form["credence_lifetime"] = "100000"
        #expect(try rules(form) == ["X-lifetime"])
        let twice = try server.ask(
            "POST", "/oauth2/token", headers: Self.headers, body: "\(used.text)&audience=orders")
        #expect(twice.status == 400 && twice.rules == ["X-request"])
        // The file is read again when the process is told to, and a fault in it changes nothing.
        try world.configure(audiences: ["billing"])
        server.signal(SIGHUP)
        #expect(server.log.wait { $0.contains("token exchange was read again") ? true : nil } == true)
        #expect(try rules(world.form(for: subject)) == ["X-audience"])
        try Data("{".utf8).write(to: URL(fileURLWithPath: world.file))
        server.signal(SIGHUP)
        #expect(server.log.wait { $0.contains("token exchange stays as it was") ? true : nil } == true)
        #expect(try rules(world.form(for: subject)) == ["X-audience"])
        server.signal(SIGTERM)
        #expect(try server.waitUntilEnd() == 0)
        #expect(!server.log.text.contains("eyJ"))
        let entries = try Self.entries(world.served.data())
        #expect(entries.map(\.outcome).filter { $0 == .issued }.count == 1)
        let refused = entries.filter { $0.outcome == .refused }
        #expect(
            refused.map(\.rules) == [
                ["X-proof"], ["X-proof"], ["X-scope"], ["X-lifetime"], ["X-request"], ["X-audience"], ["X-audience"],
            ])
        #expect(refused.allSatisfy { $0.token.isEmpty })
        let journal = world.served.data() + "/journal"
        #expect(try Program.credence(["journal", "verify", journal]).status == 0)
        let audit = try Program.credence(["audit", "--journal", journal, "--operator", world.served.operatorFile])
        #expect(audit.status == 0 || audit.status == 1, "\(audit.errors)")
    }

    @Test func `what was answered before a kill is in the journal, and nothing there opens anything`() throws {
        let world = try World()
        let server = try world.server()
        let subject = try world.subjectToken()
        let issued = Mutex<[String]>([])
        let port = try server.port
        let done = DispatchSemaphore(value: 0)
        let forms = try (0..<400).map { _ in try world.form(for: subject).text }
        Thread.detachNewThread {
            defer { done.signal() }
            guard let caller = try? HTTPCaller(port: port) else { return }
            for form in forms {
                guard
                    let reply = try? caller.ask("POST", "/oauth2/token", headers: Self.headers, body: form),
                    let token = try? Self.token(in: reply)
                else { return }
                let count = issued.withLock { issued in
                    issued.append(token)
                    return issued.count
                }
                // While the next ones are under way.
                if count == 5 { server.signal(SIGKILL) }
            }
        }
        done.wait()
        _ = try server.waitUntilEnd()
        let tokens = issued.withLock { $0 }
        #expect(tokens.count >= 5)
        let entries = try Self.entries(world.served.data()).filter { $0.outcome == .issued }
        let kept = Set(entries.map(\.token))
        for token in tokens {
            let end = try #require(token.lastIndex(of: "."))
            #expect(kept.contains(String(token[...end])), "issued, and not in the journal")
        }
        #expect(entries.allSatisfy { $0.token.hasSuffix(".") && $0.account == world.account.publicKey.text })
        #expect(try Program.credence(["journal", "verify", world.served.data() + "/journal"]).status == 0)
        // The server starts again on it, and serves the account.
        let again = try AccountServerProcess(world.served.arguments() + ["--identity", world.file])
        #expect(try again.token(of: world.account.publicKey.text) != nil)
    }

    private static func entries(_ data: String) throws -> [JournalEntry] {
        var entries: [JournalEntry] = []
        _ = try JournalSurvey.folder(at: data + "/journal") { entry, _, _ in entries.append(entry) }
        return entries
    }
}
