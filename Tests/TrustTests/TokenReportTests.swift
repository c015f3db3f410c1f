import Testing

@testable import Trust

/// What a verdict names: every rule that failed, in catalogue order, and those that could not be judged.
@Suite struct TokenReportTests {
    private static let later = [
        "T-alg", "T-version", "T-legacy", "T-type", "T-issuer", "T-subject", "T-signature", "T-expired", "T-not-before",
        "T-issued-at", "T-lifetime", "T-key", "T-content",
    ]

    @Test func `a good token has no finding`() throws {
        let forge = try TokenForge()
        let report = TokenForge.report(try forge.token(forge.userPayload(), by: forge.account))
        #expect(report.isAccepted && report.failures.isEmpty && report.warnings.isEmpty && report.notJudged.isEmpty)
        #expect(report.type == .user && report.version == .two)
        #expect(report.payload == forge.userPayload())
        #expect(report.header == #"{"typ":"JWT","alg":"ed25519-nkey"}"#)
    }

    @Test func `every fault of one token is named, in catalogue order`() throws {
        let forge = try TokenForge()
        let now = TokenForge.now.seconds
        let payload = """
            {"iss":"\(forge.user.publicKey.text)","sub":"\(forge.account.publicKey.text)","iat":\(now + 61),\
            "exp":\(now),"nbf":\(now + 1),"nats":{"src":["x"],"issuer_account":"x","subs":1.5,"type":"user","version":2}}
            """
        let token = try forge.token(payload, header: #"{"typ":"JWS","alg":"none","kid":"x"}"#, by: forge.account)
        var policy = Policy.strict
        policy.maximumLifetime[.user] = 1
        let report = TokenForge.report(token, policy)
        #expect(
            report.codes == [
                "T-json", "T-header", "T-alg", "T-issuer", "T-subject", "T-signature", "T-expired", "T-not-before",
                "T-issued-at", "T-key", "T-content",
            ])
        #expect(report.notJudged == [])
        // The same as an account: one more, and its content is read as what it is.
        let verdict = TokenVerifier(policy: policy).verify(token, as: AccountClaims.self, at: TokenForge.now)
        #expect(verdict.failures.map(\.rule.code).contains("T-type"))
    }

    @Test func `a token that is too large is judged no further`() throws {
        let forge = try TokenForge()
        let token = try forge.token(forge.userPayload(), by: forge.account)
        var policy = Policy.strict
        policy.maximumTokenSize = token.utf8.count
        #expect(TokenForge.report(token, policy).isAccepted)
        policy.maximumTokenSize -= 1
        let report = TokenForge.report(token, policy)
        #expect(report.codes == ["T-size"])
        #expect(report.notJudged.map(\.code) == ["T-segments", "T-base64", "T-json", "T-header"] + Self.later)
        #expect(report.type == nil && report.claims == nil && report.payload == nil)
    }

    @Test(arguments: ["", ".", "a", "a.b", "a.b.c.d", "..", ".a.b", "a..b", "...."])
    func `what has not three segments is judged no further`(token: String) {
        let report = TokenForge.report(token)
        #expect(report.codes == ["T-segments"])
        #expect(report.notJudged.map(\.code) == ["T-base64", "T-json", "T-header"] + Self.later)
    }

    @Test func `a payload that cannot be read leaves the header and the signature's form to be judged`() throws {
        let forge = try TokenForge()
        let parts = try forge.token(forge.userPayload(), by: forge.account).split(separator: ".").map(String.init)
        let header = String(decoding: Base64URL.encode(Array(#"{"typ":"JWT","#.utf8)), as: UTF8.self)

        let undecoded = TokenForge.report("\(parts[0]).\(parts[1])=.\(parts[2])")
        #expect(undecoded.codes == ["T-base64"])
        #expect(undecoded.notJudged.map(\.code) == ["T-json"] + Self.later)

        let unread = TokenForge.report("\(header).\(parts[1].dropLast(4)).AAAA")
        #expect(unread.codes == ["T-json", "T-signature"])
        #expect(unread.failures.map(\.place.path) == ["header", "payload", "signature"])
        #expect(unread.notJudged.map(\.code) == ["T-header"] + Self.later.filter { $0 != "T-signature" })
    }

    @Test func `a header that cannot be read leaves the payload to be judged`() throws {
        let forge = try TokenForge()
        let now = TokenForge.now.seconds
        let parts = try forge.token(forge.userPayload(top: ",\"exp\":\(now)"), by: forge.account).split(separator: ".")
        let report = TokenForge.report("e30=.\(parts[1]).\(parts[2])")
        #expect(report.codes == ["T-base64", "T-signature", "T-expired"])
        #expect(report.notJudged.map(\.code) == ["T-header", "T-alg"])
        #expect(report.claims != nil)
    }

    @Test func `a signature that is none is named, and the rest judged`() throws {
        let forge = try TokenForge()
        let parts = try forge.token(forge.userPayload(top: ",\"exp\":1"), by: forge.account).split(separator: ".")
        let empty = TokenForge.report("\(parts[0]).\(parts[1]).")
        #expect(empty.codes == ["T-segments", "T-expired"] && empty.notJudged == [.tokenSignature])
        let short = TokenForge.report("\(parts[0]).\(parts[1]).\(parts[2].dropLast(2))")
        #expect(short.codes == ["T-signature", "T-expired"] && short.notJudged == [])
        let spaced = TokenForge.report("\(parts[0]).\(parts[1]).\(parts[2].dropLast()) ")
        #expect(spaced.codes == ["T-base64", "T-expired"] && spaced.notJudged == [.tokenSignature])
    }

    @Test func `a missing issuer leaves the signature unjudged`() throws {
        let forge = try TokenForge()
        let payload = #"{"iat":1,"nats":{"type":"user","version":2}}"#
        let report = TokenForge.report(try forge.token(payload, by: forge.account))
        #expect(report.codes == ["T-issuer", "T-subject"])
        #expect(report.notJudged == [.tokenSignature])
        #expect(report.claims == nil)
    }

    @Test func `members that are not known are kept as received, and a warning names each`() throws {
        let forge = try TokenForge()
        let payload = forge.userPayload(top: #","z":{"a": [1, 2]}"#, content: #","new":"\u0061","pub":{"extra":null}"#)
        let verifier = TokenVerifier(policy: .strict)
        let verdict = verifier.verify(
            try forge.token(payload, by: forge.account), as: UserClaims.self, at: TokenForge.now)
        let claims = try #require(verdict.proof?.claims)
        #expect(
            claims.unknown.map { "\($0.place) \($0.name) \($0.value)" } == [
                #"z z {"a": [1, 2]}"#, #"new new "\u0061""#, "pub.extra extra null",
            ])
        #expect(verdict.warnings.map { "\($0.rule.code) \($0.place)" } == ["T-content new", "T-content pub.extra"])
    }
}
