import NATSWire
import Testing

@Suite struct ClientFrameReaderTests {
    typealias Operation = PlainClientReader.Operation

    private static let limits = WireLimits(controlLine: 4096, payload: 64)

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func read(
        _ text: [UInt8], in length: Int = .max / 2, limits: WireLimits = limits,
        admission: ClientFrameReader.Admission = .everything
    ) -> (operations: [Operation], fault: ClientFault?) {
        let read = ClientFrameInvariants.read(text, in: length, limits, admission)
        return (read.operations, read.fault)
    }

    /// Every operation in every form, and what it is.
    static let session: [(String, Operation)] = [
        ("CONNECT {\"a\": 1} \r\n", Operation(kind: .connect, options: bytes("{\"a\": 1} "))),
        ("connect\t{}\n", Operation(kind: .connect, options: bytes("{}"))),
        ("PUB a 0\r\n\r\n", Operation(kind: .publish, subject: bytes("a"))),
        ("pub\ta.b \t r.x   002 \t\r\nhi\r\n", publish("a.b", "r.x", "hi")),
        ("PUB a 2\n\r\n\r\n", publish("a", "", "\r\n")),
        ("PUB foo..bar 000000001\r\nx\r\n", publish("foo..bar", "", "x")),
        ("HPUB a 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", publish("a", "", "NATS/1.0\r\n\r\nhi", headers: 12)),
        ("hpub a r 4 4\r\nzzzz\r\n", publish("a", "r", "zzzz", headers: 4)),
        ("HPUB a 0 0\r\n\r\n", publish("a", "", "", headers: 0)),
        ("SUB a.> 1\r\n", Operation(kind: .subscribe, subject: bytes("a.>"), subscription: bytes("1"))),
        (
            "sub * q  abc-1_:x\n",
            Operation(
                kind: .subscribe, subject: bytes("*"), queue: bytes("q"), subscription: bytes("abc-1_:x"))
        ),
        ("UNSUB 1\r\n", Operation(kind: .unsubscribe, subscription: bytes("1"))),
        ("UNSUB 1 5\r\n", Operation(kind: .unsubscribe, subscription: bytes("1"), remaining: 5)),
        ("unsub 1 0\r\n", Operation(kind: .unsubscribe, subscription: bytes("1"))),
        ("UNSUB 1 x5\r\n", Operation(kind: .unsubscribe, subscription: bytes("1"))),
        ("UNSUB 1 1234567890\r\n", Operation(kind: .unsubscribe, subscription: bytes("1"))),
        ("PING\r\n", Operation(kind: .ping)), ("ping anything at all\n", Operation(kind: .ping)),
        ("PONGX\r\n", Operation(kind: .pong)), ("+OK\r\n", Operation(kind: .passedOver)),
        ("INFO {}\r\n", Operation(kind: .passedOver, options: bytes("{}"))),
    ]

    private static func publish(_ subject: String, _ reply: String, _ message: String, headers: Int? = nil) -> Operation
    {
        Operation(
            kind: .publish, subject: bytes(subject), reply: bytes(reply), message: bytes(message),
            headerCount: headers ?? 0, hasHeaders: headers != nil)
    }

    private static var expected: [Operation] {
        session.map { text, operation in
            var operation = operation
            operation.length = text.utf8.count
            return operation
        }
    }

    @Test func `however the bytes are cut, the operations are the same`() {
        let text = Self.bytes(Self.session.map(\.0).joined())
        for length in 1...text.count {
            let read = Self.read(text, in: length)
            #expect(read.operations == Self.expected && read.fault == nil, "in pieces of \(length)")
        }
    }

    @Test(arguments: [
        ("HELLO\r\n", ClientFault.unknownOperation), ("\r\n", .unknownOperation), ("\n", .unknownOperation),
        (" PING\r\n", .unknownOperation), ("MSG a 1 0\r\n\r\n", .unknownOperation),
        ("HMSG a 1 0 0\r\n\r\n", .unknownOperation), ("RS+ a b\r\n", .unknownOperation),
        ("A+ a\r\n", .unknownOperation),
        ("PUBa 0\r\n\r\n", .unknownOperation), ("CONNECT{}\r\n", .unknownOperation), ("INFO{}\r\n", .unknownOperation),
        ("\u{0}PUB a 0\r\n\r\n", .unknownOperation), ("PU\u{0}\u{0} a 0\r\n\r\n", .unknownOperation),
        ("UNSUB\r\n", .unknownOperation), ("UNSUB \t \r\n", .unknownOperation), ("UNSUB 1 2 3\r\n", .arguments),
        ("SUB\r\n", .arguments), ("SUB a\r\n", .arguments), ("SUB a b c d\r\n", .arguments),
        ("-ERR 'x'\r\n", .arguments), ("-err\r\n", .arguments), ("PUB\r\n", .arguments), ("PUB a\r\n", .arguments),
        ("PUB a b c 1\r\n", .arguments), ("PUB a -1\r\n", .arguments), ("PUB a +1\r\n", .arguments),
        ("PUB a 1.\r\n", .arguments), ("PUB a 1234567890\r\n", .arguments), ("PUB a 0x1\r\n", .arguments),
        ("PUB a 99999999999999999999\r\n", .arguments), ("PUB a \r1\r\n", .arguments),
        ("HPUB a 1\r\n", .arguments), ("HPUB a 5 4\r\n", .arguments), ("HPUB a -1 4\r\n", .arguments),
        ("HPUB a b c 1 1\r\n", .arguments), ("PUB a 65\r\n", .payload), ("HPUB a 0 65\r\n", .payload),
        ("PUB a 999999999\r\n", .payload), ("PUB a 1\r\nxy\r\n", .unknownOperation),
        ("PUB a 1\r\nx\n\n", .unknownOperation),
        ("PUB a 1\r\nx\r\r\n", .unknownOperation), ("PUB a 0\r\nPING\r\n", .unknownOperation),
        // What stands where an answer goes is written to others as it is.
        ("PUB a r\rx 0\r\n\r\n", .arguments), ("PUB a r\u{0}x 0\r\n\r\n", .arguments),
        ("PUB a \u{B} 0\r\n\r\n", .arguments), ("HPUB a r\u{C}x 0 0\r\n\r\n", .arguments),
        ("PUB a r\u{7F} 0\r\n\r\n", .arguments),
    ])
    func `what is not the protocol is a fault, however it is cut`(_ text: String, _ fault: ClientFault) {
        for length in [1, 2, 3, 5, 1000] {
            let read = Self.read(Self.bytes(text + "PING\r\nPING\r\n"), in: length)
            #expect(read.fault == fault && read.operations == [], "in pieces of \(length): \(read)")
        }
    }

    @Test func `before CONNECT nothing else is taken, as soon as its name can be told`() {
        for text in ["PING", "PONG", "PUB ", "HPUB ", "SUB ", "UNSUB\t", "INFO ", "+OK", "-ERR", "PUB\n"] {
            let read = Self.read(Self.bytes(text), admission: .connect)
            #expect(read.fault == .beforeConnect && read.operations == [], "\(text)")
        }
        #expect(Self.read(Self.bytes("GET / HTTP/1.1"), admission: .connect).fault == .unknownOperation)
        let read = Self.read(Self.bytes("CONNECT {}\r\nPING\r\n"), admission: .connect)
        #expect(read.operations.map(\.kind) == [.connect, .ping])
    }

    @Test(arguments: ["CONNECT ", "INFO ", "PING ", "SUB a ", "UNSUB ", "PUB a ", "HPUB a 1 "])
    func `a control line has 4096 bytes at most, whatever it is`(_ begin: String) {
        let name = begin.prefix { $0 != " " }
        let used = begin.utf8.count - name.utf8.count - 1
        for end in ["\r\n", "\n"] {
            for length in [61, 1000, 100_000] {
                func fault(_ count: Int) -> ClientFault? {
                    let filler = String(repeating: "1", count: count - used)
                    return Self.read(Self.bytes(begin + filler + end), in: length).fault
                }
                #expect(fault(4096) != .controlLine, "\(begin)in pieces of \(length)")
                #expect(fault(4097) == .controlLine, "\(begin)in pieces of \(length)")
                #expect(fault(9000) == .controlLine, "\(begin)in pieces of \(length)")
            }
        }
    }

    @Test(arguments: ["CONNECT", "INFO", "PING", "SUB", "UNSUB", "PUB", "HPUB"])
    func `blanks without end are not waited for`(_ name: String) {
        for length in [61, 1000] {
            let read = ClientFrameInvariants.read(
                Self.bytes(name + String(repeating: " ", count: 10_000)), in: length, Self.limits, .everything)
            #expect(read.fault == .controlLine, "in pieces of \(length)")
            #expect(read.kept < 4096 + 1000 + 8)
        }
        for (count, fault) in [(4096, nil), (4097, ClientFault.controlLine)] {
            let read = Self.read(Self.bytes(name + String(repeating: "\t", count: count)))
            #expect(read.fault == fault, "\(count) blanks")
        }
    }

    @Test func `the plain reader reads the same of bytes near to the protocol`() {
        let seed = UInt64.random(in: 0 ... .max)
        var mutations = SessionMutations(seed: seed)
        for _ in 0..<6000 {
            let input = mutations.session()
            if let violation = ClientFrameInvariants.violation(for: input) {
                Issue.record(
                    "seed \(seed): \(violation) of \(String(reflecting: String(decoding: input, as: UTF8.self)))")
                return
            }
        }
    }
}

/// Sessions of a client that are nearly right.
struct SessionMutations {
    private var state: UInt64
    private let pieces: [[UInt8]]

    init(seed: UInt64) {
        state = seed
        let texts =
            ClientFrameReaderTests.session.map(\.0) + [
                "PUB ", "HPUB ", "SUB ", "UNSUB ", "CONNECT ", "PING", "-ERR", "+OK\r\n", "INFO ", " ", "\t", "\r",
                "\n",
                "\r\n", "0", "1", "8", "9", "16", "17", "64", "999999999", "1234567890", "a", "r", ".", "\u{0}",
                "\u{7F}",
                "                ", "aaaaaaaaaaaaaaaa", "\r\r\n", "PUB a 8\r\n12345678\r\n", "PUB a 9\r\n123456789\r\n",
            ]
        pieces = texts.map { Array($0.utf8) }
    }

    private mutating func number(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }

    /// Two bytes that choose how it is read, and a few operations with changes.
    mutating func session() -> [UInt8] {
        var text: [UInt8] = [UInt8(number(8)), UInt8(number(40))]
        for _ in 0...number(5) {
            var piece = pieces[number(pieces.count)]
            if number(3) == 0, !piece.isEmpty {
                switch number(4) {
                case 0: piece[number(piece.count)] = UInt8(number(256))
                case 1: piece.insert(contentsOf: pieces[number(pieces.count)], at: number(piece.count + 1))
                case 2: piece.removeLast(number(piece.count))
                default: piece.remove(at: number(piece.count))
                }
            }
            text += piece
        }
        return text
    }
}
