import Glibc
import NKeys
import Testing
import Trust

@testable import AccountServer

/// Clients that do not behave, over real sockets.
@Suite struct HostileTests {
    /// What a server says to bytes on a connection, until it ends the connection.
    private static func said(to bytes: String, on server: TestServer, ending: Bool = false) async throws -> String {
        let port = server.port
        return try await blocking {
            let client = try RawClient(port: port)
            try? client.send(bytes)
            if ending { client.endSending() }
            return String(decoding: try client.receiveAll(), as: UTF8.self)
        }
    }

    @Test(arguments: [
        ("GET /healthz HTTP/1.0\r\nHost: a\r\n\r\n", "505", "H-version"),
        ("GET /healthz HTTP/1.1\r\n\r\n", "400", "H-form"),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400", "H-form"),
        ("GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n", "400", "H-form"),
        ("GET http://a/healthz HTTP/1.1\r\nHost: a\r\n\r\n", "400", "H-form"),
        (
            "POST /jwt/v1/pack HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "400", "H-form"
        ),
        ("POST /jwt/v1/pack HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "400", "H-form"),
        (
            "POST /jwt/v1/pack HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "400",
            "H-form"
        ),
        ("POST /jwt/v1/pack HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "400", "H-form"),
        ("POST /jwt/v1/pack HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", "400", "H-form"),
        ("GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n", "400", "H-form"),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\n folded: x\r\n\r\n", "400", "H-form"),
        ("GET /healthz\u{0} HTTP/1.1\r\nHost: a\r\n\r\n", "400", "H-form"),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n", "400", "H-form"),
        ("nonsense\r\n\r\n", "400", "H-form"), ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n", "400", "H-form"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400", "H-form"),
    ])
    func `what is no request of HTTP/1.1 ends the connection`(bytes: String, status: String, rule: String) async throws
    {
        try await TestServer.run { server in
            let said = try await Self.said(to: bytes, on: server)
            #expect(said.hasPrefix("HTTP/1.1 \(status)"))
            #expect(said.contains(rule))
            #expect(said.lowercased().contains("connection: close"))
            // One answer, whatever followed.
            #expect(said.components(of: "\r\nX-Request-Id: ") == 1)
            #expect(server.accounts.uploads.isEmpty && server.accounts.turned.isEmpty)
        }
    }

    @Test func `a target or a header that is too large is refused, and one without end is not waited for`() async throws
    {
        try await TestServer.run { server in
            let target = "GET /jwt/v1/pack?" + String(repeating: "x", count: 2100) + " HTTP/1.1\r\nHost: a\r\n\r\n"
            let field = "GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 9000) + "\r\n\r\n"
            let line = "X: " + String(repeating: "x", count: 1000) + "\r\n"
            let total = "GET /healthz HTTP/1.1\r\nHost: a\r\n" + String(repeating: line, count: 30) + "\r\n"
            let many = "GET /healthz HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 70) + "\r\n"
            // These never end.
            let endless = "GET /healthz HTTP/1.1\r\nHost: a\r\n" + String(repeating: line, count: 2000)
            let long = "GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 1 << 20)
            let path = "GET /" + String(repeating: "x", count: 1 << 20)
            for bytes in [target, field, total, many, endless, long, path] {
                let said = try await Self.said(to: bytes, on: server)
                #expect(said.hasPrefix("HTTP/1.1 431"), "\(bytes.prefix(60)): \(said.prefix(60))")
                #expect(said.contains("H-header"))
            }
            #expect(server.metric(#"credence_http_refusals_total{rule="H-header"}"#) == 7)
        }
    }

    @Test func `half a request is answered when its time is over, and silence is only ended`() async throws {
        let settings = HTTPSettings.testing { ($0.headerTimeout, $0.idleTimeout, $0.bodyTimeout) = (0.3, 0.3, 0.3) }
        let key = try TestTokens.key()
        try await TestServer.run(settings) { server in
            // Who begins so late that the time is over is ended as one that is silent: then once more.
            func answer(to bytes: String) async throws -> String {
                for _ in 0..<50 {
                    let said = try await Self.said(to: bytes, on: server)
                    if !said.isEmpty { return said }
                }
                return ""
            }
            let half = try await answer(to: "GET /healthz HTTP/1.1\r\nHo")
            #expect(half.hasPrefix("HTTP/1.1 408"))
            #expect(half.contains("H-timeout"))
            #expect(try await Self.said(to: "", on: server) == "")
            let idle = try await answer(to: "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(idle.hasPrefix("HTTP/1.1 200"))
            let body = "POST /jwt/v1/accounts/\(key) HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na.b"
            #expect(try await !Self.said(to: body, on: server).contains(" 200 "))
            #expect(server.accounts.uploads.isEmpty)
        }
    }

    @Test func `a head that comes a byte at a time is cut off like one that stopped`() async throws {
        try await TestServer.run(.testing { $0.headerTimeout = 0.3 }) { server in
            let port = server.port
            let said = try await blocking {
                let client = try RawClient(port: port)
                // As long as it is let: no header of this length is refused for its size.
                for byte in ("GET /healthz HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 50)).utf8 {
                    guard (try? client.send([byte])) != nil else { break }
                    var pause = timespec(tv_sec: 0, tv_nsec: 20_000_000)
                    nanosleep(&pause, nil)
                }
                return String(decoding: try client.receiveAll(), as: UTF8.self)
            }
            #expect(said.hasPrefix("HTTP/1.1 408") || said.isEmpty)
            #expect(server.metric(#"credence_http_refusals_total{rule="H-timeout"}"#) == 1)
        }
    }

    @Test func `requests sent at once are answered in their order, each once`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            server.accounts.keep(key, token: "a.b.c")
            let port = server.port
            let statuses = try await blocking {
                let client = try RawClient(port: port)
                var all = ""
                for index in 0..<40 {
                    all += RawClient.request("GET", index % 2 == 0 ? "/jwt/v1/accounts/\(key)" : "/nothing")
                    if index == 20 { all += RawClient.request("POST", "/jwt/v1/accounts/\(key)", body: "d.e.f") }
                }
                try client.send(all)
                return try (0..<41).map { _ in try client.answer().status }
            }
            let expected = (0..<40).flatMap { $0 == 20 ? [200, 200] : [$0 % 2 == 0 ? 200 : 404] }
            #expect(statuses == expected)
            #expect(server.accounts.uploads.count == 1)
        }
    }

    @Test func `nothing behind the last request of a connection is read`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run(.testing { $0.requestsPerConnection = 3 }) { server in
            let get = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
            let many = try await Self.said(to: String(repeating: get, count: 6), on: server)
            #expect(many.components(of: "HTTP/1.1 200") == 3)
            #expect(many.lowercased().components(of: "connection: close") == 1)
            let upload = RawClient.request("POST", "/jwt/v1/accounts/\(key)", body: "a.b.c")
            let last = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            let closed = try await Self.said(to: last + upload, on: server)
            #expect(closed.components(of: "HTTP/1.1 ") == 1)
            // What follows a refused body could be anything.
            let refused = "POST /jwt/v1/operator HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n"
            let smuggled = try await Self.said(to: refused + upload, on: server)
            #expect(smuggled.hasPrefix("HTTP/1.1 401"))
            #expect(smuggled.components(of: "HTTP/1.1 ") == 1)
            #expect(server.accounts.uploads.isEmpty)
        }
    }

    @Test func `connections beyond the limit are told so and ended, and room comes back`() async throws {
        let settings = HTTPSettings.testing { ($0.connectionsPerAddress, $0.loopbackCallers) = (5, .limited) }
        try await TestServer.run(settings) { server in
            let port = server.port
            let beyond = try await blocking {
                let held = try (0..<5).map { _ in
                    let client = try RawClient(port: port)
                    try client.send(RawClient.request("GET", "/healthz"))
                    _ = try client.answer()
                    return client
                }
                let beyond = try (0..<20).map { _ in
                    String(decoding: try RawClient(port: port).receiveAll(), as: UTF8.self)
                }
                for client in held { try client.send(RawClient.request("GET", "/healthz", ["Connection: close"])) }
                for client in held { _ = try client.receiveAll() }
                return beyond
            }
            #expect(beyond.allSatisfy { $0.hasPrefix("HTTP/1.1 503") && $0.contains("H-connections") })
            #expect(server.metric("credence_http_connections_refused_total") == 20)
            // The ends of the others are seen when they are seen: a new one is let in then.
            while server.server.connectionCount > 0 { await Task.yield() }
            #expect(try await server.ask("GET", "/healthz").status == 200)
        }
        try await TestServer.run(.testing { $0.connections = 2 }) { server in
            let port = server.port
            let last = try await blocking {
                let held = try (0..<2).map { _ in
                    let client = try RawClient(port: port)
                    try client.send(RawClient.request("GET", "/healthz"))
                    _ = try client.answer()
                    return client
                }
                defer { for client in held { client.endSending() } }
                return String(decoding: try RawClient(port: port).receiveAll(), as: UTF8.self)
            }
            #expect(last.hasPrefix("HTTP/1.1 503"))
        }
    }

    @Test(arguments: ["PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get"])
    func `a method that a resource does not have is refused, with those that it has`(method: String) async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            let answer = try await server.ask(method, "/jwt/v1/accounts/\(key)")
            #expect(answer.status == 405 || answer.rules == ["H-form"])
            if answer.status == 405 {
                #expect(answer.rules == ["H-method"])
                #expect(answer.fields["allow"] == "GET, HEAD, POST, DELETE")
            }
            let health = try await server.ask("DELETE", "/healthz")
            #expect(health.fields["allow"] == "GET, HEAD")
        }
    }

    @Test func `every answer has a name of its own that no client chose`() async throws {
        try await TestServer.run { server in
            var names: Set<String> = []
            for target in ["/healthz", "/nothing", "/jwt/v1/pack?max=0"] {
                let answer = try await server.ask("GET", target, ["X-Request-Id: mine"])
                let name = try #require(answer.fields["x-request-id"])
                #expect(name.count == 24 && name != "mine")
                names.insert(name)
                #expect(answer.fields["date"]?.hasSuffix(" GMT") == true)
                // It is written down when the answer is on its way.
                for _ in 0..<6000 where !server.log.all.contains(where: { $0.contains("request=\(name)") }) {
                    try await Task.sleep(for: .milliseconds(10))
                }
                #expect(server.log.all.contains { $0.contains("request=\(name)") })
            }
            #expect(names.count == 3)
            #expect(!server.log.all.joined().contains("max=0"))
        }
    }
}

extension String {
    /// How often a text stands in it.
    func components(of text: String) -> Int { ranges(of: text).count }
}
