import NKeys
import Testing

@testable import Trust

@Suite("Signing: what the Go library wrote comes back byte for byte")
struct SigningRoundTripTests {
    /// Cases whose bytes were written by hand, in ways in which Go reads but does not write.
    private static let handWritten: [String: String] = [
        "ok-user-src-string": "`src` as one string with commas; it is written as a list",
        "ok-unknown-key": "a member at the top level, which Go drops too",
        "ok-esc-key": "an escape in a name",
        "ok-esc-slash": "escapes where none are needed",
        "ok-sampling-Headers": "`Headers` with a capital",
    ]

    /// Cases whose signing keys stand in an order that Go would not write; they come back sorted.
    private static let unsorted: Set<String> = ["account-signing-ok", "account-signing-scope-bad-cidr"]

    @Test("every token of the corpus, decoded and written again, has the same payload")
    func corpusPayloads() throws {
        var count = 0
        for token in SigningCorpus.tokens {
            guard let claims = read(token.text) else { continue }
            count += 1
            let original = try #require(token.segment(1))
            #expect(ClaimsEncoder.payload(of: claims) == original, "\(token.name)")
        }
        #expect(count > 70)
    }

    @Test(
        "every version 2 token of the vectors that Go made has the same payload",
        arguments: [("jwt_decode.json", 24), ("activation_binding.json", 450), ("user_auth.json", 350)])
    func vectorPayloads(file: String, atLeast minimum: Int) throws {
        var count = 0
        for token in SigningCorpus.vectorTokens(file) {
            guard let claims = read(token.text) else { continue }
            count += 1
            let original = try #require(token.segment(1))
            let isSame = ClaimsEncoder.payload(of: claims) == original
            #expect(isSame == (Self.handWritten[token.name] == nil), "\(token.name)")
        }
        #expect(count >= minimum)
    }

    @Test("claims that are written and read again are the same claims")
    func claimsSurvive() throws {
        for token in SigningCorpus.vectorTokens("claims_validate.json") {
            guard let claims = read(token.text) else { continue }
            let payload = Base64URL.encode(ClaimsEncoder.payload(of: claims))
            let header = String(token.text.prefix { $0 != "." })
            let again = String(decoding: payload, as: UTF8.self)
            let copy = try #require(report("\(header).\(again).\(String(repeating: "A", count: 86))").claims)
            #expect(("\(copy)" == "\(claims)") == !Self.unsorted.contains(token.name), "\(token.name)")
            let written = (copy as? any WritableClaims).map { ClaimsEncoder.payload(of: $0) }
            #expect(written == ClaimsEncoder.payload(of: claims), "\(token.name)")
        }
    }

    @Test("every `jti` of the corpus is the hash of its common claims")
    func identifiers() throws {
        for token in SigningCorpus.tokens {
            guard let claims = read(token.text) else { continue }
            #expect(ClaimsEncoder.id(of: claims.common) == claims.common.id, "\(token.name)")
        }
    }

    @Test("signed with the same key in the same second, every token of the corpus is the same text")
    func signatures() throws {
        var count = 0
        for token in SigningCorpus.tokens {
            guard let claims = read(token.text), let pair = SigningCorpus.keys[claims.common.issuer.text] else {
                continue
            }
            count += 1
            let issuedAt = try #require(claims.common.issuedAt)
            #expect(try resign(claims, with: pair, at: issuedAt) == token.text, "\(token.name)")
        }
        #expect(count > 70)
    }

    private func resign(_ claims: some TokenClaims, with pair: KeyPair, at time: UnixTime) throws -> String {
        try TokenSigner(pair, zones: AnyZone()).sign(claims, at: time).text
    }

    /// The claims of a version 2 token that is well-formed, whatever its times.
    private func read(_ text: String) -> (any WritableClaims)? {
        let report = report(text)
        guard report.isAccepted, report.version == .two else { return nil }
        return report.claims as? any WritableClaims
    }

    private func report(_ text: String) -> TokenReport {
        var policy = Policy.strict
        policy.relaxed = [.tokenExpired, .tokenNotBefore, .tokenIssuedAt]
        policy.accountSigning = .byOperatorOrSelf
        var text = text
        return text.withUTF8 { TokenVerifier(policy: policy, zones: AnyZone()).report(utf8: $0, at: .zero) }
    }
}

/// Takes every zone for UTC: what a zone means is not what is tested here.
struct AnyZone: TimeZones {
    func secondsFromUTC(zone name: String, at unixTime: Int64) -> Int? { 0 }
}
