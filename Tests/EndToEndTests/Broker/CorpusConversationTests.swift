import Foundation
import NKeys
import RealServers
import Testing

/// The `nsc` corpus on the real server and on the product's broker: what was measured is seen on the one, and on the
/// other too, but for rows of Docs/Divergences.md.
@Suite("The corpus, on the real server and on the product's", .timeLimit(.minutes(5)), .onOwnThread)
struct CorpusConversationTests {
    /// What is told of one item: what was measured, and what is seen now.
    private struct Seen {
        let id: String
        let measured: [String]
        let lines: [String]
    }

    /// What the broker says otherwise, and the row with the reason. A row that nothing needs fails.
    private static let divergences: [(row: String, item: String)] = [
        ("corpus-CORP/DEVICES/cam.2", "keys/creds/CORP/DEVICES/cam.2.creds"),
        ("corpus-STRICT/READER/secret", "negative/STRICT-identity-activation-mem-resolver.conf VAULT/app"),
        ("broker-details-token", "BILLING/app ask.price"),
    ]

    /// What depends on the hour of the day.
    private static let clocked: Set = [
        "keys/creds/CORP/OPS/times-split.creds", "keys/creds/CORP/DEVICES/office1.creds",
    ]
    /// A mapping with two destinations, of which either is taken.
    private static let either: Set = ["map.out.a", "map.out.b"]

    @Test func `both do what was measured, but for the rows of Docs-Divergences`() throws {
        let folder = try TemporaryFolder()
        let expected = try CorpusExpectations.read()
        var used: Set<String> = []
        let configurations = Set(
            expected.connect.map(\.configuration) + expected.flows.map(\.configuration)
                + expected.requests.map(\.configuration))
        for configuration in configurations.sorted() {
            // Accounts with streams are let in where the real server has streams.
            try folder.write(
                """
                \(try String(contentsOfFile: Testdata.nsc(configuration), encoding: .utf8))
                jetstream { store_dir: "\(folder.path("js"))" }

                """, to: "real.conf")
            let real = try RealServer(configuration: folder.path("real.conf"))
            let own = try BrokerProcess(configuration: Testdata.nsc(configuration))
            guard let port = real.url.split(separator: ":").last.flatMap({ Int($0) }) else { throw Fault("no port") }
            let theirs = try Self.tell(expected, of: configuration, at: port)
            let ours = try Self.tell(expected, of: configuration, at: own.port)
            #expect(!theirs.isEmpty && theirs.count == ours.count)
            for (their, our) in zip(theirs, ours) {
                if !Self.clocked.contains(where: { their.id.contains($0) }) {
                    #expect(their.lines == their.measured, "the real server, \(their.id)")
                }
                let row = Self.divergences.first { their.id.contains($0.item) }
                if their.lines != our.lines {
                    #expect(row != nil, "\(their.id): the real server says \(their.lines), we \(our.lines)")
                    if let row { used.insert(row.row) }
                }
            }
        }
        #expect(Set(Self.divergences.map(\.row)).subtracting(used) == [], "is stale")
        let text = try String(contentsOfFile: "\(Testdata.root)/Docs/Divergences.md", encoding: .utf8)
        for row in Self.divergences { #expect(text.contains("| \(row.row) |")) }
    }

    @Test func `nats-py logs in to the broker with the creds of nsc, and hears what it may`() throws {
        let own = try BrokerProcess(configuration: Testdata.nsc("config/CORP-mem-resolver.conf"))
        func creds(_ name: String) -> String { Testdata.nsc("keys/creds/CORP/\(name).creds") }
        let outcomes = try RealClient.log(
            in: [
                (creds("ORDERS/pub"), "orders.public.a"), (creds("ORDERS/worker"), "x"), (creds("BILLING/app"), "x"),
                (creds("OPS/plain"), "other"), (creds("OPS/revoked"), "x"), (creds("OPS/cidr-bad"), "x"),
            ], to: own.url)
        #expect(outcomes.map(\.connected) == [true, true, true, true, false, false])
        #expect(outcomes.map(\.received) == ["a message", "a message", "a message", nil, nil, nil])
        #expect(outcomes[3].error?.contains("permissions violation") == true)
        #expect(outcomes[4].error?.lowercased().contains("authorization violation") == true)
    }

    private static func tell(
        _ expected: CorpusExpectations, of configuration: String, at port: Int
    ) throws -> [Seen] {
        let stage = Stage(Cast("corpus", in: try Realm()), at: port)
        var seen: [Seen] = []
        for login in expected.connect where login.configuration == configuration {
            seen.append(Seen(id: login.id, measured: login.outcome, lines: try logIn(login, stage)))
        }
        if configuration == "config/CORP-mem-resolver.conf" {
            for one in expected.permissions {
                seen.append(Seen(id: one.id, measured: one.outcome, lines: try attempt(one, stage)))
            }
        }
        for flow in expected.flows where flow.configuration == configuration {
            seen.append(Seen(id: flow.id, measured: flow.received_as, lines: try send(flow, stage)))
        }
        for request in expected.requests where request.configuration == configuration {
            var measured = request.responder_saw.map { "asked \($0)" }
            if let keys = request.request_info_keys { measured.append("told \(keys.joined(separator: " "))") }
            measured += request.reply.map { "answered \($0)" } + (request.no_responders ? ["no responders"] : [])
            seen.append(Seen(id: request.id, measured: measured, lines: try ask(request, stage)))
        }
        return seen
    }

    private static func logIn(_ login: CorpusExpectations.Login, _ stage: Stage) throws -> [String] {
        let user = try login.creds.map { try CorpusExpectations.user($0) }
        var other: Talker?
        var options: [String: Any] = [:]
        switch login.variant {
        case nil, "no credentials": break
        case "JWT only, no signature": options["sig"] = NSNull()
        case "signature only, no JWT": options["jwt"] = NSNull()
        default:
            guard let user else { throw Fault("an item without creds: \(login.id)") }
            other = try stage.connect(user)
        }
        let talker = try stage.greeted()
        let said = try talker.logIn(user, options)
        try talker.leave()
        try other?.leave()
        return said
    }

    private static func attempt(_ one: CorpusExpectations.Permission, _ stage: Stage) throws -> [String] {
        let talker = try stage.greeted()
        let said = try talker.logIn(CorpusExpectations.user(one.creds))
        guard said == ["in"] else { return said }
        switch one.op {
        case "pub": try talker.send("PUB \(one.subject) 0\r\n\r\n")
        case "pub 65 bytes": try talker.send("PUB \(one.subject) 65\r\n")
        case "sub": try talker.send("SUB \(one.subject) \(one.queue.map { "\($0) " } ?? "")1\r\n")
        case "sub x3": for place in 0..<3 { try talker.send("SUB ops.l.s\(place) \(place + 1)\r\n") }
        default: throw Fault("an operation that is not known: \(one.op)")
        }
        try talker.settle()
        // What is delivered is not what is asked here.
        let lines = talker.take().map(\.observed).filter { !$0.hasPrefix("MSG ") && !$0.hasPrefix("HMSG ") }
        try talker.leave()
        return lines
    }

    private static func member(_ name: String, _ `operator`: String, _ stage: Stage) throws -> Talker {
        try stage.connect(CorpusExpectations.user("keys/creds/\(`operator`)/\(name).creds"))
    }

    private static func send(_ flow: CorpusExpectations.Flow, _ stage: Stage) throws -> [String] {
        let subscriber = try member(flow.subscriber, flow.operator, stage)
        let publisher = try member(flow.publisher, flow.operator, stage)
        try subscriber.send("SUB \(flow.subscribe) 1\r\n")
        try subscriber.settle()
        try publisher.send("PUB \(flow.publish) 0\r\n\r\n")
        try publisher.settle()
        var received = try subscriber.collected().map(\.subject)
        if received.count == 1, either.contains(received[0]), either.isSuperset(of: flow.received_as) {
            received = flow.received_as
        }
        try publisher.leave()
        try subscriber.leave()
        return received
    }

    private static func ask(_ request: CorpusExpectations.Request, _ stage: Stage) throws -> [String] {
        let responder = try member(request.responder, request.operator, stage)
        let requester = try member(request.requester, request.operator, stage)
        try responder.quietly("SUB \(request.listen) 1\r\n")
        try requester.quietly("SUB _INBOX.corpus 1\r\n")
        try requester.send("PUB \(request.request) _INBOX.corpus 0\r\n\r\n")
        try requester.settle()
        var lines: [String] = []
        for message in try responder.collected() {
            lines.append("asked \(message.subject)")
            if let text = message.header("Nats-Request-Info").first,
                let told = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            {
                lines.append("told \(told.keys.sorted().joined(separator: " "))")
            }
            try responder.quietly("PUB \(message.reply ?? "none") 6\r\nanswer\r\n")
        }
        for message in try requester.collected() {
            lines.append(message.headers == nil ? "answered \(message.text)" : "no responders")
        }
        try requester.leave()
        try responder.leave()
        return lines
    }
}
