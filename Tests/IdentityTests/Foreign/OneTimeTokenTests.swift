import Logging
import Testing
import Trust

@testable import Identity

/// Tokens that are taken once.
@Suite struct OneTimeTokenTests {
    @Test func `a token that was taken is not taken again before it has ended`() async throws {
        let world = try await ForeignWorld.shared
        var issuer = world.issuer
        issuer.use = .once
        let verifier = ForeignTokenVerifier([issuer])
        let token = try world.mint.token(world.curve)
        // One that is refused for something else uses nothing up.
        let early = await verifier.verify(token, at: .zero.advanced(by: TokenMint.now - 100))
        #expect(early.faults == ["F-issued-at iat"])
        #expect(await verifier.verify(token, at: ForeignWorld.now).faults == [])
        #expect(await verifier.verify(token, at: ForeignWorld.now).faults == ["F-replay jti"])
        let again = try world.mint.token(world.rsa, claims: ["exp": "\(TokenMint.now + 301)"])
        #expect(await verifier.verify(again, at: ForeignWorld.now).faults == ["F-replay jti"])
        let end = ForeignWorld.now.advanced(by: 329)
        #expect(await verifier.verify(token, at: end).faults == ["F-replay jti"])
        #expect(await verifier.verify(token, at: end.advanced(by: 1)).faults == ["F-expired exp"])
        let other = try world.mint.token(world.curve, claims: ["jti": #""two""#])
        #expect(await verifier.verify(other, at: ForeignWorld.now).faults == [])
        // Where tokens are taken often, they are.
        let often = world.verifier
        for _ in 0..<2 { #expect(await often.verify(token, at: ForeignWorld.now).faults == []) }
    }

    @Test func `a verifier that takes another's place knows what was taken`() async throws {
        let world = try await ForeignWorld.shared
        var issuer = world.issuer
        issuer.use = .once
        let first = ForeignTokenVerifier([issuer])
        let token = try world.mint.token(world.curve)
        #expect(await first.verify(token, at: ForeignWorld.now).faults == [])
        let second = ForeignTokenVerifier([issuer], inPlaceOf: first)
        #expect(await second.verify(token, at: ForeignWorld.now).faults == ["F-replay jti"])
        #expect(await ForeignTokenVerifier([issuer]).verify(token, at: ForeignWorld.now).faults == [])
    }

    @Test func `a token without a name, or with a long one, cannot be taken once`() async throws {
        let world = try await ForeignWorld.shared
        var issuer = world.issuer
        issuer.use = .once
        let verifier = ForeignTokenVerifier([issuer])
        for name in [nil, "\"\(String(repeating: "a", count: 257))\""] {
            let token = try world.mint.token(world.curve, claims: ["jti": name])
            #expect(await verifier.verify(token, at: ForeignWorld.now).faults == ["F-replay jti"])
        }
        let longest = try world.mint.token(world.curve, claims: ["jti": "\"\(String(repeating: "a", count: 256))\""])
        #expect(await verifier.verify(longest, at: ForeignWorld.now).faults == [])
    }

    @Test func `one issuer's tokens do not stand in for another's`() async throws {
        let world = try await ForeignWorld.shared
        var (first, second) = (world.issuer, world.issuer)
        (first.use, second.use, second.issuer) = (.once, .once, "https://second.example")
        let verifier = ForeignTokenVerifier([first, second])
        #expect(await verifier.verify(try world.mint.token(world.curve), at: ForeignWorld.now).faults == [])
        let theirs = try TokenMint(issuer: "https://second.example").token(world.curve)
        #expect(await verifier.verify(theirs, at: ForeignWorld.now).faults == [])
    }

    @Test func `of many that come at once one is taken`() async throws {
        let world = try await ForeignWorld.shared
        var issuer = world.issuer
        issuer.use = .once
        let verifier = ForeignTokenVerifier([issuer])
        let token = try world.mint.token(world.curve)
        let taken = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 { group.addTask { await verifier.verify(token, at: ForeignWorld.now).proof != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(taken == 1)
    }

    @Test func `a full memory takes nothing more until something has ended`() {
        let taken = OneTimeTokens(capacity: 3)
        let now = ForeignWorld.now
        for number in 0..<3 {
            #expect(taken.take("\(number)", until: now.advanced(by: Int64(10 + number)), at: now) == .taken)
        }
        #expect(taken.take("3", until: now.advanced(by: 9), at: now) == .full)
        #expect(taken.take("0", until: now.advanced(by: 10), at: now) == .replayed)
        let later = now.advanced(by: 10)
        #expect(taken.take("3", until: now.advanced(by: 20), at: later) == .taken)
        #expect(taken.count == 3)
        #expect(taken.take("4", until: now.advanced(by: 20), at: later) == .full)
        #expect(taken.take("1", until: now.advanced(by: 20), at: later) == .replayed)
        #expect(taken.take("4", until: now.advanced(by: 20), at: now.advanced(by: 12)) == .taken)
        #expect(taken.count == 2)
    }

    @Test func `a full memory is told of`() async throws {
        let world = try await ForeignWorld.shared
        let token = CompactToken(try world.mint.token(world.curve))
        var issuer = world.issuer
        issuer.use = .once
        let keys = FixedKeys(issuer, logger: Logger(label: "test"))
        var judge = ForeignJudge(token, at: ForeignWorld.now)
        judge.judgeAlgorithm(issuer)
        judge.judgeTimes(issuer)
        judge.judgeClaims(issuer)
        await judge.judgeSignature(keys)
        judge.judgeReplay(OneTimeTokens(capacity: 0), issuer)
        #expect(judge.failures.map(\.code) == ["F-replay"])
        #expect(judge.failures.first?.message.contains("too many") == true)
    }
}
