import Broker
import NATSClient
import NATSWire
import NKeys
import Subjects
import Testing
import Trust

/// What a running broker tells: a client of itself, operators of all.
@Suite struct ObservationTests {
    @Test func `a client learns what it may do, by which entry, and why an import is out of force`() async throws {
        let world = try BrokerWorld()
        let exporter = try world.account("EXPORTER") { claims in
            var export = Export(subject: try SubjectPattern("secret.>"), kind: .stream)
            export.tokenRequired = true
            claims.exports = [export]
        }
        let importer = try world.account("IMPORTER") { claims in
            claims.imports = [
                Import(subject: try SubjectPattern("secret.>"), account: exporter.publicKey, kind: .stream)
            ]
        }
        let broker = try await world.broker()
        let client = try await world.connect(
            try world.user(of: importer) { claims in
                claims.permissions.publishAllow = [
                    try PermissionEntry("$SYS.REQ.USER.>", in: .publish), try PermissionEntry("own.*", in: .publish),
                ]
                claims.permissions.publishDeny = [try PermissionEntry("own.not", in: .publish)]
            }, to: broker)
        let question = #"{"publish": ["own.a", "own.not", "other"], "subscribe": ["any.>", "any.> q"]}"#
        let answer = try await client.request(
            "$SYS.REQ.USER.CAPABILITIES", payload: Array(question.utf8), timeout: .seconds(600))
        let data = try #require(try WireJSON(parsing: answer.payload)["data"])
        #expect(data["account"]?.string == importer.publicKey.text)
        #expect(data["source"]?["kind"]?.string == "user")
        let decisions = try #require(data["decisions"]?.array)
        #expect(decisions.map { $0["allowed"]?.bool } == [true, false, false, true, true])
        #expect(decisions[0]["because"]?["pattern"]?.string == "own.*")
        #expect(decisions[1]["because"]?["list"]?.string == "deny")
        #expect(decisions[1]["because"]?["place"]?.string == "pub.deny[0]")
        let item = try #require(data["imports"]?.array?.first)
        #expect(item["in_force"]?.bool == false)
        #expect(item["failures"]?.array?.first?["rule"]?.string == "B-token-missing")
        let refused = try await client.request(
            "$SYS.REQ.USER.CAPABILITIES", payload: Array("[]".utf8), timeout: .seconds(600))
        #expect(try WireJSON(parsing: refused.payload)["error"]?["code"]?.integer == 400)
        await broker.stop()
    }

    @Test func `monitoring tells of connections, and of no token`() async throws {
        let world = try BrokerWorld()
        let account = try world.account("APP")
        let broker = try await world.broker { $0.monitoring = ListenAddress(host: "127.0.0.1", port: 0) }
        let creds = try world.user(of: account)
        let client = try await world.connect(creds, to: broker)
        // Kept: a subscription that nobody holds ends.
        let heard = try await client.subscribe(to: "a.>")
        try await client.publish("a.b", payload: [1, 2, 3])
        #expect(try await heard.next()?.payload == [1, 2, 3])
        let port = try #require(broker.monitoringPort)
        var bodies: [String: String] = [:]
        for page in ["/varz", "/connz?subs=1", "/subsz", "/accountz?acc=\(account.publicKey.text)", "/healthz"] {
            let exchange = try #require(HTTPExchange(port: port))
            await exchange.say("GET \(page) HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try #require(await exchange.answer())
            #expect(answer.status == 200, "\(page)")
            bodies[page] = String(decoding: answer.body, as: UTF8.self)
            let token = String(decoding: creds.token, as: UTF8.self)
            #expect(bodies[page]?.contains(token) == false && bodies[page]?.contains("eyJ") == false, "\(page)")
        }
        let varz = try WireJSON(parsing: Array(try #require(bodies["/varz"]).utf8))
        #expect(varz["connections"]?.integer == 1)
        #expect(varz["in_msgs"]?.integer == 1)
        let connz = try WireJSON(parsing: Array(try #require(bodies["/connz?subs=1"]).utf8))
        #expect(
            connz["connections"]?.array?.first?["subscriptions_list"]?.array?.compactMap(\.string).contains("a.>")
                == true)
        heard.unsubscribe()
        #expect(bodies["/accountz?acc=\(account.publicKey.text)"]?.contains(account.publicKey.text) == true)
        await broker.stop()
    }
}
