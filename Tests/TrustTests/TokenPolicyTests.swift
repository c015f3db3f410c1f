import Testing

@testable import Trust

/// What a policy makes of a finding, and the limits that it sets.
@Suite struct TokenPolicyTests {
    private let now = TokenForge.now.seconds

    private func codes(
        _ forge: TokenForge, issuedAt: Int64, top: String = "", _ change: (inout Policy) -> Void = { _ in }
    )
        throws -> [String]
    {
        var policy = Policy.strict
        change(&policy)
        let payload = forge.userPayload(issuedAt: issuedAt, top: top)
        return TokenForge.report(try forge.token(payload, by: forge.account), policy).codes
    }

    @Test func `a relaxed rule becomes a warning, and no other rule does`() throws {
        let forge = try TokenForge()
        let token = try forge.token(forge.userPayload(top: ",\"exp\":\(now),\"nbf\":\(now + 1)"), by: forge.account)
        var policy = Policy.strict
        policy.relaxed = [.tokenExpired]
        let half = TokenForge.report(token, policy)
        #expect(half.codes == ["T-not-before"] && half.warnings.map(\.rule) == [.tokenExpired])
        policy.relaxed = [.tokenNotBefore, .tokenExpired]
        let whole = TokenForge.report(token, policy)
        #expect(whole.isAccepted && whole.warnings.map(\.rule) == [.tokenExpired, .tokenNotBefore])
    }

    @Test func `what leaves nothing to go on with refuses under every policy`() throws {
        let forge = try TokenForge()
        var policy = Policy.strict
        policy.relaxed = Set(Rule.allCases)
        for payload in ["[]", "{}", #"{"nats":{"type":"user","version":3}}"#, forge.userPayload(top: #","exp":"x""#)] {
            #expect(!TokenForge.report(try forge.token(payload, by: forge.account), policy).isAccepted)
        }
        #expect(!TokenForge.report("a.b.c", policy).isAccepted)
    }

    @Test func `a token is expired at the second of its exp, and valid at that of its nbf`() throws {
        let forge = try TokenForge()
        #expect(try codes(forge, issuedAt: now, top: ",\"exp\":\(now)") == ["T-expired"])
        #expect(try codes(forge, issuedAt: now, top: ",\"exp\":\(now + 1)") == [])
        #expect(try codes(forge, issuedAt: now, top: ",\"exp\":0") == ["T-expired"])
        #expect(try codes(forge, issuedAt: now, top: ",\"exp\":\(Int64.max)") == [])
        #expect(try codes(forge, issuedAt: now, top: ",\"nbf\":\(now)") == [])
        #expect(try codes(forge, issuedAt: now, top: ",\"nbf\":\(now + 1)") == ["T-not-before"])
        #expect(try codes(forge, issuedAt: now, top: ",\"nbf\":\(Int64.max)") == ["T-not-before"])
    }

    @Test func `a token may be ahead of the clock by the leeway and no more`() throws {
        let forge = try TokenForge()
        #expect(try codes(forge, issuedAt: now + 60) == [])
        #expect(try codes(forge, issuedAt: now + 61) == ["T-issued-at"])
        #expect(try codes(forge, issuedAt: now + 1) { $0.issuedAtLeeway = 0 } == ["T-issued-at"])
        #expect(try codes(forge, issuedAt: now) { $0.issuedAtLeeway = -1 } == ["T-issued-at"])
        #expect(try codes(forge, issuedAt: 0) == ["T-issued-at"])
        #expect(try codes(forge, issuedAt: .max) == ["T-issued-at"])
        #expect(try codes(forge, issuedAt: .max) { $0.issuedAtLeeway = .max } == [])
        #expect(try codes(forge, issuedAt: now) { $0.issuedAtLeeway = .min } == ["T-issued-at"])
    }

    @Test func `a token may live as long as the policy allows its type`() throws {
        let forge = try TokenForge()
        let limited: (inout Policy) -> Void = { $0.maximumLifetime[.user] = 100 }
        #expect(try codes(forge, issuedAt: now, top: ",\"exp\":\(now + 100)", limited) == [])
        #expect(try codes(forge, issuedAt: now, top: ",\"exp\":\(now + 101)", limited) == ["T-lifetime"])
        #expect(try codes(forge, issuedAt: now, limited) == ["T-lifetime"])
        #expect(try codes(forge, issuedAt: 1, top: ",\"exp\":\(Int64.max)", limited) == ["T-lifetime"])
        #expect(try codes(forge, issuedAt: now) { $0.maximumLifetime[.account] = 100 } == [])
    }

    @Test func `a version 1 token is refused, and under the compatible policy warned of`() throws {
        let old = try TokenCorpus.vectors("jwt_decode.json", prefix: "ok-v1-")
        #expect(old.count >= 5)
        for entry in old {
            let strict = TokenInvariants.report(entry.token, TokenVerifier(policy: .strict))
            #expect(strict.codes == ["T-legacy"], "\(entry.name)")
            let compatible = TokenInvariants.report(entry.token, TokenVerifier(policy: .compatible))
            #expect(compatible.isAccepted && compatible.version == .one, "\(entry.name)")
            #expect(compatible.warnings.contains { $0.rule == .tokenLegacy }, "\(entry.name)")
        }
    }

    @Test func `an authorization response is for one server`() throws {
        let forge = try TokenForge()
        func codes(_ audience: String) throws -> [String] {
            let payload = """
                {"iat":\(now),"iss":"\(forge.account.publicKey.text)","sub":"\(forge.user.publicKey.text)"\(audience),\
                "nats":{"error":"no","type":"authorization_response","version":2}}
                """
            return TokenForge.report(try forge.token(payload, by: forge.account)).codes
        }
        #expect(try codes(",\"aud\":\"\(forge.server.publicKey.text)\"") == [])
        #expect(try codes("") == ["T-content"])
        #expect(try codes(",\"aud\":\"\"") == ["T-content"])
        #expect(try codes(",\"aud\":\"\(forge.account.publicKey.text)\"") == ["T-content"])
        #expect(try codes(",\"aud\":[\"\(forge.server.publicKey.text)\"]") == ["T-json", "T-content"])
    }

    @Test func `an empty audience is none`() throws {
        let forge = try TokenForge()
        for (text, audience) in [(#","aud":"""#, nil), (#","aud":"x""#, "x"), ("", nil)] as [(String, String?)] {
            let token = try forge.token(forge.userPayload(top: text), by: forge.account)
            let verdict = TokenVerifier().verify(token, as: UserClaims.self, at: TokenForge.now)
            #expect(try #require(verdict.proof).claims.common.audience == audience)
        }
    }
}
