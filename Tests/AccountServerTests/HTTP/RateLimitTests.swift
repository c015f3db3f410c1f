import NKeys
import Synchronization
import Testing
import Trust

@testable import AccountServer

/// How often callers may ask, by a clock that tests turn.
@Suite struct RateLimitTests {
    private static func network(_ bits: UInt64) -> RateLimit.Key { .network(.init(bits: bits, version: 4)) }
    private static let second: UInt64 = 1_000_000_000

    @Test func `a caller may ask as often as its budget says, and then waits`() {
        let limit = RateLimit(.init(perSecond: 2, burst: 3), capacity: 10)
        let start: UInt64 = 50 * Self.second
        #expect((0..<3).map { _ in limit.wait(for: Self.network(1), at: start) } == [nil, nil, nil])
        #expect(limit.wait(for: Self.network(1), at: start) == 1)
        #expect(limit.wait(for: Self.network(2), at: start) == nil)
        #expect(limit.wait(for: Self.network(1), at: start + Self.second / 2) == nil)
        #expect(limit.wait(for: Self.network(1), at: start + Self.second / 2) == 1)
        // A clock that went back gives nothing, and a long time gives no more than the burst.
        #expect(limit.wait(for: Self.network(1), at: 0) == 1)
        let later = start + 1000 * Self.second
        #expect((0..<4).map { _ in limit.wait(for: Self.network(1), at: later) } == [nil, nil, nil, 1])
        #expect(RateLimit(.init(perSecond: 0, burst: 0), capacity: 0).wait(for: .name("a"), at: .max) == nil)
    }

    @Test func `callers without number hold no memory without bound, and gain nothing`() {
        let limit = RateLimit(.init(perSecond: 1, burst: 2), capacity: 100)
        let now = Self.second
        let answers = (0..<100_000).map { limit.wait(for: Self.network(UInt64($0)), at: now) }
        #expect(limit.count == 100)
        #expect(answers.count { $0 == nil } == 100 + 2)
        // One that is known keeps its own.
        #expect(limit.wait(for: Self.network(5), at: now) == nil)
        // Who has been quiet is forgotten, and there is room.
        #expect(limit.wait(for: .name("new"), at: now + 10 * Self.second) == nil)
        #expect(limit.count == 1)
    }

    @Test func `reads and uploads have budgets of their own, and a refusal says for how long`() async throws {
        let key = try TestTokens.key()
        let uptime = Mutex<UInt64>(1_000_000_000_000)
        let clock = ServerClock(now: ServerClock.system.now) { uptime.withLock { $0 } }
        let settings = HTTPSettings.testing {
            $0.loopbackCallers = .limited
            $0.reads = .init(perSecond: 0.1, burst: 2)
            $0.uploads = .init(perSecond: 0.01, burst: 1)
        }
        try await TestServer.run(settings, clock: clock) { server in
            let path = "/jwt/v1/accounts/\(key)"
            #expect(try await server.ask("POST", path, body: "a.b.c").status == 200)
            let refused = try await server.ask("POST", path, body: "a.b.c")
            #expect(refused.status == 429)
            #expect(refused.rules == ["H-rate"])
            #expect(refused.fields["retry-after"] == "100")
            #expect(server.accounts.uploads.count == 1)
            // Somebody who is turned away for asking too often is written into no journal.
            #expect(server.accounts.turned.isEmpty)
            #expect(try await server.ask("GET", path).status == 200)
            #expect(try await server.ask("GET", path).status == 200)
            let read = try await server.ask("GET", path)
            #expect(read.status == 429)
            #expect(read.fields["retry-after"] == "10")
            #expect(try await server.ask("GET", "/healthz").status == 200)
            uptime.withLock { $0 += 10_000_000_000 }
            #expect(try await server.ask("GET", path).status == 200)
            #expect(try await server.ask("POST", path, body: "a.b.c").status == 429)
            uptime.withLock { $0 += 90_000_000_000 }
            #expect(try await server.ask("POST", path, body: "a.b.c").status == 200)
        }
    }
}
