import Foundation
import Glibc
import RealServers
import Testing

/// What clients may do to a broker: after each of it others are served as before, and the process was never much larger
/// than before.
@Suite(.serialized, .onOwnThread) struct HostileClientTests {
    /// What the process may grow by while anything is done to it that a test does.
    private static let growth = 64 << 20

    /// Does something, and sees that nobody else noticed.
    private func unharmed(
        _ broker: AttackedBroker, growth: Int = growth, sourceLocation: SourceLocation = #_sourceLocation,
        _ attack: () throws -> Void
    ) throws {
        #expect(broker.serves(), "before", sourceLocation: sourceLocation)
        let before = try broker.memory()
        try broker.forgetPeak()
        try attack()
        #expect(broker.serves(), "after", sourceLocation: sourceLocation)
        let after = try broker.peak()
        #expect(after - before < growth, "grown by \((after - before) >> 20) MiB", sourceLocation: sourceLocation)
    }

    @Test func `bytes that come one by one are read as if they came at once`() throws {
        let broker = try AttackedBroker()
        try unharmed(broker) {
            let client = try broker.open()
            let text = try client.connectText(broker.creds) + "PING\r\nSUB a 1\r\nPUB a r 5\r\nhello\r\n"
            for byte in text.utf8 { client.send([byte]) }
            #expect(client.read(to: "MSG a 1 r 5\r\nhello\r\n") != nil)
        }
    }

    @Test func `who says much before it says who it is gets no room, and its time`() throws {
        var broker = try AttackedBroker()
        let chunk = [UInt8](repeating: 0x20, count: 1 << 20)
        try unharmed(broker) {
            for begin in [
                "CONNECT ", "CONNECT {", "PUB ", "SUB ", "PING ", "INFO ", "\r\n", "", "GET / HTTP/1.1\r\n",
                "PUB a 999999999\r\n", "HPUB a 0 999999999\r\n", "\u{16}\u{3}\u{1}",
            ] {
                let client = try broker.open()
                client.send(begin)
                var sent = 0
                while sent < 64, client.send(chunk) { sent += 1 }
                // What the system itself takes of both ends is less.
                #expect(sent < 24, "\(String(reflecting: begin)): \(sent) MiB were taken")
                let heard = client.readToEnd()
                #expect(heard.hasPrefix("INFO ") || heard.isEmpty, "\(begin): \(heard)")
            }
        }
        // Each was closed for what it said, and not when its time was over.
        #expect(!broker.logged("Authentication Timeout"))
        broker = try AttackedBroker(authenticationTime: 10)
        try unharmed(broker) {
            let silent = try (0..<200).map { _ in try broker.open() }
            for client in silent { #expect(client.readToEnd().hasSuffix("-ERR 'Authentication Timeout'\r\n")) }
        }
        #expect(broker.says("Authentication Timeout"))
    }

    @Test func `giant sizes are refused before there is room for them`() throws {
        let broker = try AttackedBroker()
        try unharmed(broker) {
            for text in ["PUB a 1048577\r\n", "PUB a 999999999\r\n", "HPUB a 0 999999999\r\n"] {
                let client = try broker.client()
                client.send(text)
                #expect(client.readToEnd() == "-ERR 'Maximum Payload Violation'\r\n")
            }
            for text in ["PUB a 99999999999999999999\r\n", "PUB a -1\r\n", "HPUB a 9 1\r\n"] {
                let client = try broker.client()
                client.send(text)
                #expect(client.readToEnd() == "")
            }
            let line = try broker.client()
            line.send("SUB \(String(repeating: "a", count: 100_000)) 1\r\n")
            #expect(line.readToEnd() == "-ERR 'maximum control line exceeded'\r\n")
            let options = try broker.open()
            options.send("CONNECT {\"name\":\"\(String(repeating: "a", count: 1 << 20))\"}\r\n")
            #expect(options.readToEnd().hasSuffix("-ERR 'maximum control line exceeded'\r\n"))
        }
    }

    @Test func `who does not read is closed at its limit, and others get everything`() throws {
        let broker = try AttackedBroker("max_pending: 8MB")
        try unharmed(broker) {
            let (slow, reader, publisher) = (try broker.client(), try broker.client(), try broker.client())
            slow.send("SUB flood 1\r\nPING\r\n")
            reader.send("SUB flood 1\r\nPING\r\n")
            #expect(slow.read(to: "PONG\r\n") != nil && reader.read(to: "PONG\r\n") != nil)
            let message = Array("PUB flood 65536\r\n\(String(repeating: "x", count: 65_536))\r\n".utf8)
            for _ in 0..<400 {
                publisher.send(message)
                #expect(reader.read(to: "MSG flood 1 65536\r\n") != nil)
            }
            publisher.send("PING\r\n")
            #expect(publisher.read(to: "PONG\r\n") != nil)
            let left = slow.readToEnd()
            #expect(left.utf8.count < 400 * 65_536 && !left.contains("-ERR"))
        }
    }

    @Test func `one message to very many subscriptions of one client does not fill the memory`() throws {
        let broker = try AttackedBroker("max_pending: 8MB")
        try unharmed(broker, growth: 96 << 20) {
            let greedy = try broker.client()
            for begin in stride(from: 0, to: 20_000, by: 1000) {
                greedy.send((begin..<begin + 1000).map { "SUB flood \($0)\r\n" }.joined())
            }
            greedy.send("PING\r\n")
            #expect(greedy.read(to: "PONG\r\n") != nil)
            let publisher = try broker.client()
            publisher.send("PUB flood 1000000\r\n\(String(repeating: "x", count: 1_000_000))\r\nPING\r\n")
            #expect(publisher.read(to: "PONG\r\n") != nil)
        }
    }

    @Test func `nothing that one client writes is read by another as an operation`() throws {
        let broker = try AttackedBroker()
        try unharmed(broker) {
            let listener = try broker.client()
            listener.send("SUB > 1\r\nPING\r\n")
            #expect(listener.read(to: "PONG\r\n") != nil)
            for byte in Array(0...0x20) + [0x7F, 0x80, 0xC0, 0xFF] as [UInt8] {
                func line(_ parts: [String]) -> [UInt8] {
                    Array(parts.map { Array($0.utf8) }.joined(separator: [byte]))
                }
                for attack in [
                    line(["PUB a", "-ERR 0\r\n\r\n"]), line(["PUB a r", "x 0\r\n\r\n"]),
                    line(["PUB a ", " 0\r\n\r\n"]),
                    line(["HPUB a r", "x 0 0\r\n\r\n"]), line(["SUB b", "c 9\r\n"]), line(["SUB b q", "q 9\r\n"]),
                    line(["SUB b 9", "9\r\nPUB b 0\r\n\r\n"]),
                    line(["HPUB a 16 16\r\nNATS/1.0", "MSG a\r\n\r\n"]),
                ] {
                    let client = try broker.client()
                    client.send(attack)
                    client.send("PING\r\n")
                    _ = client.read(to: "PONG\r\n")
                }
                let named = try broker.open()
                let name = byte < 0x20 || byte > 0x7E ? "\\u00\(String(byte, radix: 16).leftPadded)" : " "
                try named.connect(broker.creds, options: "\"name\":\"a\(name)\\r\\nMSG a 1 0\",\"lang\":\"\(name)\",")
            }
            let last = try broker.client()
            last.send("PUB the.end 0\r\n\r\n")
            let heard = try #require(listener.readBytes(to: "MSG the.end 1 0\r\n\r\n"))
            let text = String(reflecting: String(decoding: heard, as: UTF8.self))
            #expect(Self.isMessages(heard), "\(text)")
        }
    }

    /// Whether a strict reader, who knows nothing but visible ASCII in fields, finds messages and nothing else.
    private static func isMessages(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let end = rest.firstIndex(of: 0x0A) else { return false }
            let line = rest[..<end].dropLast()
            rest = rest[(end + 1)...]
            if line.elementsEqual("PING".utf8) { continue }
            guard line.starts(with: "MSG ".utf8) || line.starts(with: "HMSG ".utf8),
                line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
                let size = line.split(separator: 0x20).last.flatMap({ Int(String(decoding: $0, as: UTF8.self)) }),
                rest.count >= size + 2
            else { return false }
            rest = rest.dropFirst(size)
            guard rest.starts(with: "\r\n".utf8) else { return false }
            rest = rest.dropFirst(2)
        }
        return true
    }

    @Test func `connections that come and go half open leave nothing`() throws {
        let broker = try AttackedBroker()
        try unharmed(broker) {
            var open: [RawClient] = []
            for number in 0..<10_000 {
                let client = try broker.open()
                if number % 3 == 0 { client.send("CONNECT {\"jwt\":\"x") }
                if number % 100 == 0 { open.append(client) }
            }
        }
    }

    @Test func `very many and very deep subscriptions are taken, and gone with their client`() throws {
        let broker = try AttackedBroker()
        try unharmed(broker) {
            for _ in 0..<3 {
                let client = try broker.client()
                for begin in stride(from: 0, to: 20_000, by: 1000) {
                    client.send((begin..<begin + 1000).map { "SUB a.\($0).*.> \($0)\r\n" }.joined())
                }
                let deep = (0..<1900).map { _ in "a" }.joined(separator: ".")
                let wild = (0..<1900).map { _ in "*" }.joined(separator: ".")
                client.send("SUB \(deep) d\r\nSUB \(wild) w\r\nSUB \(deep).> x\r\nPUB \(deep) 2\r\nhi\r\nPING\r\n")
                let heard = client.read(to: "PONG\r\n")
                #expect(heard?.components(separatedBy: "\r\nhi\r\n").count == 3 || heard?.contains("-ERR") == true)
            }
        }
    }

    @Test func `bytes at random end their own connection at most`() throws {
        let broker = try AttackedBroker()
        let seed = UInt64.random(in: 0 ... .max)
        var state = seed
        func byte() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        try unharmed(broker) {
            for number in 0..<300 {
                let client = number % 2 == 0 ? try broker.client() : try broker.open()
                client.send((0..<2000).map { _ in byte() })
                let begin = ["PUB a ", "SUB ", "HPUB a b ", "UNSUB ", "CONNECT {"][number % 5]
                client.send(Array(begin.utf8) + (0..<64).map { _ in byte() } + [0x0D, 0x0A])
            }
        }
        #expect(broker.serves(), "seed \(seed)")
    }

    @Test func `2,000 clients at once get every message`() throws {
        // Each is a file here and one there.
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let broker = try AttackedBroker()
        let before = try broker.memory()
        var clients: [RawClient] = []
        for _ in 0..<2000 {
            let client = try broker.client()
            client.send("SUB all 1\r\nPING\r\n")
            clients.append(client)
        }
        for client in clients { #expect(client.read(to: "PONG\r\n") != nil) }
        let each = (try broker.memory() - before) / clients.count
        print("broker: \(each) bytes of memory for each of \(clients.count) connections with a subscription")
        #expect(each < 64 << 10)
        let publisher = try broker.client()
        for number in 0..<5 { publisher.send("PUB all 1\r\n\(number)\r\n") }
        var wrong: [String] = []
        for client in clients {
            for number in 0..<5 {
                let heard = client.read(to: "\r\n\(number)\r\n")?.replacing("PING\r\n", with: "")
                if heard != "MSG all 1 1\r\n\(number)\r\n" { wrong.append(heard ?? "nothing") }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count) did not come, the first: \(wrong.prefix(1))")
        #expect(broker.serves())
        clients = []
        #expect(broker.serves())
    }
}

extension String {
    /// Two characters.
    fileprivate var leftPadded: String { utf8.count < 2 ? "0" + self : self }
}
