import NATSClient
import NKeys
import RealServers
import Testing
import Trust

@testable import AccountServer

/// What others do, and what is refused, is seen, told and mended.
@Suite(.serialized, .onOwnThread) struct DistributionFaultTests {
    private let world: DistributionWorld
    private let app: KeyPair

    init() throws {
        world = try DistributionWorld()
        app = try .generate(.account)
    }

    @Test func `creds that no server takes are reported`() async throws {
        let cluster = try ResolverCluster(world, .full(deletes: true, interval: 3600))
        let wrong = try world.user(of: world.system, signedBy: try .generate(.account))
        let bench = try DistributionBench(world, cluster, as: wrong)
        await bench.until {
            bench.distributor.report().connection == .disconnected("the server does not accept the credentials")
        }
        #expect(bench.distributor.report().hindrance?.contains("credentials") == true)
        await bench.end()
    }

    @Test func `a user of another account reaches no server, and that is said`() async throws {
        let cluster = try ResolverCluster(
            world, .memory(preloaded: [app.publicKey.text: try world.account(app)]))
        let bench = try DistributionBench(world, cluster, as: try world.user(of: app))
        await bench.until { bench.log.text.contains("is the user one of the system account") }
        #expect(bench.distributor.report().servers == [])
        await bench.end()
    }

    @Test func `an older token that somebody else publishes is replaced by the newest again`() async throws {
        let cluster = try ResolverCluster(world, .full(deletes: true, interval: 3600))
        let bench = try DistributionBench(world, cluster)
        let (old, newest) = (try world.account(app, age: 50), try world.account(app))
        bench.store(newest, for: app)
        await bench.untilComplete()
        let other = try await bench.connect(try world.user(of: world.system))
        for subject in ["$SYS.REQ.CLAIMS.UPDATE", "$SYS.REQ.ACCOUNT.\(app.publicKey).CLAIMS.UPDATE"] {
            let seen = bench.log.text.ranges(of: "somebody else updates an account; it is told").count
            // All who listen get it: the server stores it, and it is seen here.
            _ = try await other.request(subject, payload: Array(old.utf8), timeout: .seconds(10))
            await bench.until {
                bench.log.text.ranges(of: "somebody else updates an account; it is told").count > seen
                    && cluster.stored(app, at: 0) == newest
            }
        }
        let stranger = try KeyPair.generate(.account)
        _ = try await other.request(
            "$SYS.REQ.CLAIMS.UPDATE", payload: Array(try world.account(stranger).utf8), timeout: .seconds(10))
        await bench.until { bench.log.text.contains("an account that is not kept here") }
        #expect(bench.accounts.account(for: stranger.publicKey) == nil)
        await bench.end()
    }

    @Test func `a store that changed by itself is found by its hash, and made good`() async throws {
        let cluster = try ResolverCluster(world, .full(deletes: true, interval: 1))
        let bench = try DistributionBench(world, cluster) {
            $0.comparisonInterval = .seconds(3600)
            // Otherwise the server asks for everything, and has it again before anyone is alarmed.
            $0.answers = .lookups
        }
        bench.store(try world.account(app), for: app)
        // Compared once, which it was when the system account was seen in the list: a comparison that came later would make
        // good what the hash is to find.
        await bench.until { bench.server("n0")?.strangers == 1 }
        await bench.untilComplete()
        let other = try await bench.connect(try world.user(of: world.system))
        // The system account, which is stored beside, is what the hash differs by while all is well.
        let requests = try await other.subscribe(to: "$SYS.REQ.CLAIMS.PACK")
        for _ in 0..<3 { _ = try await requests.next() }
        _ = try await other.request(
            "$SYS.REQ.CLAIMS.DELETE", payload: Array(try world.deletion(of: [app]).utf8), timeout: .seconds(10))
        await bench.until { bench.log.text.contains("store changed by itself") }
        await bench.until { cluster.stored(app, at: 0) != nil }
        await bench.end()
    }

    @Test func `a token that a server confirms and does not use is reported`() async throws {
        let cluster = try ResolverCluster(world, .full(deletes: true, interval: 3600))
        let bench = try DistributionBench(world, cluster)
        bench.store(try world.account(app, age: 5), for: app)
        await bench.untilComplete()
        let user = try await bench.connect(try world.user(of: app))
        bench.store(try world.account(app, by: try .generate(.operator)), for: app)
        await bench.until { bench.server("n0")?.notInForce == 1 }
        await bench.until { bench.server("n0")?.lastFault?.contains("not in force") == true }
        bench.store(try world.account(app), for: app)
        await bench.until { bench.server("n0")?.notInForce == 0 }
        user.close()
        await bench.end()
    }

    @Test func `what strangers answer to a push counts for nothing`() async throws {
        let cluster = try ResolverCluster(world, .full(deletes: true, interval: 3600))
        let bench = try DistributionBench(world, cluster)
        await bench.untilComplete()
        let other = try await bench.connect(try world.user(of: world.system))
        let pushes = try await other.subscribe(to: "$SYS.REQ.ACCOUNT.*.CLAIMS.UPDATE")
        try await other.flush(timeout: .seconds(60))
        let forger = Task { [app] in
            let id = try KeyPair.generate(.server).publicKey
            while let push = try await pushes.next(), let reply = push.reply {
                for text in [
                    "", "no JSON", "{}", #"{"server":{"id":"N"},"data":{"code":200}}"#,
                    #"{"server":{"id":"\#(id)","name":"forged"},"data":{"account":"\#(app.publicKey)","code":200,"message":"jwt updated"}}"#,
                ] { try await other.publish(reply, payload: Array(text.utf8)) }
            }
        }
        let token = try world.account(app)
        bench.store(token, for: app)
        await bench.untilComplete()
        #expect(cluster.stored(app, at: 0) == token)
        #expect(bench.distributor.report().servers.map(\.name) == ["n0"])
        forger.cancel()
        await bench.end()
    }

    @Test func `only the first word of an expected server about the account counts`() throws {
        let (server, other) = (try KeyPair.generate(.server).publicKey, try KeyPair.generate(.server).publicKey)
        func message(_ id: PublicKey, _ account: String, _ text: String, code: Int = 200) -> NATSMessage {
            let outcome = #"{"account":"\#(account)","code":\#(code),"message":"\#(text)"}"#
            let member = code == 200 ? "data" : "error"
            return NATSMessage(
                subject: "x",
                payload: Array(
                    #"{"server":{"name":"n","id":"\#(id)","ver":"2","flags":0},"\#(member)":\#(outcome)}"#.utf8))
        }
        let answers = PushAnswers(to: app.publicKey, from: [server], limit: 4096)
        #expect(!answers.take(message(other, app.publicKey.text, "jwt updated")))
        #expect(!answers.take(message(server, try KeyPair.generate(.account).publicKey.text, "jwt updated")))
        #expect(!answers.take(message(server, app.publicKey.text, String(repeating: "x", count: 5000))))
        #expect(answers.silent == [server])
        #expect(answers.unreadCount == 2)
        #expect(answers.take(message(server, "n/a", "jwt update resulted in error", code: 500)))
        #expect(answers.take(message(server, app.publicKey.text, "jwt updated")))
        #expect(answers.outcomes.mapValues(\.0) == [server: .failed("jwt update resulted in error")])
    }

    @Test func `what servers say is fit for a log`() {
        let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ." + String(repeating: "a", count: 300)
        #expect(OneLine.text("bad \(token) end", limit: 1000).count < 70)
        #expect(OneLine.text("a\r\nb\u{1b}[1m\u{e9}") == "a??b?[1m??")
        #expect(OneLine.text("SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY") == "?")
    }
}
