import NATSWire
import Testing

@Suite struct MessageHeadersTests {
    @Test func `a block is read, and written as it was`() throws {
        for text in [
            "NATS/1.0\r\nA: b\r\nA: c\r\nx-Y: \r\n\r\n", "NATS/1.0 503\r\n\r\n",
            "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 7\r\n\r\n", "NATS/1.0\r\nA: é: \tz\r\n\r\n",
        ] {
            let headers = try MessageHeaders(parsing: Array(text.utf8))
            #expect(String(decoding: try headers.bytes(), as: UTF8.self) == text)
        }
        let headers = try MessageHeaders(parsing: Array("NATS/1.0 503 No one\r\nA:b \r\nA:  c\r\n\r\n".utf8))
        #expect(headers.status == .init(503, "No one") && headers.fields == [.init("A", "b"), .init("A", "c")])
        #expect(headers["A"] == "b" && headers["a"] == nil)
        #expect(try MessageHeaders().bytes() == [])
    }

    @Test(arguments: [
        ("", 1), ("NATS/1.0", 1), ("NATS/1.0\n\n", 1), ("NATS/2.0\r\n\r\n", 1), ("NATS/1.0 50\r\n\r\n", 1),
        ("NATS/1.0503\r\n\r\n", 1), ("NATS/1.0 503x\r\n\r\n", 1), ("NATS/1.0\r\n", 2), ("NATS/1.0\r\nA b\r\n\r\n", 2),
        ("NATS/1.0\r\n: b\r\n\r\n", 2), ("NATS/1.0\r\nA : b\r\n\r\n", 2), ("NATS/1.0\r\nA: b\nB: c\r\n\r\n", 2),
        ("NATS/1.0\r\nA: \u{0}\r\n\r\n", 2), ("NATS/1.0\r\nA: b\r\n", 3), ("NATS/1.0\r\n\r\nA: b\r\n\r\n", 3),
        ("zzzz", 1),
    ])
    func `what is no block is refused with its line`(text: String, line: Int) {
        #expect(throws: WireFault.headers(line: line)) { try MessageHeaders(parsing: Array(text.utf8)) }
    }

    @Test func `what would be read as more than one field is not written`() {
        for field in [
            MessageHeaders.Field("", "a"), .init("a:", "b"), .init("a b", "c"), .init("a\r\nb", "c"), .init("é", "a"),
            .init("a", "b\r\nc: d"), .init("a", " b"), .init("a", "\u{0}"),
        ] {
            #expect(throws: WireFault.self) { try MessageHeaders([field]).bytes() }
        }
        #expect(throws: WireFault.self) { try MessageHeaders(status: .init(99)).bytes() }
        #expect(throws: WireFault.self) { try MessageHeaders(status: .init(503, "a\r\nb")).bytes() }
    }
}
