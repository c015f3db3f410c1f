import NATSWire
import Testing

@Suite("What a client says is written")
struct ClientOperationTests {
    private static let operations: [(ClientOperation, String)] = [
        (.connect(Array("{}".utf8)), "CONNECT {}\r\n"), (.ping, "PING\r\n"), (.pong, "PONG\r\n"),
        (.publish(subject: "a.b", payload: Array("hi".utf8)), "PUB a.b 2\r\nhi\r\n"),
        (.publish(subject: "a", reply: "r", payload: []), "PUB a r 0\r\n\r\n"),
        (
            .publish(subject: "a", reply: "r", headers: Array("NATS/1.0\r\n\r\n".utf8), payload: Array("hi".utf8)),
            "HPUB a r 12 14\r\nNATS/1.0\r\n\r\nhi\r\n"
        ),
        (.subscribe(subject: "a.>", id: "1"), "SUB a.> 1\r\n"),
        (.subscribe(subject: "a", queue: "q", id: "1"), "SUB a q 1\r\n"),
        (.unsubscribe(id: "1"), "UNSUB 1\r\n"), (.unsubscribe(id: "1", after: 2), "UNSUB 1 2\r\n"),
    ]

    @Test("every operation has its one form")
    func forms() throws {
        for (operation, text) in Self.operations {
            var bytes: [UInt8] = []
            try operation.write(to: &bytes)
            #expect(String(decoding: bytes, as: UTF8.self) == text)
        }
    }

    @Test(
        "what would be read as another operation is not written",
        arguments: ["", "a b", "a\r\nPUB x 0", "a\t", "\u{7F}"])
    func injection(_ field: String) {
        let operations: [ClientOperation] = [
            .publish(subject: field, payload: []), .publish(subject: "a", reply: field, payload: []),
            .subscribe(subject: field, id: "1"), .subscribe(subject: "a", queue: field, id: "1"),
            .subscribe(subject: "a", id: field), .unsubscribe(id: field),
        ]
        for operation in operations {
            #expect(throws: WireFault.self) {
                var bytes: [UInt8] = []
                try operation.write(to: &bytes)
            }
        }
        #expect(throws: WireFault.field("options")) {
            var bytes: [UInt8] = []
            try ClientOperation.connect(Array("{\n}".utf8)).write(to: &bytes)
        }
    }
}
