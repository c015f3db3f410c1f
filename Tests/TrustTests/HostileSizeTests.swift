import Testing

@testable import Trust

/// Tokens as large as they may be, made to be slow or to trap. All end, most in a refusal with a name.
///
/// Time limits are far above what is needed: they find a search that is not bounded.
@Suite(.timeLimit(.minutes(10))) struct HostileSizeTests {
    /// What fits a token of 1 MiB, in bytes of payload.
    private static let room = 780_000

    /// The report on a payload whose signature does not hold, which is not looked at.
    private func report(_ payload: String, header: String? = nil) -> TokenReport {
        var policy = Policy.strict
        policy.relaxed = [.tokenSignature, .tokenIssuer, .tokenSubject]
        policy.maximumTokenSize = 2 << 20
        let header = header.map { Array($0.utf8) } ?? TokenInvariants.usualHeader
        return TokenInvariants.report(TokenInvariants.token(header, Array(payload.utf8)), TokenVerifier(policy: policy))
    }

    private func user(_ content: String) throws -> String { try TokenForge().userPayload(content: content) }

    private func repeated(_ text: String) -> String { String(repeating: text, count: Self.room / text.utf8.count) }

    @Test(arguments: ["[", "{\"a\":", "[[", "{\"\":[", "[{\"a\":1},"])
    func `nesting is cut short`(opening: String) throws {
        let text = repeated(opening)
        for payload in [text, "{\"a\":" + text, try user(",\"x\":\(text)"), try user(",\"pub\":\(text)")] {
            let report = report(payload)
            #expect(!report.isAccepted)
            #expect(report.codes == ["T-json"])
        }
    }

    @Test func `long strings are read`() throws {
        #expect(report(try user(",\"x\":\"\(repeated("\\u0061"))\"")).isAccepted)
        #expect(report(try user(",\"\(repeated("\\u0061"))\":1")).isAccepted)
        #expect(report(try user(",\"x\":\"\\\(repeated("\\\\"))\"")).codes == ["T-json"])
        #expect(report(try user(",\"x\":\"\(repeated("\\ud83d\\ude00"))\"")).isAccepted)
        #expect(report(try user(",\"pub\":{\"allow\":[\"\(repeated("a."))\"]}")).codes == ["T-content"])
        #expect(report(try user(",\"issuer_account\":\"\(repeated("A"))\"")).codes == ["T-key"])
        #expect(report(try user(",\"src\":\"\(repeated("1.2.3.4/32,"))1.2.3.4/32\"")).isAccepted)
        #expect(report(try user(",\"src\":\"\(repeated(","))\"")).codes == ["T-content"])
        #expect(report(try user(",\"times_location\":\"\(repeated("A/"))\"")).codes == ["T-content"])
    }

    @Test func `long numbers are read, and are out of range`() throws {
        let digits = repeated("9")
        for number in [digits, "-" + digits, "1e" + digits, "0." + digits, "1E-" + digits] {
            #expect(report(try user(",\"subs\":\(number)")).codes == ["T-json"])
            #expect(report(try user(",\"x\":\(number)")).isAccepted)
        }
        #expect(report(try TokenForge().userPayload(top: ",\"exp\":\(digits)")).codes == ["T-json"])
    }

    @Test func `a hundred thousand names that are not known refuse the token`() throws {
        let names = (0..<100_000).map { ",\"_\(String($0, radix: 36))\":0" }.joined()
        let report = report(try user(names))
        #expect(report.codes == ["T-content"])
        #expect(report.failures.map(\.place) == ["nats"])
        #expect(report.warnings.count <= JSONReader.maximumProblems + 4)
        #expect((report.claims as? UserClaims).map { $0.unknown.count <= JSONReader.maximumProblems + 1 } == true)
        // Names that are free do not count, as long as nothing is wrong with them.
        #expect(self.report(try user(",\"x\":{\"y\":0\(names)}")).isAccepted)
    }

    @Test func `a hundred thousand faults are reported up to a limit`() throws {
        for content in [
            ",\"tags\":[\(repeated("1,"))1]", ",\"x\":{\"a\":0\(repeated(",\"a\":0"))}",
            ",\"pub\":{\"allow\":[\(repeated("\" \","))\"a\"]}", ",\"src\":[\(repeated("\"\","))\"\"]",
        ] {
            let report = report(try user(content))
            #expect(!report.isAccepted)
            #expect(report.failures.count <= JSONReader.maximumProblems + 4)
            #expect(report.failures.contains { $0.detail.message.contains("within its budget") })
        }
    }

    @Test func `faults in the templates of very many roles are found in one walk`() throws {
        let forge = try TokenForge()
        let scope = #"{"kind":"user_scope","key":"\#(forge.account.publicKey.text)","template":{"src":["x"],"y":1}}"#
        let keys = (0..<Self.room / (scope.utf8.count + 1)).map { _ in scope }.joined(separator: ",")
        let report = report(forge.accountPayload(content: ",\"signing_keys\":[\(keys)]"))
        #expect(report.codes == ["T-content"])
        #expect(report.warnings.contains { $0.place.path == "signing_keys[4000].template.src[0]" })
    }

    @Test func `exports that all begin alike end in the budget's refusal`() throws {
        let exports = (0..<30_000).map { #"{"subject":"a.*.\#(String($0, radix: 36))","type":"stream"}"# }
        let report = report(
            try TokenForge().accountPayload(content: ",\"exports\":[\(exports.joined(separator: ","))]"))
        #expect(report.codes == ["T-content"])
        #expect(report.failures.map(\.place) == ["exports"])
    }

    @Test func `imports that could overlap end in the budget's refusal`() throws {
        let forge = try TokenForge()
        let exporter = try TokenForge().account.publicKey.text
        let imports = (0..<9_000).map { #"{"subject":"a.\#($0)","account":"\#(exporter)","type":"service"}"# }
        let report = report(forge.accountPayload(content: ",\"imports\":[\(imports.joined(separator: ","))]"))
        #expect(report.codes == ["T-content"])
        #expect(report.failures.map(\.place) == ["imports"])
    }

    @Test func `a header of any size is read`() throws {
        let names = (0..<80_000).map { ",\"_\(String($0, radix: 36))\":0" }.joined()
        let payload = try user("")
        #expect(report(payload, header: #"{"typ":"JWT","alg":"ed25519-nkey"\#(names)}"#).codes == ["T-header"])
        #expect(report(payload, header: repeated("[")).codes == ["T-json"])
        #expect(report(payload, header: "{\"typ\":\"JWT\",\"alg\":\"\(repeated("e"))\"}").codes == ["T-alg"])
    }

    @Test func `texts without form are refused at once`() {
        for text in [repeated("."), repeated("A"), repeated("A.") + "A", repeated("\0"), repeated("=")] {
            #expect(TokenForge.report(text).codes == ["T-segments"])
        }
        let token = "\(repeated("A")).\(repeated("A")).A"
        #expect(TokenForge.report(token).codes == ["T-size"])
    }
}
