import Testing

@testable import Trust

/// The fuzzers' invariants over mutated test data: fewer inputs than a campaign, and the same ones every time.
@Suite struct TokenMutationTests {
    private static func tokens() throws -> [TokenCorpus.Entry] {
        try TokenCorpus.vectors("jwt_decode.json") + TokenCorpus.nsc() + TokenCorpus.vectors("claims_validate.json")
    }

    /// The payloads of all of them that have one, decoded; those that are too long to be read in no time left out.
    private static func payloads(limit: Int = .max) throws -> [[UInt8]] {
        try tokens().compactMap { entry in
            let segments = entry.token.split(separator: UInt8(ascii: "."))
            let payload = segments.count == 3 ? PlainBase64URL.decode(Array(segments[1])) : nil
            return payload.flatMap { $0.count <= limit ? $0 : nil }
        }
    }

    @Test func `the corpus itself keeps the laws of tokens`() throws {
        let tokens = try Self.tokens()
        #expect(tokens.count > 400)
        for entry in tokens {
            if let violation = TokenInvariants.violation(for: entry.token) {
                Issue.record("\(entry.name): \(violation)")
            }
        }
        for payload in try Self.payloads() {
            if let violation = TokenInvariants.violation(for: payload) ?? JSONInvariants.violation(for: payload) {
                Issue.record("\(String(decoding: payload, as: UTF8.self)): \(violation)")
            }
        }
    }

    @Test func `texts near to tokens keep the laws of tokens`() throws {
        let tokens = try Self.tokens().filter { $0.token.count < 1_000 }
        var mutations = Mutations(seed: 11)
        for round in 0..<2_000 {
            let input = mutations.changed(tokens[round % tokens.count].token)
            if let violation = TokenInvariants.violation(for: input) { Issue.record("round \(round): \(violation)") }
        }
    }

    @Test func `payloads near to those of tokens keep the laws of tokens`() throws {
        let payloads = try Self.payloads(limit: 600)
        var mutations = Mutations(seed: 12)
        for round in 0..<8_000 {
            let input = mutations.changed(payloads[round % payloads.count])
            if let violation = TokenInvariants.violation(for: input) {
                Issue.record("round \(round): \(violation): \(String(decoding: input, as: UTF8.self))")
            }
        }
    }

    @Test func `headers near to the usual one keep the laws of tokens`() throws {
        let payload = try #require(try Self.payloads().first { $0.count < 400 })
        var mutations = Mutations(seed: 13)
        for round in 0..<2_000 {
            let header = mutations.changed(TokenInvariants.usualHeader).filter { $0 != 0 }
            if let violation = TokenInvariants.violation(for: header + [0] + payload) {
                Issue.record("round \(round): \(violation): \(String(decoding: header, as: UTF8.self))")
            }
        }
    }

    @Test func `texts near to payloads are read as the plain reader reads them`() throws {
        let payloads = try Self.payloads(limit: 600)
        var mutations = Mutations(seed: 14)
        for round in 0..<8_000 {
            let input = mutations.changed(payloads[round % payloads.count])
            if let violation = JSONInvariants.violation(for: input) {
                Issue.record("round \(round): \(violation): \(String(decoding: input, as: UTF8.self))")
            }
        }
    }
}
