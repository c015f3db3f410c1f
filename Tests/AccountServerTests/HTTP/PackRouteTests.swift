import NKeys
import Testing
import Trust

@testable import AccountServer

/// All accounts at once, both ways.
@Suite struct PackRouteTests {
    @Test func `a pack has every account, a line each, in the order of the keys`() async throws {
        let keys = try (0..<30).map { _ in try TestTokens.key() }.sorted()
        try await TestServer.run { server in
            for key in keys { server.accounts.keep(key, token: "token.of.\(key)") }
            let whole = try await server.ask("GET", "/jwt/v1/pack")
            #expect(whole.text == keys.map { "\($0)|token.of.\($0)" }.joined(separator: "\n"))
            #expect(whole.fields["content-type"] == "text/plain; charset=utf-8")
            #expect(whole.fields["x-pack-rest"] == "none")
            let part = try await server.ask("GET", "/jwt/v1/pack?max=2")
            #expect(part.text == keys.prefix(2).map { "\($0)|token.of.\($0)" }.joined(separator: "\n"))
            #expect(part.fields["x-pack-rest"] == "more")
            let head = try await server.ask("HEAD", "/jwt/v1/pack")
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
        }
    }

    @Test(arguments: [
        "0", "-1", "9223372036854775807", "9223372036854775808", "1e3", "", "01", "+5", "5.0", " 5", "%35", "0x5",
        "1000001", "five", "18446744073709551616",
    ])
    func `what is no number in bounds gives no pack`(max: String) async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            server.accounts.keep(key, token: "a.b.c")
            let answer = try await server.ask("GET", "/jwt/v1/pack?max=\(max.replacing(" ", with: "%20"))")
            #expect(answer.status == 400)
            #expect(answer.rules == ["H-query"])
            #expect(!answer.text.contains("a.b.c"))
        }
    }

    @Test func `each line of a pack stands for itself`() async throws {
        let (good, bad, late) = (try TestTokens.key(), try TestTokens.key(), try TestTokens.key())
        try await TestServer.run { server in
            server.accounts.answer(
                .accepted(.init()), .refused(Refusal(Finding(.uploadStale, at: "iat", .sameTimeOtherContent))))
            let pack = "\(good)|a.b.c\n\(bad)|d.e.f\r\n\nnonsense\n\(late)|g.h.i"
            let answer = try await server.ask("POST", "/jwt/v1/pack", body: pack)
            #expect(answer.status == 400)
            #expect(server.accounts.uploads.map(\.path) == [good.text, bad.text, late.text])
            #expect(
                server.accounts.uploads.map { String(decoding: $0.token, as: UTF8.self) } == [
                    "a.b.c", "d.e.f", "g.h.i",
                ])
            guard case .object(let members) = try JSONTree(answer.body) else { return }
            func member(_ name: String) -> JSONTree? { members.first { $0.name == name }?.value }
            #expect(member("accepted") == .boolean(false))
            #expect(member("stored") == .integer(2))
            guard case .list(let results)? = member("results") else { return }
            #expect(results.count == 4)
            #expect(answer.text.contains("\"line\":2,\"account\":\"\(bad)\",\"accepted\":false"))
            #expect(answer.text.contains("\"rule\":\"U-path\""))
        }
    }

    @Test func `a pack of good lines is accepted, and one too large stops where it is`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run(.testing { ($0.tokenBytes, $0.packBytes, $0.packLines) = (1000, 4000, 10) }) {
            server in
            let whole = try await server.ask("POST", "/jwt/v1/pack", body: "\(key)|a.b.c\n")
            #expect(whole.status == 200)
            #expect(whole.text.hasPrefix("{\"accepted\":true,\"failures\":[]"))
            let declared = try await server.ask("POST", "/jwt/v1/pack", body: String(repeating: "x", count: 4001))
            #expect(declared.status == 413)
            let line = try await server.ask(
                "POST", "/jwt/v1/pack", body: "\(key)|" + String(repeating: "x", count: 1100))
            #expect(line.status == 413)
            #expect(line.rules == ["T-size"])
            let lines = String(repeating: "\(key)|a\n", count: 11)
            let many = try await server.ask("POST", "/jwt/v1/pack", body: lines)
            #expect(many.status == 413)
            #expect(many.text.contains("\"stored\":10"))
        }
    }

    @Test func `readers that do not read cost little`() async throws {
        let large = String(repeating: "x", count: 1 << 19)
        let count = 64
        let keys = try (0..<count).map { _ in try TestTokens.key() }
        try await TestServer.run { server in
            for key in keys { server.accounts.keep(key, token: large) }
            let (port, readers) = (server.port, 12)
            let slow = try await blocking {
                try (0..<readers).map { _ in
                    let client = try RawClient(port: port, receiveBuffer: 4096)
                    try client.send(RawClient.request("GET", "/jwt/v1/pack"))
                    _ = try client.receive(atMost: 1)
                    return client
                }
            }
            // While one who reads is given all of it, the others are given no more than the system holds for them.
            let whole = try await server.ask("GET", "/jwt/v1/pack")
            let size = count * (large.utf8.count + 57 + 1) - 1
            #expect(whole.body.count == size)
            let packed = try #require(server.metric("credence_http_pack_bytes_total"))
            let held = (packed - Double(size)) / Double(slow.count)
            #expect(held < 8e6, "\(held) bytes for each of those who do not read")
            #expect(held < Double(size) / 4)
            #expect(server.metric("credence_http_connections") ?? 0 >= Double(readers))
        }
    }
}
