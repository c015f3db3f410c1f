import NKeys
import Testing
import Trust

@testable import AccountServer

/// How a server ends.
@Suite struct ShutdownTests {
    @Test func `an upload that has begun is answered, and nothing new is let in`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run { server in
            let gate = Gate()
            server.accounts.state.withLock { $0.gate = gate }
            let port = server.port
            async let upload = blocking {
                let client = try RawClient(port: port)
                try client.send(RawClient.request("POST", "/jwt/v1/accounts/\(key)", body: "a.b.c"))
                let answer = try client.answer()
                return (answer, try client.receiveAll())
            }
            let resting = try await blocking {
                let client = try RawClient(port: port)
                try client.send(RawClient.request("GET", "/healthz"))
                _ = try client.answer()
                return client
            }
            async let idle = blocking { try resting.receiveAll() }
            await gate.reached()
            await server.group.triggerGracefulShutdown()
            // A connection that waits for nothing is ended; that shows that the shutdown has begun.
            #expect(try await idle.isEmpty)
            let refused = try await blocking {
                do {
                    let client = try RawClient(port: port)
                    try client.send(RawClient.request("GET", "/healthz"))
                    return try client.receiveAll().isEmpty
                } catch {
                    return true
                }
            }
            #expect(refused)
            gate.open()
            let (answer, rest) = try await upload
            #expect(answer.status == 200)
            #expect(answer.fields["connection"] == "close")
            #expect(rest.isEmpty)
            #expect(server.accounts.account(for: key)?.token == Array("a.b.c".utf8))
        }
    }

    @Test func `one who never ends is not waited for without end`() async throws {
        try await TestServer.run(.testing { $0.shutdownTimeout = 0.2 }) { server in
            let gate = Gate()
            server.accounts.state.withLock { $0.gate = gate }
            let key = try TestTokens.key()
            let port = server.port
            let client = try await blocking {
                let client = try RawClient(port: port)
                try client.send(RawClient.request("POST", "/jwt/v1/accounts/\(key)", body: "a.b.c"))
                return client
            }
            await gate.reached()
            defer { gate.open() }
            await server.group.triggerGracefulShutdown()
            // It is ended without an answer.
            #expect(try await blocking { try client.receiveAll() }.isEmpty)
        }
    }

    @Test func `readiness says why not, and liveness says nothing`() async throws {
        try await TestServer.run { server in
            let ready = try await server.ask("GET", "/readyz")
            #expect(ready.status == 200)
            #expect(ready.text == "{\"ready\":true}\n")
            server.accounts.state.withLock { $0.hindrance = "the store takes no changes" }
            let not = try await server.ask("GET", "/readyz")
            #expect(not.status == 503)
            #expect(not.rules == ["H-unavailable"])
            #expect(not.text.contains("the store takes no changes"))
            let health = try await server.ask("GET", "/healthz")
            #expect(health.status == 200)
            #expect(health.body.isEmpty)
        }
    }
}
