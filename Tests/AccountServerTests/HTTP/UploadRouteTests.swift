import NKeys
import Testing
import Trust

@testable import AccountServer

/// What uploads, deletions and packs are answered.
@Suite struct UploadRouteTests {
    @Test func `an accepted upload is stored and says what it changes for others`() async throws {
        let (key, other) = (try TestTokens.key(), try TestTokens.key())
        try await TestServer.run { server in
            let warning = Finding(.tokenLifetime, at: "exp", .lifetimeUnlimited(limit: 5))
            server.accounts.answer(
                .accepted(
                    .init(
                        warnings: [warning], dependents: [DependentImport(account: other, index: 2, change: .stops)],
                        resigned: "x.y.z")))
            let answer = try await server.ask("POST", "/jwt/v1/accounts/\(key)", body: "a.b.c\r\n")
            #expect(answer.status == 200)
            #expect(answer.fields["content-type"] == "application/json")
            #expect(
                answer.text == """
                    {"accepted":true,"failures":[],"warnings":[{"rule":"T-lifetime","at":"exp","message":"\(warning.message)"}],\
                    "dependents":[{"account":"\(other)","import":2,"change":"stops"}],"resigned":true}\n
                    """)
            let upload = try #require(server.accounts.uploads.first)
            #expect(upload.token == Array("a.b.c".utf8))
            #expect(upload.path == key.text)
            #expect(upload.purpose == .store)
            #expect(upload.caller == Caller(address: "127.0.0.1"))
        }
    }

    @Test func `a dry run is judged as one, and says that it was one`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            let answer = try await server.ask("POST", "/jwt/v1/accounts/\(key)?dry_run=true", body: "a.b.c")
            #expect(answer.text.contains("\"dry_run\":true"))
            #expect(server.accounts.uploads.map(\.purpose) == [.dryRun])
            _ = try await server.ask("POST", "/jwt/v1/accounts/\(key)?dry_run=false", body: "a.b.c")
            #expect(server.accounts.uploads.map(\.purpose) == [.dryRun, .store])
        }
    }

    @Test(
        arguments: [
            ([.uploadSigner], 400), ([.uploadStale], 409), ([.tokenContent, .uploadStale], 409),
            ([.uploadBinding], 400),
            ([.tokenSize, .uploadStale], 413), ([.uploadReadOnly], 403), ([.uploadDenied], 403),
            ([.tokenSignature], 400),
        ] as [([Rule], Int)])
    func `a refusal says every rule, and the gravest as its status`(rules: [Rule], status: Int) async throws {
        let key = try TestTokens.key()
        let findings = rules.map { Finding($0, at: "sub", .text("something")) }
        try await TestServer.run { server in
            server.accounts.answer(.refused(Refusal(findings[0], Array(findings.dropFirst()))))
            let answer = try await server.ask("POST", "/jwt/v1/accounts/\(key)", body: "a.b.c")
            #expect(answer.status == status)
            #expect(answer.rules == rules.sorted().map(\.code))
            #expect(answer.fields["content-type"] == "application/json")
        }
    }

    @Test func `what waits says for what, and what fails says nothing of how`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            server.accounts.answer(.pending(["an operator must sign it"]), .failed)
            let pending = try await server.ask("POST", "/jwt/v1/accounts/\(key)", body: "a.b.c")
            #expect(pending.status == 202)
            #expect(pending.fields["content-type"] == "application/json")
            #expect(pending.text.contains("\"pending\":[\"an operator must sign it\"]"))
            let failed = try await server.ask("POST", "/jwt/v1/accounts/\(key)", body: "eyJhIjoxfQ.b.c")
            #expect(failed.status == 503)
            #expect(failed.fields["retry-after"] == "5")
            #expect(failed.rules == ["H-unavailable"])
            #expect(!failed.text.contains("eyJ") && !failed.text.contains("/"))
        }
    }

    @Test func `a deletion hands its token to the service`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            server.accounts.keep(key, token: "a.b.c")
            let seen81 = try await server.ask("DELETE", "/jwt/v1/accounts/\(key)", body: "d.e.f")
            #expect(seen81.status == 200)
            #expect(server.accounts.state.withLock { $0.deletions } == [key.text])
            let seen83 = try await server.ask("GET", "/jwt/v1/accounts/\(key)")
            #expect(seen83.status == 404)
        }
    }

    @Test func `activations are stored, and found by their hash alone`() async throws {
        try await TestServer.run { server in
            let stored = try await server.ask("POST", "/jwt/v1/activations", body: "a.b.c")
            let hash = SHA256.base32(Array("a.b.c".utf8))
            #expect(stored.status == 200)
            #expect(stored.text.contains("\"hash\":\"\(hash)\""))
            let found = try await server.ask("GET", "/jwt/v1/activations/\(hash)")
            #expect(found.text == "a.b.c")
            #expect(found.fields["content-type"] == "application/jwt")
            let tag = try #require(found.fields["etag"])
            let same = try await server.ask("GET", "/jwt/v1/activations/\(hash)", ["If-None-Match: \(tag)"])
            #expect(same.status == 304)
            for other in [hash.lowercased(), String(hash.dropLast()), hash + "====", "..", ""] {
                #expect(try await server.ask("GET", "/jwt/v1/activations/\(other)").rules == ["H-resource"])
            }
        }
    }

    @Test func `the operator's token is read by all and replaced by nobody unless allowed`() async throws {
        try await TestServer.run { server in
            let read = try await server.ask("GET", "/jwt/v1/operator")
            #expect(read.text == server.accounts.operatorToken)
            let decoded = try await server.ask("GET", "/jwt/v1/operator?decode=true")
            #expect(decoded.text.contains("\"name\":\"op\""))
            let refused = try await server.ask("POST", "/jwt/v1/operator", body: "x.y.z")
            #expect(refused.status == 401)
            #expect(refused.rules == ["U-denied"])
            #expect(server.accounts.operatorToken == read.text)
        }
        var open = HTTPSettings.testing
        open.access.audiences[.operator] = .everyone
        try await TestServer.run(open) { server in
            let seen119 = try await server.ask("POST", "/jwt/v1/operator", body: "x.y.z")
            #expect(seen119.status == 200)
            #expect(server.accounts.operatorToken == "x.y.z")
        }
    }

    @Test func `a token too large is refused by its length, unread and unasked for`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run(.testing { $0.tokenBytes = 100 }) { server in
            let port = server.port
            let answer = try await blocking {
                let client = try RawClient(port: port)
                // Nothing of the body is sent: an answer shows that it was not waited for.
                try client.send(
                    RawClient.request(
                        "POST", "/jwt/v1/accounts/\(key)", ["Content-Length: 101", "Expect: 100-continue"]))
                return try client.answer()
            }
            #expect(answer.status == 413)
            #expect(answer.rules == ["T-size"])
            #expect(answer.fields["connection"] == "close")
            #expect(server.accounts.turned.map(\.rule) == [.tokenSize])
            #expect(
                try await server.ask("POST", "/jwt/v1/accounts/\(key)", body: String(repeating: "a", count: 100)).status
                    == 200)
        }
    }

    @Test func `a body without end is cut off at the limit`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run(.testing { $0.tokenBytes = 1 << 16 }) { server in
            let port = server.port
            let answer = try await blocking {
                let client = try RawClient(port: port)
                try client.send(
                    RawClient.request("POST", "/jwt/v1/accounts/\(key)", ["Transfer-Encoding: chunked"]))
                let chunk = "1000\r\n" + String(repeating: "a", count: 0x1000) + "\r\n"
                // It ends by the server's doing: sending fails at last, or the answer is there.
                for _ in 0..<40 { try? client.send(chunk) }
                return try client.answer()
            }
            #expect(answer.status == 413)
            #expect(answer.rules == ["T-size"])
            #expect(server.accounts.uploads.isEmpty)
        }
    }

    @Test func `a body that breaks off is no upload`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            let port = server.port
            for fields in [["Content-Length: 100"], ["Transfer-Encoding: chunked"]] {
                let rest = try await blocking {
                    let client = try RawClient(port: port)
                    try client.send(RawClient.request("POST", "/jwt/v1/accounts/\(key)", fields) + "5\r\na.b.c\r\n")
                    client.endSending()
                    return try client.receiveAll()
                }
                #expect(!String(decoding: rest, as: UTF8.self).contains(" 200 "))
            }
            #expect(server.accounts.uploads.isEmpty)
        }
    }

    @Test func `whoever expects to be asked is asked, once, and before a body only`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            let port = server.port
            let statuses = try await blocking {
                let client = try RawClient(port: port)
                try client.send(
                    RawClient.request("POST", "/jwt/v1/accounts/\(key)", ["Content-Length: 5", "Expect: 100-continue"]))
                let first = try client.answer()
                try client.send("a.b.c")
                let second = try client.answer()
                try client.send(RawClient.request("GET", "/jwt/v1/accounts/\(key)"))
                return [first.status, second.status, try client.answer().status]
            }
            #expect(statuses == [100, 200, 200])
            let strange = try await server.ask("POST", "/jwt/v1/accounts/\(key)", ["Expect: tea"], body: "a.b.c")
            #expect(strange.status == 417)
            #expect(strange.rules == ["H-expectation"])
        }
    }

    @Test(arguments: ["gzip", "deflate", "identity, gzip", "br"])
    func `an encoded body is not decoded but refused`(encoding: String) async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            let path = "/jwt/v1/accounts/\(key)"
            let answer = try await server.ask("POST", path, ["Content-Encoding: \(encoding)"], body: "a.b.c")
            #expect(answer.status == 415)
            #expect(answer.rules == ["H-encoding"])
            #expect(server.accounts.uploads.isEmpty)
            #expect(try await server.ask("POST", path, ["Content-Encoding: identity"], body: "a.b.c").status == 200)
        }
    }
}
