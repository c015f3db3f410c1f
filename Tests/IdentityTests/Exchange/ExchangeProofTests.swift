import Identity
import NKeys
import Testing
import Trust

/// Proofs by themselves: what is said, who says it, and how often it is taken.
@Suite struct ExchangeProofTests {
    let user: KeyPair
    let other: KeyPair
    let audience: AudienceName
    let service: AudienceName
    let now: UnixTime
    let token = "subject.token.text"

    init() throws {
        user = try KeyPair.generate(.user)
        other = try KeyPair.generate(.user)
        audience = try AudienceName("orders")
        service = try AudienceName("https://accounts.example.com")
        now = try #require(UnixTime(1_700_000_000))
    }

    private func proof(by pair: KeyPair) throws -> String {
        try ExchangeProof.text(for: token, audience: audience, service: service, signer: TokenSigner(pair), at: now)
    }

    private func judge(
        _ text: String, token: String? = nil, audience: AudienceName? = nil, at moment: UnixTime? = nil
    ) -> IdentityVerdict<ExchangeProof> {
        ExchangeProof.judge(
            text, for: token ?? self.token, audience: audience ?? self.audience, names: [service],
            verifier: TokenVerifier(), at: moment ?? now)
    }

    /// A proof of the user's own making, one thing of it changed.
    private func altered(
        by signer: KeyPair? = nil, subject: PublicKey? = nil, service: String? = "https://accounts.example.com",
        expires: UnixTime? = nil, content: String? = nil
    ) throws -> String {
        let signer = signer ?? user
        let hash = try #require(try hash(in: proof(by: user)))
        let content =
            content
            ?? #"{"proof":"token-exchange","subject_token_sha256":"\#(hash)","audience":"orders","nonce":"0123456789abcdef"}"#
        let common = CommonClaims(
            issuer: signer.publicKey, subject: subject ?? signer.publicKey, audience: service,
            expires: expires ?? now.advanced(by: 60))
        return try TokenSigner(signer).sign(
            GenericClaims(common: common, content: content.replacing("HASH", with: hash)), at: now
        ).text
    }

    private func hash(in proof: String) throws -> String? {
        let verified = try #require(TokenVerifier().verify(proof, as: GenericClaims.self, at: now).proof)
        let text = verified.claims.content
        return text.firstMatch(of: /"subject_token_sha256":"([^"]+)"/).map { String($0.1) }
    }

    @Test func `a proof says its key, and is good until its minute is over`() throws {
        let text = try proof(by: user)
        let proof = try #require(judge(text).proof)
        #expect(proof.key == user.publicKey)
        #expect(proof.expires == now.advanced(by: 60))
        #expect(judge(text, at: now.advanced(by: 59)).proof != nil)
        #expect(judge(text, at: now.advanced(by: 60)).failures.map(\.code) == ["X-proof", "T-expired"])
        #expect(judge(text, at: now.advanced(by: -60)).proof != nil)
        #expect(judge(text, at: now.advanced(by: -61)).failures.map(\.code) == ["X-proof", "T-issued-at"])
    }

    @Test func `the altered proof with nothing altered is taken`() throws {
        #expect(try judge(altered()).proof?.key == user.publicKey)
    }

    @Test func `a proof for another token, audience or service is refused`() throws {
        let text = try proof(by: user)
        #expect(judge(text, token: token + "x").failures.map(\.code) == ["X-proof"])
        #expect(judge(text, audience: try AudienceName("billing")).failures.map(\.code) == ["X-proof"])
        for name in ["https://other.example.com", nil] {
            #expect(try judge(altered(service: name)).failures.map(\.code) == ["X-proof"])
        }
    }

    @Test func `a proof by one key about another is refused, and one by a key that is no user's`() throws {
        #expect(try judge(altered(subject: other.publicKey)).failures.map(\.code) == ["X-proof"])
        let account = try KeyPair.generate(.account)
        #expect(try judge(altered(by: account)).failures.map(\.code) == ["X-proof"])
    }

    @Test func `a proof that lives too long, or for ever, is refused`() throws {
        #expect(try judge(altered(expires: now.advanced(by: 61))).failures.map(\.code) == ["X-proof"])
        let common = CommonClaims(issuer: user.publicKey, subject: user.publicKey, audience: service.text)
        let content = try #require(
            TokenVerifier().verify(altered(), as: GenericClaims.self, at: now).proof?.claims.content)
        let endless = try TokenSigner(user).sign(GenericClaims(common: common, content: content), at: now).text
        #expect(judge(endless).failures.map(\.code) == ["X-proof"])
    }

    @Test func `what a proof says has to be all of it and nothing else`() throws {
        let good = [
            #""proof":"token-exchange""#, #""subject_token_sha256":"HASH""#, #""audience":"orders""#,
            #""nonce":"0123456789abcdef""#,
        ]
        #expect(try judge(altered(content: "{\(good.joined(separator: ","))}")).proof != nil)
        for left in good.indices {
            var members = good
            members.remove(at: left)
            #expect(
                try judge(altered(content: "{\(members.joined(separator: ","))}")).failures.map(\.code) == ["X-proof"])
        }
        let others = [
            #""nonce":"0123456789abcde""#, #""nonce":"\#(String(repeating: "n", count: 257))""#, #""nonce":16"#,
            #""proof":"another""#, #""audience":"Orders""#, #""more":"text""#, #""more":{}"#,
        ]
        for member in others {
            let name = member.prefix { $0 != ":" }
            let members = good.filter { !$0.hasPrefix(name) } + [member]
            #expect(
                try judge(altered(content: "{\(members.joined(separator: ","))}")).failures.map(\.code) == ["X-proof"],
                "\(member)")
        }
    }

    @Test func `a user token, a forged proof and a text that is none are refused by their own rules too`() throws {
        let text = try proof(by: user)
        let forged = text.dropLast(6) + "AAAAAA"
        #expect(judge(String(forged)).failures.map(\.code).first == "X-proof")
        #expect(judge("").failures.map(\.code) == ["X-proof", "T-segments"])
        #expect(judge(String(repeating: "a", count: 5000)).failures.map(\.code) == ["X-proof"])
        var claims = UserClaims(subject: user.publicKey, name: "u")
        claims.common.expires = now.advanced(by: 60)
        let account = try KeyPair.generate(.account)
        let token = try TokenSigner(account).sign(claims, at: now).text
        #expect(judge(token).failures.map(\.code) == ["X-proof", "T-type"])
    }

    @Test func `a proof is taken once, and once more by nobody until it has ended`() throws {
        let memory = ProofMemory(since: now, capacity: 3)
        let proof = try #require(try judge(proof(by: user)).proof)
        #expect(memory.take(proof, at: now) == .taken)
        #expect(memory.take(proof, at: now) == .replayed)
        #expect(memory.take(proof, at: now.advanced(by: 59)) == .replayed)
        let second = try #require(try judge(self.proof(by: user)).proof)
        #expect(memory.take(second, at: now) == .taken)
    }

    @Test func `a memory that is full takes nothing, and forgets only what has ended`() throws {
        let memory = ProofMemory(since: now, capacity: 2)
        let proofs = try (0..<3).map { _ in try #require(try judge(proof(by: user)).proof) }
        #expect(memory.take(proofs[0], at: now) == .taken)
        #expect(memory.take(proofs[1], at: now) == .taken)
        #expect(memory.take(proofs[2], at: now) == .full)
        #expect(memory.take(proofs[0], at: now) == .replayed)
        #expect(memory.take(proofs[2], at: now.advanced(by: 59)) == .full)
        #expect(memory.count == 2)
        #expect(memory.take(proofs[2], at: now.advanced(by: 60)) == .older)
        #expect(memory.count == 0)
        // The clock is set back: what was forgotten does not count as new.
        #expect(memory.take(proofs[0], at: now) == .older)
    }

    @Test func `a proof from before the memory began is not taken`() throws {
        let proof = try #require(try judge(proof(by: user)).proof)
        #expect(ProofMemory(since: now.advanced(by: 1)).take(proof, at: now.advanced(by: 1)) == .older)
        #expect(ProofMemory(since: now).take(proof, at: now) == .taken)
    }
}
