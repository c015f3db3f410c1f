import NATSWire
import Testing

@Suite("What a server says is read")
struct ServerOperationParserTests {
    /// Every operation in every form, and what it is.
    private static let session: [(String, ServerOperation)] = [
        ("INFO {\"a\":1} \r\n", .info(Array(#"{"a":1}"#.utf8))), ("PING\r\n", .ping), ("pong\n", .pong),
        ("+OK\r\n", .ok), ("-ERR 'Authorization Violation'\r\n", .error("Authorization Violation")),
        ("-ERR plain\r\n", .error("plain")),
        ("MSG a.b 1 3\r\n\r\nx\r\n", message("a.b", "1", nil, "", "\r\nx")),
        ("MSG a.b 1  0\r\n\r\n", message("a.b", "1", nil, "", "")),
        ("msg a sid-1 r.x\t5  \r\nMSG x\r\n", message("a", "sid-1", "r.x", "", "MSG x")),
        ("HMSG a 2 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", message("a", "2", nil, "NATS/1.0\r\n\r\n", "hi")),
        ("HMSG a 2 r 0 001\r\nx\r\n", message("a", "2", "r", "", "x")), ("PING \r\n", .ping),
    ]

    private static func message(
        _ subject: String, _ id: String, _ reply: String?, _ headers: String, _ payload: String
    ) -> ServerOperation {
        .message(
            ServerOperation.Message(
                subject: Array(subject.utf8), subscription: Array(id.utf8), reply: reply.map { Array($0.utf8) },
                headers: Array(headers.utf8), payload: Array(payload.utf8)))
    }

    private static func read(_ pieces: [ArraySlice<UInt8>]) throws -> [ServerOperation] {
        var parser = ServerOperationParser()
        var operations: [ServerOperation] = []
        for piece in pieces {
            parser.append(piece)
            while let operation = try parser.next() { operations.append(operation) }
        }
        return operations
    }

    @Test("however the bytes are cut, the operations are the same")
    func cuts() throws {
        let bytes = Array(Self.session.map(\.0).joined().utf8)
        let expected = Self.session.map(\.1)
        #expect(try Self.read([bytes[...]]) == expected)
        #expect(try Self.read(bytes.indices.map { bytes[$0...$0] }) == expected)
        for cut in bytes.indices {
            #expect(try Self.read([bytes[..<cut], bytes[cut...]]) == expected, "cut at \(cut)")
        }
    }

    @Test(
        "what is not the protocol is refused, and again the next time",
        arguments: [
            ("HELLO\r\n", WireFault.unknownOperation), ("\r\n", .unknownOperation), ("PUB a 0\r\n", .unknownOperation),
            ("MSG a 1\r\n", .arguments(of: "MSG")), ("MSG a 1 r 2 3\r\n", .arguments(of: "MSG")),
            ("MSG a 1 -1\r\n", .arguments(of: "MSG")), ("MSG a 1 +1\r\n", .arguments(of: "MSG")),
            ("MSG a 1 1234567890\r\n", .arguments(of: "MSG")), ("HMSG a 1 5 4\r\n", .arguments(of: "HMSG")),
            ("HMSG a 1 5\r\n", .arguments(of: "HMSG")), ("MSG a 1 1\r\nxy\r\n", .payloadEnd),
            ("MSG a 1 1\r\nx\n\n", .payloadEnd),
        ])
    func faults(_ text: String, _ fault: WireFault) {
        var parser = ServerOperationParser()
        parser.append(text.utf8)
        #expect(throws: fault) { try parser.next() }
        parser.append("PING\r\n".utf8)
        #expect(throws: fault) { try parser.next() }
    }

    @Test("a line or a payload that is too long is refused before it has come")
    func limits() throws {
        let limits = WireLimits(controlLine: 16, payload: 8)
        var line = ServerOperationParser(limits: limits)
        line.append([UInt8](repeating: 0x41, count: 17))
        #expect(try line.next() == nil)
        line.append([0x41])
        #expect(throws: WireFault.controlLineTooLong(limit: 16)) { try line.next() }
        var exact = ServerOperationParser(limits: limits)
        exact.append("-ERR 0123456789a\r\n".utf8)
        #expect(try exact.next() == .error("0123456789a"))
        exact.append("-ERR 0123456789ab\r\n".utf8)
        #expect(throws: WireFault.controlLineTooLong(limit: 16)) { try exact.next() }
        var payload = ServerOperationParser(limits: limits)
        payload.append("MSG a 1 8\r\n01234567\r\nMSG a 1 9\r\n".utf8)
        #expect(try payload.next() != nil)
        #expect(throws: WireFault.payloadTooLong(bytes: 9, limit: 8)) { try payload.next() }
    }

    @Test("random bytes trap nothing")
    func random() {
        var generator = SystemRandomNumberGenerator()
        let seed = generator.next()
        print("server operations: seed \(seed)")
        var state = seed
        func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
        let words = [
            "MSG ", "HMSG ", "INFO ", "PING", "-ERR ", "a ", "1 ", "3", "12 ", "\r\n", "\n", "\r", "\u{0}", "é",
        ]
        for _ in 0..<2000 {
            var parser = ServerOperationParser(limits: WireLimits(controlLine: 64, payload: 64))
            var isOver = false
            for _ in 0..<20 where !isOver {
                parser.append(words[Int(next() % UInt64(words.count))].utf8)
                do { while try parser.next() != nil {} } catch { isOver = true }
            }
        }
    }
}
