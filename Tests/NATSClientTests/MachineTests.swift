import NATSWire
import Testing

@testable import NATSClient

/// The protocol, event by event, without a socket.
@Suite struct MachineTests {
    private typealias Effect = ClientMachine.Effect
    private let first = ServerAddress(scheme: .nats, host: "a", port: 1, certificateName: "a")
    private let second = ServerAddress(scheme: .nats, host: "b", port: 2, certificateName: "b")

    private func machine(_ change: (inout ConnectionSettings) -> Void = { _ in }) -> ClientMachine {
        var settings = ConnectionSettings(servers: [first, second])
        change(&settings)
        return ClientMachine(settings: settings, inbox: "_INBOX.x", seed: 1)
    }

    private func info(_ text: String = #"{"headers":true,"max_payload":100,"nonce":"abcdefgh"}"#) -> ClientMachine.Event
    {
        .received(.info(Array(text.utf8)))
    }

    private func ready(_ machine: inout ClientMachine, _ text: String? = nil) {
        if machine.phase == .waiting { _ = machine.handle(.fired(.reconnect)) }
        _ = machine.start()
        _ = machine.handle(.opened)
        _ = machine.handle(text.map { info($0) } ?? info())
        _ = machine.handle(.identified(ClientIdentity(token: "t", signature: "s")))
        _ = machine.handle(.received(.pong))
    }

    private func sent(_ effects: [Effect]) -> String {
        effects.map { effect in
            if case .send(let bytes) = effect { String(decoding: bytes, as: UTF8.self) } else { "" }
        }.joined()
    }

    @Test func `a connection begins step by step`() {
        var machine = machine()
        #expect(machine.start() == [.start(.handshake, .seconds(5)), .open(first, inTLS: false)])
        #expect(machine.handle(.opened) == [])
        #expect(machine.handle(info()) == [.authenticate(nonce: "abcdefgh")])
        let connect = sent(machine.handle(.identified(ClientIdentity(token: "t", signature: "s"))))
        #expect(connect.hasPrefix("CONNECT {") && connect.hasSuffix("}\r\nPING\r\n"))
        #expect(connect.contains(#""jwt":"t","sig":"s""#) && connect.contains(#""no_responders":true"#))
        #expect(machine.handle(.received(.ping)) == [.send(Array("PONG\r\n".utf8))])
        #expect(machine.handle(.received(.pong)).contains(.tell(.connected(first))))
        #expect(machine.phase == .ready(first))
    }

    @Test func `TLS is spoken where it is asked for by anyone, and not without`() {
        for (text, isAsked, effect) in [
            (#"{"tls_required":true}"#, false, Effect.startTLS(first)),
            (#"{"tls_available":true}"#, true, .startTLS(first)),
            (#"{"tls_available":true}"#, false, .authenticate(nonce: nil)),
        ] {
            var machine = machine { if isAsked { $0.tls = TLSSettings() } }
            _ = machine.start()
            _ = machine.handle(.opened)
            #expect(machine.handle(info(text)) == [effect])
        }
        var refused = machine { $0.tls = TLSSettings() }
        _ = refused.start()
        _ = refused.handle(.opened)
        #expect(refused.handle(info()).contains(.drop))
        #expect(refused.phase == .opening(second))
        var atOnce = machine {
            $0.tls = TLSSettings()
            $0.tls?.start = .atOnce
        }
        #expect(atOnce.start().contains(.open(first, inTLS: true)))
        _ = atOnce.handle(.opened)
        #expect(atOnce.handle(info(#"{"tls_required":true}"#)) == [.authenticate(nonce: nil)])
    }

    @Test func `the first connection tries each server once, and a refusal is what is told`() {
        var machine = machine()
        _ = machine.start()
        _ = machine.handle(.opened)
        let refused = machine.handle(.received(.error("Authorization Violation")))
        #expect(refused.contains(.open(second, inTLS: false)))
        let over = machine.handle(.lost(.unreachable(server: "b", reason: "no")))
        #expect(over.last == .tell(.closed(.refused(.authorization))))
        #expect(machine.phase == .closed)
        for event in [ClientMachine.Event.opened, .lost(.stale), info()] { #expect(machine.handle(event) == []) }
    }

    @Test(arguments: ["PING", "MSG", "PONG", "+OK", "garbage"])
    func `a server that does not announce itself first is left`(name: String) {
        var machine = machine()
        _ = machine.start()
        _ = machine.handle(.opened)
        let operations: [String: ClientMachine.Event] = [
            "PING": .received(.ping), "PONG": .received(.pong), "+OK": .received(.ok),
            "MSG": .received(.message(.init(subject: [65], subscription: [49], payload: []))),
        ]
        let effects = machine.handle(operations[name] ?? info("no json"))
        #expect(effects.first == .drop && machine.phase == .opening(second))
    }

    @Test func `a handshake that takes too long is given up`() {
        var machine = machine()
        _ = machine.start()
        #expect(machine.handle(.fired(.handshake)).contains(.tell(.disconnected(.timeout))))
        #expect(machine.phase == .opening(second))
    }

    @Test func `what was sent is lost with the connection, and what was not is sent by the next`() throws {
        var machine = machine()
        ready(&machine)
        _ = try machine.subscribe(5, to: "a.>", queue: "q")
        let asked = try machine.request(7, OutgoingMessage(subject: "s", payload: [65]), expecting: .one)
        #expect(sent(asked) == "SUB _INBOX.x.* 0\r\nPUB s _INBOX.x.7 1\r\nA\r\n")
        _ = try machine.barrier(8)
        let lost = machine.handle(.lost(.stale))
        #expect(lost.contains(.answer(7, .fault(.connectionLost))) && lost.contains(.passed(8, .connectionLost)))
        #expect(try machine.publish(OutgoingMessage(subject: "p")) == [])
        #expect(try machine.request(9, OutgoingMessage(subject: "s"), expecting: .one) == [])
        #expect(try machine.request(10, OutgoingMessage(subject: "s"), expecting: .one) == [])
        #expect(try machine.barrier(11) == [])
        let isUnsent = machine.forget(request: 10)
        #expect(isUnsent)
        _ = machine.handle(.fired(.reconnect))
        _ = machine.handle(.opened)
        _ = machine.handle(info())
        _ = machine.handle(.identified(ClientIdentity()))
        let back = sent(machine.handle(.received(.pong)))
        #expect(
            back == "SUB _INBOX.x.* 0\r\nSUB a.> q 5\r\nPUB p 0\r\n\r\nPUB s _INBOX.x.9 0\r\n\r\nPING\r\n")
        #expect(machine.handle(.received(.pong)) == [.passed(11, nil)])
    }

    @Test func `waits grow by rounds, with chance, up to the longest`() {
        var machine = machine {
            $0.reconnection.firstWait = .milliseconds(100)
            $0.reconnection.longestWait = .milliseconds(400)
        }
        ready(&machine)
        var waits: [Duration] = []
        for _ in 0..<8 {
            for case .start(.reconnect, let wait) in machine.handle(.lost(.stale)) { waits.append(wait) }
            _ = machine.handle(.fired(.reconnect))
        }
        let wholes = [100, 100, 200, 200, 400, 400, 400, 400].map { Duration.milliseconds($0) }
        #expect(waits.count == wholes.count && Set(waits).count == waits.count)
        for (wait, whole) in zip(waits, wholes) { #expect(wait >= whole / 2 && wait <= whole) }
    }

    @Test func `credentials refused by every server twice close the connection, unless it is to go on`() {
        for whenRefused in [ConnectionSettings.WhenRefused.close, .keepTrying] {
            var machine = machine { $0.reconnection.whenRefused = whenRefused }
            ready(&machine)
            _ = machine.handle(.received(.error("User Authentication Expired")))
            #expect(machine.handle(.lost(.stale)).contains(.tell(.disconnected(.refused(.userExpired)))))
            for attempt in 1...4 {
                _ = machine.handle(.fired(.reconnect))
                _ = machine.handle(.opened)
                _ = machine.handle(.received(.error("Authorization Violation")))
                #expect((machine.phase == .closed) == (attempt == 4 && whenRefused == .close))
            }
        }
    }

    @Test func `servers that are announced are tried too, and forgotten when they are not any more`() {
        var machine = machine()
        ready(&machine, #"{"connect_urls":["c:3","a:1","bad host:1","u@x:1","[::1]:4","d"]}"#)
        #expect(machine.pool.count == 5)
        _ = machine.handle(info(#"{"connect_urls":["c:3"],"ldm":true}"#))
        #expect(machine.pool.count == 3)
        var tried: [String] = []
        for _ in 0..<3 {
            _ = machine.handle(.lost(.stale))
            for case .open(let server, _) in machine.handle(.fired(.reconnect)) { tried.append(server.host) }
        }
        #expect(tried == ["b", "c", "a"])
    }

    @Test func `pings that are not answered end the connection`() {
        var machine = machine()
        ready(&machine)
        #expect(sent(machine.handle(.fired(.ping))) == "PING\r\n")
        _ = machine.handle(.received(.pong))
        for _ in 0..<2 { #expect(sent(machine.handle(.fired(.ping))) == "PING\r\n") }
        #expect(machine.handle(.fired(.ping)).contains(.tell(.disconnected(.stale))))
    }

    @Test func `a permission violation ends what it is about, and nothing else`() throws {
        var machine = machine()
        ready(&machine)
        for (id, subject, queue) in [(2, "a", nil), (3, "a", "q"), (4, "b\"c", nil)] as [(Int, String, String?)] {
            _ = try machine.subscribe(id, to: subject, queue: queue)
        }
        _ = try machine.request(5, OutgoingMessage(subject: "s"), expecting: .one)
        _ = try machine.request(6, OutgoingMessage(subject: "t"), expecting: .one)
        let texts = [
            (#"Permissions Violation for Subscription to "a" using queue "q""#, Effect?.some(.end(3, nil))),
            (#"permissions violation for subscription to "b\"c" (sid "4")"#, .end(4, nil)),
            (#"Permissions Violation for Publish to "s""#, .answer(5, .fault(.stale))),
            (#"Permissions Violation for Publish with Reply of "t""#, nil), ("Invalid Subject", nil),
        ]
        for (text, expected) in texts {
            let effects = machine.handle(.received(.error(text)))
            #expect(effects.count == (expected == nil ? 1 : 2), "\(text)")
            switch (expected, effects.last) {
            case (.end(let id, _), .end(let ended, .notPermitted(text))): #expect(id == ended)
            case (.answer(let id, _), .answer(let ended, .fault(.notPermitted(text)))): #expect(id == ended)
            default: #expect(expected == nil, "\(text)")
            }
        }
        #expect(machine.interests.keys.sorted() == [2] && machine.requests.keys.sorted() == [6])
    }

    @Test func `nothing that waits is without a bound`() throws {
        var machine = machine {
            $0.limits.outbox = 40
            $0.limits.requests = 2
        }
        ready(&machine)
        _ = machine.handle(.lost(.stale))
        _ = try machine.publish(OutgoingMessage(subject: "p", payload: [UInt8](repeating: 65, count: 25)))
        #expect(throws: NATSFault.overloaded) {
            try machine.publish(OutgoingMessage(subject: "p", payload: [UInt8](repeating: 65, count: 25)))
        }
        #expect(throws: NATSFault.payloadTooLong(bytes: 101, limit: 100)) {
            try machine.publish(OutgoingMessage(subject: "p", payload: [UInt8](repeating: 65, count: 101)))
        }
        ready(&machine)
        for id in 1...2 { _ = try machine.request(id, OutgoingMessage(subject: "s"), expecting: .many) }
        #expect(throws: NATSFault.overloaded) {
            try machine.request(3, OutgoingMessage(subject: "s"), expecting: .one)
        }
        _ = try machine.barrier(4)
        _ = try machine.barrier(5)
        #expect(throws: NATSFault.overloaded) { try machine.barrier(6) }
    }

    @Test func `closing ends everything once`() throws {
        var machine = machine()
        ready(&machine)
        _ = try machine.subscribe(2, to: "a", queue: nil)
        _ = try machine.request(3, OutgoingMessage(subject: "s"), expecting: .one)
        let effects = machine.close(nil)
        #expect(effects.contains(.end(2, nil)) && effects.contains(.answer(3, .fault(.connectionLost))))
        #expect(effects.last == .tell(.closed(nil)))
        #expect(machine.close(nil) == [])
    }

    @Test func `events in any order trap nothing, and leave nobody waiting`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("client machine: seed \(seed)")
        var random = SplitMix(seed: seed)
        for _ in 0..<3000 {
            var machine = machine { $0.limits.outbox = 200 }
            var (open, effects): (Set<Int>, [Effect]) = ([], machine.start())
            for id in 1...30 {
                switch Int.random(in: 0..<18, using: &random) {
                case 0...1: effects += machine.handle(.opened)
                case 2...3: effects += machine.handle(info())
                case 4...5: effects += machine.handle(.identified(ClientIdentity(token: "t", signature: "s")))
                case 6...8: effects += machine.handle(.received(.pong))
                case 9: effects += machine.handle(.lost(.stale))
                case 10: effects += machine.handle(.fired([.reconnect, .handshake, .ping, .drain][id % 4]))
                case 11: effects += machine.handle(.received(.error("Permissions Violation for Publish to \"s\"")))
                case 12: if Int.random(in: 0..<9, using: &random) == 0 { effects += machine.drain() }
                case 13: effects += machine.handle(.secured)
                case 14:
                    if let more = try? machine.barrier(id) {
                        effects += more
                        open.insert(id)
                    }
                case 15:
                    let gone = Int.random(in: 1...30, using: &random)
                    guard machine.requests[gone] != nil else { continue }
                    _ = machine.forget(request: gone)
                    open.remove(gone)
                default:
                    let message = OutgoingMessage(subject: "s", payload: [1, 2, 3])
                    if let more = try? machine.request(id, message, expecting: .one) {
                        effects += more
                        open.insert(id)
                    }
                }
                #expect(machine.waitingBytes == machine.waiting.reduce(0) { $0 + $1.bytes.count })
            }
            effects += machine.close(nil)
            var told: [Int] = []
            for effect in effects {
                if case .answer(let id, _) = effect { told.append(id) }
                if case .passed(let id, _) = effect { told.append(id) }
            }
            #expect(Set(told) == open && told.count == open.count)
        }
    }
}
