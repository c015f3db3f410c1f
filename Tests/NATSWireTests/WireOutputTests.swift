import NATSWire
import Testing

@Suite struct WireOutputTests {
    private static func written(_ body: (inout WireOutput) -> Void) -> String {
        var output = WireOutput()
        body(&output)
        return String(decoding: Array(output.bytes), as: UTF8.self)
    }

    private static func message(
        _ subject: String, _ id: String, _ reply: String, _ text: String, headers: Int, to output: inout WireOutput
    ) {
        let (subject, id, reply, text) = (Array(subject.utf8), Array(id.utf8), Array(reply.utf8), Array(text.utf8))
        subject.withUnsafeBufferPointer { subject in
            id.withUnsafeBufferPointer { id in
                reply.withUnsafeBufferPointer { reply in
                    text.withUnsafeBufferPointer {
                        output.appendMessage(
                            subject: subject, subscription: id, reply: reply, message: $0, headerCount: headers)
                    }
                }
            }
        }
    }

    @Test func `messages are written as the protocol has them`() {
        #expect(Self.written { Self.message("a.b", "1", "", "", headers: 0, to: &$0) } == "MSG a.b 1 0\r\n\r\n")
        #expect(Self.written { Self.message("a", "x-1", "r", "hi", headers: 0, to: &$0) } == "MSG a x-1 r 2\r\nhi\r\n")
        #expect(
            Self.written { Self.message("a", "1", "", "NATS/1.0\r\n\r\nx", headers: 12, to: &$0) }
                == "HMSG a 1 12 13\r\nNATS/1.0\r\n\r\nx\r\n")
    }

    @Test func `other lines are written as the protocol has them`() {
        #expect(Self.written { $0.appendError("Stale Connection") } == "-ERR 'Stale Connection'\r\n")
        #expect(Self.written { $0.appendInfo(Array("{}".utf8)) } == "INFO {} \r\n")
        #expect(Self.written { $0.append("PING\r\n") } == "PING\r\n")
    }

    @Test func `sizes of every number of digits are written, and read back by the client's parser`() throws {
        var output = WireOutput()
        let sizes = [0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 9999, 10_000, 65_535, 65_536, 99_999, 100_000, 1 << 20]
        for size in sizes {
            for headers in Set([0, min(12, size), size]) {
                Self.message(
                    "s.\(size)", "\(headers)", size % 2 == 0 ? "r" : "", String(repeating: "x", count: size),
                    headers: headers, to: &output)
            }
        }
        var parser = ServerOperationParser()
        parser.append(Array(output.bytes))
        var count = 0
        while let operation = try parser.next() {
            guard case .message(let message) = operation else { continue }
            count += 1
            let subject = String(decoding: message.subject, as: UTF8.self)
            let id = String(decoding: message.subscription, as: UTF8.self)
            #expect(subject == "s.\(message.headers.count + message.payload.count)" && id == "\(message.headers.count)")
        }
        #expect(count == sizes.reduce(0) { $0 + Set([0, min(12, $1), $1]).count })
    }

    @Test func `what is taken is forgotten, and large memory is given back`() {
        var output = WireOutput()
        output.append([UInt8](repeating: 1, count: 1 << 20))
        #expect(output.count == 1 << 20)
        output.removeAll()
        #expect(output.count == 0 && output.bytes.isEmpty)
        output.append("a")
        #expect(Array(output.bytes) == [0x61])
        output.release()
        #expect(output.bytes.isEmpty)
        output.append("b")
        #expect(Array(output.bytes) == [0x62])
    }
}
