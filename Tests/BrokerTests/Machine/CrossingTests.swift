import NATSWire
import NKeys
import Subjects
import Testing
import Trust

@testable import Broker

/// Requests that go through a service import, and their answers.
@Suite struct CrossingTests {
    /// Two accounts, a service between them and a client in each.
    private struct Pair {
        let world: MachineWorld
        let (exporter, importer): (KeyPair, KeyPair)
        let (service, client): (MachineClient, MachineClient)

        init(
            _ edit: (inout Export) throws -> Void = { _ in }, importing: (inout Import) -> Void = { _ in }
        ) throws {
            world = try MachineWorld()
            var export = Export.service(try SubjectPattern("svc.*"))
            try edit(&export)
            exporter = try world.account("E") { [export] in $0.exports = [export] }
            var item = Import(subject: try SubjectPattern("svc.*"), account: exporter.publicKey, kind: .service)
            item.localSubject = "ask.$1"
            importing(&item)
            importer = try world.account("I") { [item] in $0.imports = [item] }
            service = try world.client(of: exporter)
            client = try world.client(of: importer)
            service.say("SUB svc.* 1\r\n")
            client.say("SUB inbox.* 1\r\n")
        }

        /// What reached the service.
        func questions() throws -> [ServerOperation.Message] {
            try service.operations().compactMap { if case .message(let message) = $0 { message } else { nil } }
        }

        func ask(_ reply: String = "inbox.1", _ text: String = "q") throws -> ServerOperation.Message {
            client.say("PUB ask.x \(reply) \(text.utf8.count)\r\n\(text)\r\n")
            return try #require(try questions().first)
        }

        func answer(_ question: ServerOperation.Message, _ text: String) {
            let reply = String(decoding: question.reply ?? [], as: UTF8.self)
            service.say("PUB \(reply) \(text.utf8.count)\r\n\(text)\r\n")
        }

        var awaited: Int { world.core.spaces[exporter.publicKey]?.awaited.count ?? -1 }
    }

    @Test func `a single answer comes back on the subject that was asked with, and no second`() throws {
        let pair = try Pair()
        let question = try pair.ask()
        #expect(String(decoding: question.subject, as: UTF8.self) == "svc.x" && question.payload == Array("q".utf8))
        #expect(question.reply?.starts(with: "_R_.".utf8) == true && pair.awaited == 1)
        pair.answer(question, "one")
        pair.answer(question, "two")
        #expect(try pair.client.messages() == ["inbox.1 1 one"])
        #expect(pair.awaited == 0)
    }

    @Test(arguments: [ResponseType.stream, .chunked])
    func `many answers come until an empty one, or until none comes for too long`(_ type: ResponseType) throws {
        let pair = try Pair {
            $0.responseType = type
            $0.responseThreshold = 5_000_000_000
        }
        var question = try pair.ask()
        for text in ["1", "2", "3", "", "4"] { pair.answer(question, text) }
        #expect(try pair.client.messages() == ["inbox.1 1 1", "inbox.1 1 2", "inbox.1 1 3", "inbox.1 1 "])
        question = try pair.ask()
        for _ in 0..<4 {
            pair.world.host.advance(by: .milliseconds(4_900))
            pair.answer(question, "late")
        }
        #expect(try pair.client.messages().count == 4)
        pair.world.host.advance(by: .milliseconds(5_001))
        pair.answer(question, "too late")
        #expect(try pair.client.messages() == [])
        pair.world.host.advance(by: .seconds(2))
        #expect(pair.awaited == 0)
    }

    @Test func `an answer that comes too late does not come, and nothing waits for it`() throws {
        let pair = try Pair { $0.responseThreshold = 1_000_000_000 }
        let question = try pair.ask()
        pair.world.host.advance(by: .milliseconds(999))
        #expect(pair.awaited == 1)
        pair.world.host.advance(by: .milliseconds(1))
        pair.answer(question, "late")
        #expect(try pair.client.messages() == [])
        pair.world.host.advance(by: .seconds(2))
        #expect(pair.awaited == 0)
    }

    @Test func `nobody in the other account makes up an answer`() throws {
        let pair = try Pair()
        let question = try pair.ask()
        let reply = String(decoding: question.reply ?? [], as: UTF8.self)
        let stranger = try pair.world.client(of: try pair.world.account("X"))
        stranger.say("PUB \(reply) 4\r\nfake\r\nPUB inbox.1 4\r\nfake\r\n")
        pair.client.say("PUB \(reply) 4\r\nfake\r\n")
        #expect(try pair.client.messages() == [])
        pair.answer(question, "true")
        #expect(try pair.client.messages() == ["inbox.1 1 true"])
    }

    @Test func `where nobody listens the asker is told at once, with its own subject`() throws {
        let pair = try Pair()
        pair.service.say("UNSUB 1\r\n")
        pair.client.say("PUB ask.x inbox.1 0\r\n\r\n")
        #expect(pair.client.hear().hasSuffix("NATS/1.0 503\r\nNats-Subject: ask.x\r\n\r\n\r\n") && pair.awaited == 0)
    }

    @Test func `who asks is told by the broker alone, whatever the client says`() throws {
        let pair = try Pair()
        let spoofs = [
            "Nats-Request-Info: {\"acc\":\"FORGED\"}\r\n", "NATS-REQUEST-INFO: FORGED\r\n",
            "nats-request-info:FORGED\r\n",
            " Nats-Request-Info: FORGED\r\n", "\tNats-Request-Info: FORGED\r\n", "Nats-Request-Info : FORGED\r\n",
            "A: b\rNats-Request-Info: FORGED\r\n", "A: b\nNats-Request-Info: FORGED\n",
            "A: b\r\n Nats-Request-Info: FORGED\r\n",
            "Nats-Request-Info: x\r\n FORGED\r\n\tFORGED\r\n",
            "Nats-Request-Info: FORGED\r\nNats-Request-Info: FORGED\r\n", "\u{0}Nats-Request-Info: FORGED\r\n",
        ]
        for spoof in spoofs {
            for end in ["\r\n", ""] {
                let block = "NATS/1.0\r\nKept: yes\r\n\(spoof)\(end)"
                pair.client.say("HPUB ask.x \(block.utf8.count) \(block.utf8.count)\r\n\(block)\r\n")
                let question = try #require(try pair.questions().first, "\(spoof)")
                let headers = String(decoding: question.headers, as: UTF8.self)
                #expect(!headers.contains("FORGED"), "\(String(reflecting: headers))")
                #expect(headers.contains(pair.importer.publicKey.text))
                if end == "" { continue }
                let lines = headers.split(separator: "\r\n").filter { $0.lowercased().contains("nats-request-info") }
                #expect(lines.count == 1, "\(String(reflecting: headers))")
            }
        }
    }

    @Test func `who shares tells more, and never a token`() throws {
        let pair = try Pair(importing: { $0.share = true })
        let question = try pair.ask()
        let headers = try MessageHeaders(parsing: question.headers)
        let text = try #require(headers[RequestDetails.name])
        let details = try WireJSON(parsing: Array(text.utf8))
        #expect(details["acc"]?.string == pair.importer.publicKey.text && details["host"]?.string == "127.0.0.1")
        #expect(details["user"]?.string?.hasPrefix("U") == true && details["jwt"] == nil && !text.contains("eyJ"))
    }

    @Test func `a request goes from account to account, and its answer the same way back`() throws {
        let world = try MachineWorld()
        var accounts = [try world.account("A0") { $0.exports = [.service(try SubjectPattern("s"))] }]
        for number in 1..<5 {
            let exporter = accounts[number - 1].publicKey
            accounts.append(
                try world.account("A\(number)") {
                    $0.exports = [.service(try SubjectPattern("s"))]
                    $0.imports = [Import(subject: try SubjectPattern("s"), account: exporter, kind: .service)]
                })
        }
        let (service, client) = (try world.client(of: accounts[0]), try world.client(of: accounts[4]))
        service.say("SUB s 1\r\n")
        client.say("SUB inbox 1\r\nPUB s inbox 1\r\nq\r\n")
        guard case .message(let question)? = try service.operations().last else {
            Issue.record("no question")
            return
        }
        service.say("PUB \(String(decoding: question.reply ?? [], as: UTF8.self)) 1\r\na\r\n")
        #expect(try client.messages() == ["inbox 1 a"])
        #expect(world.core.spaces.values.allSatisfy { $0.awaited.isEmpty })
    }
}
