import Subjects
import Testing
import Trust

@testable import Broker

/// How messages go inside one account, and what a client is told.
@Suite struct DeliveryTests {
    private let world: MachineWorld

    init() throws { world = try MachineWorld() }

    @Test func `a message goes to every subscription that it matches, with headers to those who take them`() throws {
        let account = try world.account("A")
        let (one, other) = (try world.client(of: account), try world.client(of: account))
        one.say("SUB a.* 1\r\nSUB > 2\r\nSUB b 3\r\n")
        let old = world.open()
        try old.connect(
            as: try world.user(of: account), options: #""lang":"x","#)
        old.session.hasHeaders = false
        old.say("SUB a.> 9\r\n")
        other.say("HPUB a.b r 12 14\r\nNATS/1.0\r\n\r\nhi\r\nPUB a.b 00\r\n\r\n")
        let text = one.hear()
        #expect(text.contains("HMSG a.b 1 r 12 14\r\nNATS/1.0\r\n\r\nhi\r\n"))
        #expect(text.contains("HMSG a.b 2 r 12 14\r\n") && text.contains("MSG a.b 1 0\r\n\r\n"))
        #expect(!text.contains("MSG a.b 3") && other.hear() == "")
        #expect(old.hear() == "MSG a.b 9 r 2\r\nhi\r\nMSG a.b 9 0\r\n\r\n")
    }

    @Test func `one member of a queue group gets a message, and the next where one cannot`() throws {
        let account = try world.account("A")
        let members = try (0..<3).map { _ in try world.client(of: account) }
        for member in members { member.say("SUB q.* group 1\r\n") }
        let silent = try world.client(of: account, options: #""echo":false,"#)
        silent.say("SUB q.* group 1\r\nSUB q.* alone 2\r\n")
        let denied = try world.client(of: account) {
            $0.permissions = try PermissionClaims(denySubscribe: ["q.1 group"])
        }
        denied.say("SUB q.* group 1\r\n")
        for _ in 0..<300 { silent.say("PUB q.1 0\r\n\r\n") }
        let counts = try members.map { try $0.messages().count }
        #expect(counts.reduce(0, +) == 300 && counts.allSatisfy { $0 > 30 }, "\(counts)")
        #expect(try silent.messages() == [])
        #expect(try denied.messages() == [])
        for member in members { member.leave() }
        silent.say("PUB q.1 0\r\n\r\nPUB q.2 0\r\n\r\n")
        #expect(try denied.messages() == ["q.2 1 "])
        #expect(try silent.messages() == [])
    }

    @Test func `its own messages come back unless a client does not want them`() throws {
        let account = try world.account("A")
        let (echo, none) = (try world.client(of: account), try world.client(of: account, options: #""echo":false,"#))
        for client in [echo, none] { client.say("SUB a 1\r\nPUB a 1\r\nx\r\n") }
        #expect(try echo.messages() == ["a 1 x", "a 1 x"])
        #expect(try none.messages() == [])
    }

    @Test func `a request that nobody hears is answered to a plain subscription of the same connection`() throws {
        let account = try world.account("A")
        let client = try world.client(of: account)
        client.say("SUB inbox.* 7\r\nPUB a.b inbox.1 0\r\n\r\n")
        #expect(client.hear() == "HMSG inbox.1 7 35 35\r\nNATS/1.0 503\r\nNats-Subject: a.b\r\n\r\n\r\n")
        client.say("UNSUB 7\r\nSUB inbox.* q 8\r\nPUB a.b inbox.1 0\r\n\r\nPUB a.b elsewhere 0\r\n\r\n")
        #expect(client.hear() == "")
        let quiet = try world.client(
            of: account, options: #""no_responders":false,"#.replacing("\"no_responders\":false,", with: ""))
        quiet.session.options.wantsNoResponders = false
        quiet.say("SUB inbox.* 7\r\nPUB a.b inbox.1 0\r\n\r\n")
        #expect(quiet.hear() == "")
    }

    @Test func `UNSUB ends a subscription now or after so many messages since its begin`() throws {
        let client = try world.client(of: try world.account("A"))
        client.say("SUB a 1\r\nPUB a 0\r\n\r\nUNSUB 1 3\r\n")
        for _ in 0..<5 { client.say("PUB a 0\r\n\r\n") }
        #expect(try client.messages().count == 3 && client.session.subscriptions.isEmpty)
        client.say(
            "SUB a 1\r\nPUB a 0\r\n\r\nPUB a 0\r\n\r\nUNSUB 1 2\r\nPUB a 0\r\n\r\nUNSUB 1\r\nUNSUB nothing 5\r\n")
        #expect(try client.messages().count == 2 && client.session.subscriptions.isEmpty)
        client.say("SUB a 1\r\nSUB b 1\r\nPUB a 0\r\n\r\nPUB b 0\r\n\r\n")
        #expect(try client.messages() == ["a 1 "])
    }

    @Test func `who confirms, confirms everything once`() throws {
        let account = try world.account("A")
        let client = try world.client(of: account)
        client.session.options.isVerbose = true
        client.say("SUB a 1\r\n")
        #expect(client.hear() == "+OK\r\n")
        client.say("PUB a 0\r\n\r\n")
        #expect(client.hear() == "MSG a 1 0\r\n\r\n+OK\r\n")
        client.say("SUB a 1\r\nUNSUB x\r\nUNSUB 1\r\nPING\r\nPUB b r 0\r\n\r\nHPUB b 0 0\r\n\r\n")
        #expect(client.hear() == "+OK\r\n+OK\r\n+OK\r\nPONG\r\n+OK\r\n+OK\r\n")
        client.session.options.isPedantic = true
        client.say("PUB a.* 0\r\n\r\n")
        #expect(client.hear().hasPrefix("-ERR 'Invalid Publish Subject'\r\n"))
    }

    @Test func `what permissions forbid is not done, and the client is told which`() throws {
        let account = try world.account("A")
        let client = try world.client(of: account) {
            $0.permissions = try PermissionClaims(
                publish: ["ok.>"], denyPublish: ["ok.no"], subscribe: ["in.>", "q.> g"], denySubscribe: ["in.no"])
        }
        let listener = try world.client(of: account)
        listener.say("SUB > 1\r\n")
        client.say("PUB a\"b 0\r\n\r\nPUB ok.no 0\r\n\r\nPUB ok.yes 0\r\n\r\nPUB ok.yes _R_.x 0\r\n\r\n")
        #expect(
            client.hear() == """
                -ERR 'Permissions Violation for Publish to "a\\"b"'\r\n\
                -ERR 'Permissions Violation for Publish to "ok.no"'\r\n\
                -ERR 'Permissions Violation for Publish with Reply of "_R_.x"'\r\n
                """)
        #expect(try listener.messages() == ["ok.yes 1 "])
        client.say(
            "SUB out 1\r\nSUB in.no 2\r\nSUB q.a 3\r\nSUB q.a h 4\r\nSUB q.a g 5\r\nSUB in.* 6\r\nSUB x..y 7\r\nSUB in.a _sys_ 8\r\n"
        )
        #expect(
            client.hear() == """
                -ERR 'Permissions Violation for Subscription to "out"'\r\n\
                -ERR 'Permissions Violation for Subscription to "in.no"'\r\n\
                -ERR 'Permissions Violation for Subscription to "q.a"'\r\n\
                -ERR 'Permissions Violation for Subscription to "q.a" using queue "h"'\r\n\
                -ERR 'Invalid Subject'\r\n\
                -ERR 'Permissions Violation for Subscription to "in.a" using queue "_sys_"'\r\n
                """)
        listener.say("PUB in.no 0\r\n\r\nPUB in.yes 0\r\n\r\n")
        #expect(try client.messages() == ["in.yes 6 "] && !client.isClosed)
        #expect(world.core.counters.violations == 8)
    }

    @Test func `who may answer requests, may answer those that it got, as often and as long as it may`() throws {
        let account = try world.account("A")
        let service = try world.client(of: account) {
            $0.permissions = try PermissionClaims(publish: [], subscribe: ["svc"])
            $0.permissions.responses = ResponseClaims(maximum: 2, timeToLive: 5_000_000_000)
        }
        let client = try world.client(of: account)
        service.say("SUB svc 1\r\n")
        client.say("SUB inbox.> 1\r\nPUB svc inbox.1 0\r\n\r\n")
        for _ in 0..<3 { service.say("PUB inbox.1 0\r\n\r\n") }
        service.say("PUB inbox.2 0\r\n\r\n")
        #expect(try client.messages() == ["inbox.1 1 ", "inbox.1 1 "])
        client.say("PUB svc inbox.3 0\r\n\r\n")
        world.host.advance(by: .seconds(6))
        service.say("PUB inbox.3 0\r\n\r\n")
        #expect(try client.messages() == [])
    }

    @Test func `limits of size and number hold`() throws {
        let account = try world.account("A") { $0.limits.payload = 10 }
        let client = try world.client(of: account) { $0.limits.subscriptions = 2 }
        client.say("SUB a 1\r\nSUB b 2\r\nSUB c 3\r\n")
        #expect(client.hear() == "-ERR 'maximum subscriptions exceeded'\r\n" && !client.isClosed)
        client.say("PUB a 10\r\n0123456789\r\n")
        #expect(try client.messages() == ["a 1 0123456789"])
        client.say("PUB a 11\r\n")
        #expect(client.hear() == "-ERR 'Maximum Payload Violation'\r\n" && client.isClosed)
        let none = try world.client(of: account) { $0.limits.payload = 0 }
        none.say("PUB a 0\r\n\r\nPUB a 1\r\n")
        #expect(none.hear() == "-ERR 'Maximum Payload Violation'\r\n" && none.isClosed)
    }

    @Test func `headers are for those who asked for them`() throws {
        let client = try world.client(of: try world.account("A"))
        client.session.hasHeaders = false
        client.say("HPUB a 0 0\r\n\r\n")
        #expect(client.hear() == "" && client.isClosed)
    }

    @Test func `a silent client is asked, and closed when it does not answer`() throws {
        let world = try MachineWorld {
            $0.times.pingInterval = .seconds(10)
            $0.times.pingsOutstanding = 2
        }
        let account = try world.account("A")
        let (silent, alive) = (try world.client(of: account), try world.client(of: account))
        for _ in 0..<4 {
            world.host.advance(by: .seconds(10))
            if alive.hear().contains("PING") { alive.say("PONG\r\n") }
        }
        #expect(silent.hear() == "PING\r\nPING\r\n-ERR 'Stale Connection'\r\n" && silent.isClosed && !alive.isClosed)
        #expect(alive.session.roundTrip != nil)
    }

    @Test func `at the end every client is told, and then sent away one by one`() throws {
        let world = try MachineWorld {
            $0.times.lameDuckGrace = .seconds(10)
            $0.times.lameDuckDuration = .seconds(2)
        }
        let account = try world.account("A")
        let clients = try (0..<4).map { _ in try world.client(of: account) }
        world.core.beginLeaving()
        for client in clients { #expect(client.hear().contains("\"ldm\":true")) }
        world.host.advance(by: .milliseconds(9_999))
        #expect(clients.allSatisfy { !$0.isClosed })
        clients[0].say("SUB a 1\r\nPUB a 0\r\n\r\n")
        #expect(try clients[0].messages() == ["a 1 "])
        world.host.advance(by: .milliseconds(1))
        #expect(clients.map(\.isClosed) == [true, false, false, false] && clients[0].hear() == "")
        world.host.advance(by: .seconds(4))
        #expect(clients.allSatisfy(\.isClosed) && world.core.sessions.isEmpty)
    }

    @Test func `subjects that servers keep for themselves are not for clients`() throws {
        let client = try world.client(of: try world.account("A"))
        for subject in ["$NRG.a", "_GR_.a"] {
            for _ in 0..<2 {
                client.say("PUB \(subject) 0\r\n\r\n")
                #expect(client.hear() == "-ERR 'Permissions Violation for Publish to \"\(subject)\"'\r\n")
            }
        }
    }
}
