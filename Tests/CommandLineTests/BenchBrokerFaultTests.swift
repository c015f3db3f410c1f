import Foundation
import RealServers
import Testing

@testable import CredenceCLI

@Suite("credence bench broker, on servers that do not behave", .onOwnThread)
struct BenchBrokerFaultTests {
    /// The world's creds: the fake servers look at none.
    private func creds(_ folder: TemporaryFolder) throws -> String {
        #expect(try Binary.run("bench", "make-world", folder.path("world")).status == 0)
        return folder.path("world/app.creds")
    }

    private func run(
        _ server: FakeServer, _ work: String, _ more: String..., timeout: Int = 60
    ) throws -> CommandRun {
        let folder = TemporaryFolder()
        return try Binary.start(
            [
                "bench", "broker", "--url", server.url, "--creds", try creds(folder), "--work", work, "--timeout",
                "\(timeout)", "--runs", "1",
            ] + more
        ).wait()
    }

    @Test(
        "What is no server is said to be none",
        arguments: [
            ("HTTP/1.1 400 Bad Request\r\n\r\n", 65, "does not speak the protocol"),
            ("\r\n", 65, "a line is empty"), ("MSG a 1 99999999999\r\n", 65, "cannot be read"),
            ("MSG a 1 5\r\nhello\r\n", 65, "a message has 5 bytes"), ("PONG\r\n", 65, "does not begin with INFO"),
            (String(repeating: "x", count: 70_000), 65, "a line has no end"),
            ("INFO {\"nonce\":\"eyJhbGciOi.J9\"}\r\n", 65, "what it wants signed is no nonce"),
            ("INFO {\"nonce\": 7}\r\n", 65, "`nonce` is not of its type"), ("INFO {\r\n", 65, "JSON"),
            ("INFO {\"version\":\"x\"}\r\n", 74, "sends no nonce"),
            ("INFO {\"nonce\":\"abcdefghijklmno\",\"tls_required\":true}\r\n", 74, "demands TLS"),
            ("-ERR 'maximum connections exceeded'\r\n", 1, "`maximum connections exceeded`"), ("", 74, "closed"),
        ])
    func greetings(greeting: String, status: Int32, text: String) throws {
        let server = try FakeServer(FakeServer.Script(greeting: greeting, answers: [], then: .close))
        let run = try run(server, "publish")
        #expect(run.status == status && run.errors.contains(text), "\(run.status) \(run.errors)")
        #expect(run.output.isEmpty && run.errors.contains(server.url))
    }

    @Test("A server that says nothing, or never comes to its point, is given up", arguments: ["", "PING\r\n", "PO"])
    func endless(text: String) throws {
        var script = FakeServer.Script(answers: [])
        script.then = text.isEmpty ? .silence : .flood(String(repeating: text, count: 10_000))
        let run = try run(try FakeServer(FakeServer.Script(), script), "publish", timeout: 1)
        #expect([65, 74].contains(run.status) && run.output.isEmpty, "\(run.status) \(run.errors)")
    }

    @Test("A server that goes away midway ends the run", arguments: ["publish", "connects", "request"])
    func closing(work: String) throws {
        // After the login, or for connections before it.
        let answers = work == "connects" ? [] : ["PONG\r\n"]
        let closing = FakeServer.Script(answers: answers, then: .close)
        let run = try run(try FakeServer(FakeServer.Script(), closing), work, "--messages", "100000000")
        #expect(run.status == 74 && run.output.isEmpty)
        #expect(run.errors.contains("\(work): the server closed the connection"), "\(run.errors)")
    }

    @Test("Messages that were not published, or that are broken, are no result")
    func miscounted() throws {
        func run(_ delivery: String, timeout: Int = 60) throws -> CommandRun {
            let login = FakeServer.Script(then: .more)
            var subscriber = FakeServer.Script(answers: ["PONG\r\n", "PONG\r\n" + delivery])
            subscriber.then = .silence
            return try self.run(try FakeServer(login, subscriber, login), "pair", "--messages", "10", timeout: timeout)
        }
        let message = "MSG load.pair.one 1 16\r\nabcdefghijklmnop\r\n"
        let end = "MSG load.pair.one 1 0\r\n\r\n"
        let whole = try run(String(repeating: message, count: 10) + end)
        #expect(whole.status == 0 && whole.output.contains("pair"), "\(whole.errors)")
        let more = try run(String(repeating: message, count: 11) + end)
        #expect(more.status == 1 && more.errors.contains("1 messages more came"), "\(more.errors)")
        let fewer = try run(String(repeating: message, count: 7) + end)
        #expect(fewer.status == 1 && fewer.errors.contains("3 of 10 messages did not come"), "\(fewer.errors)")
        let nothing = try run("", timeout: 10)
        #expect(nothing.status == 1 && nothing.errors.contains("10 of 10 messages did not come"), "\(nothing.errors)")
        let broken = try run(message + "MSG load.pair.one 1 16\r\nabcdefghijklmnopq\r")
        #expect(broken.status == 65 && broken.errors.contains("does not end where it should"), "\(broken.errors)")
        let large = try run("MSG load.pair.one 1 999999999\r\n")
        #expect(large.status == 65 && large.errors.contains("999999999 bytes"), "\(large.errors)")
    }

    @Test("A subscriber that the server closed is told as a slow consumer, with what it missed")
    func slow() throws {
        let login = FakeServer.Script(then: .more)
        let message = "MSG load.pair.one 1 16\r\nabcdefghijklmnop\r\n"
        let subscriber = FakeServer.Script(
            answers: ["PONG\r\n", "PONG\r\n" + String(repeating: message, count: 4)], then: .close)
        let server = try FakeServer(login, subscriber, login)
        let json = try run(server, "pair", "--messages", "10", "--json").json()
        let works = try #require(json["works"] as? [[String: Any]])
        let results = try #require(works.first?["results"] as? [[String: Any]])
        let runs = try #require(results.first?["runs"] as? [[String: Any]])
        #expect(runs.first?["count"] as? Int == 4)
        #expect(runs.first?["lost"] as? Int == 6 && runs.first?["slow_consumers"] as? Int == 1)
    }

    @Test("Where nobody listens, that is said")
    func nobody() throws {
        let port = try freePorts(1)[0]
        let run = try Binary.run("bench", "broker", "--url", "nats://127.0.0.1:\(port)", "--work", "publish")
        #expect(run.status == 74 && run.errors.contains("hint: is the server running"), "\(run.errors)")
    }

    @Test(
        "Messages are counted the same however the bytes come", arguments: [UInt64.random(in: 0 ... .max)])
    func scanning(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var bytes: [UInt8] = []
        var expected = (messages: 0, ends: 0, others: 0)
        for _ in 0..<2000 {
            switch random.next() % 12 {
            case 0: (bytes, expected.others) = (bytes + Array("PING\r\n".utf8), expected.others + 1)
            case 1: (bytes, expected.others) = (bytes + Array("INFO {\"a\":1} \r\n".utf8), expected.others + 1)
            case 2: (bytes, expected.ends) = (bytes + Array("MSG a.b 1 0\r\n\r\n".utf8), expected.ends + 1)
            case 3:
                bytes += "hmsg a.b  1\t_R_.x 12 14\r\nNATS/1.0\r\n\r\nab\r\n".utf8
                expected.messages += 1
            default:
                let size = random.next() % 4 == 0 ? 3 : 16
                bytes += "MSG a.b 1 \(size)\r\n\(String(repeating: "\n", count: size))\r\n".utf8
                expected.messages += 1
            }
        }
        let scanner = ServerScanner(payloadLimit: 64)
        var (tally, others, at) = (ServerScanner.Tally(), 0, 0)
        while at < bytes.count {
            let count = min(bytes.count - at, Int(random.next() % 3 == 0 ? 1 : random.next() % 300 + 1))
            _ = scanner.fill { room in
                room.copyBytes(from: bytes[at..<at + count])
                return count
            }
            at += count
            while try scanner.count(&tally) != nil { others += 1 }
        }
        #expect(tally.messages == expected.messages && tally.ends == expected.ends && others == expected.others)
    }
}

/// Random numbers that begin again with the same seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
