import NKeys
import Testing
import Trust

@testable import AccountServer

/// What one account's resource answers, and what the old account server got wrong there.
@Suite struct AccountRouteTests {
    @Test func `the health request of a starting server is answered, with and without the slash`() async throws {
        try await TestServer.run { server in
            for path in ["/jwt/v1/accounts", "/jwt/v1/accounts/"] {
                let answer = try await server.ask("GET", path)
                #expect(answer.status == 200)
                #expect(answer.body.isEmpty)
                #expect(answer.fields["cache-control"] == "no-cache, no-store, must-revalidate")
                #expect(answer.fields["pragma"] == "no-cache")
                #expect(answer.fields["expires"] == "0")
            }
        }
    }

    @Test func `a token comes as it was received, with its name and for how long it may be kept`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            server.accounts.keep(key, token: "a.b.c", identifier: "ABC")
            let answer = try await server.ask("GET", "/jwt/v1/accounts/\(key)")
            #expect(answer.status == 200)
            #expect(answer.text == "a.b.c")
            #expect(answer.fields["content-type"] == "application/jwt")
            #expect(answer.fields["etag"] == "\"ABC\"")
            #expect(answer.fields["cache-control"] == "public, max-age=60, must-revalidate")
            #expect(answer.fields["access-control-allow-origin"] == nil)
            let text = try await server.ask("GET", "/jwt/v1/accounts/\(key)?text=true")
            #expect(text.fields["content-type"] == "text/plain; charset=utf-8")
            #expect(text.text == "a.b.c")
            let head = try await server.ask("HEAD", "/jwt/v1/accounts/\(key)")
            #expect(head.status == 200)
            #expect(head.fields["content-length"] == "5")
            #expect(head.fields["etag"] == "\"ABC\"")
        }
    }

    @Test(
        arguments: [
            (nil, 60), (1_000, 0), (1_000_000, 0), (1_000_007, 7), (1_000_060, 60), (1_009_999, 60), (Int64.max, 60),
        ] as [(Int64?, Int)])
    func `the time to keep a token is never negative and never long`(expires: Int64?, seconds: Int) async throws {
        let key = try TestTokens.key()
        let now = try #require(UnixTime(1_000_000))
        let clock = ServerClock(now: { now }, uptime: ServerClock.system.uptime)
        try await TestServer.run(clock: clock) { server in
            server.accounts.keep(key, token: "a.b.c", expires: expires.flatMap { UnixTime($0) })
            let answer = try await server.ask("GET", "/jwt/v1/accounts/\(key)")
            #expect(answer.fields["cache-control"] == "public, max-age=\(seconds), must-revalidate")
        }
    }

    @Test(arguments: [
        ("\"ABC\"", 304), ("W/\"ABC\"", 304), ("*", 304), ("\"x\", \"ABC\"", 304), (" \"x\" ,, W/\"ABC\" ", 304),
        ("\"ABCD\"", 200), ("\"xABC\"", 200), ("ABC", 200), ("\"ABC", 200), ("\"ABC\" x", 200), ("\"a\", *", 200),
        ("\"\"", 200), ("w/\"ABC\"", 200), ("\"x\"\"ABC\"", 200), ("", 200),
    ])
    func `a condition is read by its grammar, not searched`(condition: String, status: Int) async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            server.accounts.keep(key, token: "a.b.c", identifier: "ABC")
            let answer = try await server.ask("GET", "/jwt/v1/accounts/\(key)", ["If-None-Match: \(condition)"])
            #expect(answer.status == status)
            #expect(answer.body.isEmpty == (status == 304))
            #expect(answer.fields["etag"] == "\"ABC\"")
            #expect(answer.fields["cache-control"] != nil)
        }
    }

    @Test func `a name that a header cannot hold is replaced by a hash, and breaks no header`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            server.accounts.keep(key, token: "a.b.c", identifier: "x\"\r\nSet-Cookie: a=b\r\n\r\n")
            let answer = try await server.ask("GET", "/jwt/v1/accounts/\(key)")
            #expect(answer.fields["etag"] == "\"\(SHA256.base32(Array("a.b.c".utf8)))\"")
            #expect(answer.fields["set-cookie"] == nil)
            #expect(answer.text == "a.b.c")
        }
    }

    @Test func `an unknown account is not found, and no failure of the server`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            let answer = try await server.ask("GET", "/jwt/v1/accounts/\(key)")
            #expect(answer.status == 404)
            #expect(answer.rules == ["C-account-unknown"])
            #expect(answer.fields["content-type"] == "application/json")
            #expect(answer.text.hasSuffix("\"warnings\":[]}\n"))
        }
    }

    @Test func `a check finds what is in force and not what expired`() async throws {
        let (old, new) = (try TestTokens.key(), try TestTokens.key())
        let now = try #require(UnixTime(1_000_000))
        let clock = ServerClock(now: { now }, uptime: ServerClock.system.uptime)
        try await TestServer.run(clock: clock) { server in
            server.accounts.keep(old, token: "a.b.c", expires: now)
            server.accounts.keep(new, token: "a.b.c", expires: now.advanced(by: 1))
            let refused = try await server.ask("GET", "/jwt/v1/accounts/\(old)?check=true")
            #expect(refused.status == 404)
            #expect(refused.rules == ["T-expired"])
            #expect(try await server.ask("GET", "/jwt/v1/accounts/\(old)").status == 200)
            #expect(try await server.ask("GET", "/jwt/v1/accounts/\(new)?check=true").status == 200)
        }
    }

    @Test func `decoding shows header and claims, and masks the tokens inside`() async throws {
        let key = try TestTokens.key()
        let inner = TestTokens.token(#"{"jti":"INNER"}"#)
        let seed = "S" + String(repeating: "A", count: 57)
        let claims = #"{"jti":"X","nats":{"imports":[{"name":"i","token":"\#(inner)"}],"note":"\#(seed)"}}"#
        try await TestServer.run { server in
            server.accounts.keep(key, token: TestTokens.token(claims))
            let answer = try await server.ask("GET", "/jwt/v1/accounts/\(key)?decode=true")
            #expect(answer.status == 200)
            #expect(answer.fields["content-type"] == "text/plain; charset=utf-8")
            let masked = claims.replacing(inner, with: "***").replacing(seed, with: "***")
            #expect(answer.text == "{\"typ\":\"JWT\",\"alg\":\"ed25519-nkey\"}\r\n\(masked)\r\n")
            #expect(!answer.text.contains(inner))
        }
    }

    @Test func `an account is announced when that is asked for, and a failure says nothing of servers`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            server.accounts.keep(key, token: "a.b.c")
            #expect(try await server.ask("GET", "/jwt/v1/accounts/\(key)?notify=true").text == "a.b.c")
            #expect(server.accounts.state.withLock { $0.announced } == [key])
            server.accounts.state.withLock { $0.announceFault = DistributionFault("nats at 10.0.0.7 is down") }
            let failed = try await server.ask("GET", "/jwt/v1/accounts/\(key)?notify=true")
            #expect(failed.status == 503)
            #expect(failed.rules == ["H-unavailable"])
            #expect(!failed.text.contains("10.0.0.7"))
            // A method that is safe announces nothing.
            #expect(try await server.ask("HEAD", "/jwt/v1/accounts/\(key)?notify=true").status == 400)
            #expect(server.accounts.state.withLock { $0.announced }.count == 2)
        }
    }

    @Test(arguments: [
        "%41", "..%2f..", "../../etc/passwd", ".", "%00", "a|b", "A", "*", ">", "KEY/", "KEY/..", "KEY%20",
    ])
    func `what is no key in its one spelling is no account`(tail: String) async throws {
        let key = try TestTokens.key()
        let tail = tail.replacing("KEY", with: key.text)
        try await TestServer.run { server in
            server.accounts.keep(key, token: "a.b.c")
            for path in ["/jwt/v1/accounts/\(tail)"] {
                let read = try await server.ask("GET", path)
                #expect(read.status == 404)
                #expect(read.rules == ["U-path"])
                for method in ["POST", "DELETE"] {
                    let refused = try await server.ask(method, path, body: "a.b.c")
                    #expect(refused.status == 400)
                    #expect(refused.rules == ["U-path"])
                }
            }
            #expect(server.accounts.uploads.isEmpty)
            #expect(server.accounts.turned.allSatisfy { $0.rule == .uploadPath && $0.path.utf8.count <= 64 })
            #expect(server.accounts.turned.count == 2)
        }
    }

    @Test(arguments: [KeyRole.user, .operator, .server, .curve])
    func `keys of other roles are no accounts, and neither are shortened and changed ones`(role: KeyRole) async throws {
        let other = try TestTokens.key(role).text
        let key = try TestTokens.key().text
        let lower = key.lowercased()
        try await TestServer.run { server in
            for text in [other, lower, String(key.dropLast()), key + "A", " " + key] {
                let path = "/jwt/v1/accounts/\(text.replacing(" ", with: "%20"))"
                let (read, stored) = (try await server.ask("GET", path), try await server.ask("POST", path, body: "x"))
                #expect(read.rules == ["U-path"])
                #expect(stored.status == 400)
            }
        }
    }

    @Test(arguments: [
        "//jwt/v1/accounts/KEY", "/jwt/v1//accounts/KEY", "/jwt/v1/./accounts/KEY", "/jwt/v1/x/../accounts/KEY",
        "/JWT/v1/accounts/KEY", "/jwt/v1/%61ccounts/KEY", "/jwt/v1/accountsx/KEY", "/jwt%2fv1/accounts/KEY", "*", "/",
        "http://localhost/jwt/v1/accounts/KEY", "/jwt/v1/activations/../accounts/KEY", "/healthz/", "/healthz%00",
    ])
    func `a path has one spelling`(path: String) async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            server.accounts.keep(key, token: "a.b.c")
            let answer = try await server.ask("GET", path.replacing("KEY", with: key.text))
            #expect(answer.status == 404 || answer.status == 400)
            #expect(answer.rules == ["H-resource"] || answer.rules == ["H-form"])
        }
    }

    @Test(arguments: [
        "dry_run=yes", "dry_run", "dry_run=", "dry_run=TRUE", "dry_run=1", "dryrun=true", "dry_run=true&dry_run=false",
        "dry_run=true&", "&dry_run=true", "x=y", "access_token=abc", "DRY_RUN=true", "dry%5frun=true", "dry_run=%74rue",
        "check=true",
    ])
    func `an upload with a query that is not understood is never stored`(query: String) async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            let answer = try await server.ask("POST", "/jwt/v1/accounts/\(key)?\(query)", body: "a.b.c")
            #expect(answer.status == 400)
            #expect(answer.rules == ["H-query"])
            #expect(server.accounts.uploads.isEmpty)
        }
    }

    @Test func `looking up by name of a token was given up, and says so`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            let answer = try await server.ask("GET", "/jwt/v1/accounts/\(key)?jti=ABC")
            #expect(answer.status == 501)
            #expect(answer.rules == ["H-withdrawn"])
        }
    }
}
