import NKeys
import SystemTimeZones
import Testing
import Trust

@Suite("Tokens that nsc made")
struct TokenTests {
    /// The only tokens that the rules refuse: their time is over, or yet to come.
    static let refused = [
        "stores/CORP/accounts/OPS/users/expires1m.jwt": ["T-expired"],
        "stores/CORP/accounts/OPS/users/future.jwt": ["T-not-before"],
        "tokens/shipping-expiring-1m.jwt": ["T-expired"],
    ]

    @Test("every token is accepted by the rules of tokens, but for those out of their time")
    func tokens() throws {
        let now = try Measured.read().now
        let verifier = TokenVerifier(zones: SystemZones())
        var count = 0
        for folder in ["stores", "tokens", "negative", "resolver-dir"] {
            for file in try Corpus.files(under: folder, ending: ".jwt") {
                count += 1
                var token = try Corpus.token(file)
                let verdict = token.withUTF8 { verifier.verifyKnown(utf8: $0, at: now) }
                #expect(verdict.codes == Self.refused[file] ?? [], "\(file)")
                #expect(verdict.warnings.isEmpty, "\(file) \(verdict.warnings.map(\.message))")
            }
        }
        #expect(count == 76)
    }

    @Test("the token in every creds file is the user's, and its seed answers for it")
    func creds() throws {
        let now = try Measured.read().now
        let verifier = TokenVerifier(zones: SystemZones())
        for folder in ["keys/creds", "tokens", "negative"] {
            for file in try Corpus.files(under: folder, ending: ".creds") {
                let creds = try Corpus.creds(file)
                let report = creds.token.withUnsafeBufferPointer { verifier.report(utf8: $0, at: now) }
                #expect(report.type == .user)
                #expect(try report.claims?.common.subject == KeyPair(creds.seed).publicKey, "\(file)")
            }
        }
    }
}
