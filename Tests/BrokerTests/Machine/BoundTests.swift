import NKeys
import RealServers
import Subjects
import Testing
import Trust

@testable import Broker

/// What one client can make a broker hold, and what is left when it is gone.
@Suite(.onOwnThread) struct BoundTests {
    @Test func `a client that does not read is closed at its limit, and nobody else`() throws {
        let world = try MachineWorld { $0.limits.pending = 100_000 }
        let account = try world.account("A")
        let (slow, reader, publisher) = (
            try world.client(of: account), try world.client(of: account), try world.client(of: account)
        )
        for client in [slow, reader] { client.say("SUB a 1\r\n") }
        slow.isStuck = true
        let message = "PUB a 1000\r\n\(String(repeating: "x", count: 1000))\r\n"
        for _ in 0..<95 { publisher.say(message) }
        #expect(!slow.isClosed && publisher.stalls > 0)
        for _ in 0..<10 { publisher.say(message) }
        #expect(slow.isClosed && slow.stuck < 102_000 && !slow.hear().contains("-ERR"))
        #expect(world.core.counters.slowConsumers == 1 && world.host.closings == [.slowConsumer])
        #expect(try reader.messages().count == 105 && !reader.isClosed && !publisher.isClosed)
        let stalls = publisher.stalls
        publisher.say(message)
        #expect(publisher.stalls == stalls)
    }

    @Test func `what one message makes for one client is bounded while it is delivered`() throws {
        let world = try MachineWorld { $0.limits.pending = 4 << 20 }
        let account = try world.account("A")
        let (greedy, other) = (try world.client(of: account), try world.client(of: account))
        greedy.isStuck = true
        greedy.say((0..<100).map { "SUB a \($0)\r\n" }.joined())
        other.say("SUB a 1\r\n")
        other.say("PUB a 1000000\r\n\(String(repeating: "x", count: 1_000_000))\r\n")
        #expect(greedy.isClosed && greedy.session.counters.outMessages < 8)
        #expect(try other.messages().count == 1 && !other.isClosed)
    }

    @Test func `nothing waits for a client that has read everything`() throws {
        let world = try MachineWorld()
        let client = try world.client(of: try world.account("A"))
        client.say("PING\r\n")
        #expect(client.session.pending == 0)
    }

    /// An exporter of a service and an importer of it, connected: nobody answers.
    private func service(
        in world: MachineWorld
    ) throws -> (exporter: KeyPair, importer: KeyPair, service: MachineClient, client: MachineClient) {
        let exporter = try world.account("E") { $0.exports = [.service(try SubjectPattern("svc"))] }
        let importer = try world.account("I") {
            $0.imports = [Import(subject: try SubjectPattern("svc"), account: exporter.publicKey, kind: .service)]
        }
        let service = try world.client(of: exporter)
        service.say("SUB svc 1\r\n")
        return (exporter, importer, service, try world.client(of: importer))
    }

    @Test func `answers that are awaited are bounded for each account that asks, the oldest forgotten first`() throws {
        let world = try MachineWorld()
        let (exporter, _, service, client) = try service(in: world)
        let other = try world.account("O") {
            $0.imports = [Import(subject: try SubjectPattern("svc"), account: exporter.publicKey, kind: .service)]
        }
        let patient = try world.client(of: other)
        patient.say("SUB inbox 1\r\nPUB svc inbox 7\r\npatient\r\n")
        let question = try service.operations()
        let burst = String(repeating: "PUB svc inbox 0\r\n\r\n", count: 1000)
        client.say("SUB inbox 1\r\n")
        for _ in 0...(AwaitedReplies.limit / 1000) {
            client.say(burst)
            _ = service.hear()
        }
        #expect((world.core.spaces[exporter.publicKey]?.awaited.count ?? 0) == AwaitedReplies.limit + 1)
        // Another account's question is answered still.
        guard case .message(let asked)? = question.last, let reply = asked.reply else {
            Issue.record("no question")
            return
        }
        service.say("PUB \(String(decoding: reply, as: UTF8.self)) 2\r\nhi\r\n")
        #expect(try patient.messages() == ["inbox 1 hi"])
        world.host.advance(by: .seconds(122))
        #expect(world.core.spaces[exporter.publicKey]?.awaited.isEmpty == true)
    }

    @Test func `accounts that are gone leave nothing, whichever of them goes first`() throws {
        let world = try MachineWorld()
        let (accounts, needs) = (world.core.spaces.count, world.core.needs)
        for order in 0..<2 {
            let exporter = try world.account("E") {
                $0.exports = [.service(try SubjectPattern("svc")), .stream(try SubjectPattern("str"))]
            }
            let importer = try world.account("I") {
                $0.imports = [
                    Import(subject: try SubjectPattern("svc"), account: exporter.publicKey, kind: .service),
                    Import(subject: try SubjectPattern("str"), account: exporter.publicKey, kind: .stream),
                ]
            }
            let clients = try [exporter, importer, importer].map { try world.client(of: $0) }
            for client in clients {
                client.say("SUB > 1\r\nPUB svc inbox 0\r\n\r\nPUB str 0\r\n\r\n")
            }
            for account in order == 0 ? [exporter, importer] : [importer, exporter] { world.delete(account) }
            #expect(!clients.contains { !$0.isClosed })
            world.host.advance(by: .seconds(200))
            #expect(world.core.spaces.count == accounts && world.core.needs == needs)
        }
    }

    @Test func `sessions that are gone are not kept by routes`() throws {
        let world = try MachineWorld()
        let exporter = try world.account("E") { $0.exports = [.stream(try SubjectPattern("str.>"))] }
        let importer = try world.account("I") {
            $0.imports = [Import(subject: try SubjectPattern("str.>"), account: exporter.publicKey, kind: .stream)]
        }
        let publisher = try world.client(of: exporter)
        weak var own: Session?
        weak var foreign: Session?
        do {
            let (one, other) = (try world.client(of: exporter), try world.client(of: importer))
            (own, foreign) = (one.session, other.session)
            for client in [one, other] { client.say("SUB > 1\r\n") }
            for number in 0..<100 { publisher.say("PUB str.\(number) 0\r\n\r\n") }
            #expect(try one.messages().count == 100)
            #expect(try other.messages().count == 100)
            for client in [one, other] { client.leave() }
        }
        world.host.advance(by: .seconds(30))
        #expect(own == nil && foreign == nil)
    }

    @Test func `permissions that nobody has any more are forgotten`() throws {
        let world = try MachineWorld()
        let account = try world.account("A")
        for number in 0..<1500 {
            let client = try world.client(of: account) {
                $0.permissions = try PermissionClaims(publish: ["a.\(number)"])
            }
            client.leave()
        }
        #expect(world.core.permissionSets.count < 1100)
    }
}
