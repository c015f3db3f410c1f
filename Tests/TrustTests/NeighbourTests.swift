import Foundation
import Testing

@testable import Trust

/// Nothing but a good token itself is accepted: no piece of it, and nothing that differs in one byte.
///
/// The ordinary run tries of each position the values that a lax reader might take for the right one; with
/// `CREDENCE_LONG_TESTS=1` all 255, and all pieces.
@Suite struct NeighbourTests {
    static let isLong = ProcessInfo.processInfo.environment["CREDENCE_LONG_TESTS"] == "1"

    /// The shortest good token of version 2 of every type, and of every type that nsc made.
    static func goodTokens() throws -> [TokenCorpus.Entry] {
        let vectors = try TokenCorpus.vectors("jwt_decode.json")
        let all = try vectors.filter { $0.name.hasPrefix("ok-") || $0.name.hasPrefix("generic-") } + TokenCorpus.nsc()
        var shortest: [String: TokenCorpus.Entry] = [:]
        for entry in all {
            let report = TokenInvariants.report(entry.token, verifier)
            guard report.isAccepted, report.version == .two, let type = report.type else { continue }
            let kind = type.name + (entry.name.hasSuffix(".jwt") ? " of nsc" : "")
            let best = shortest[kind].map { $0.token.count <= entry.token.count } ?? false
            if !best { shortest[kind] = TokenCorpus.Entry(name: kind, token: entry.token) }
        }
        return shortest.values.sorted { $0.name < $1.name }
    }

    /// No rule of time, so that a refusal is for the change.
    private static let verifier: TokenVerifier = {
        var policy = Policy.strict
        policy.relaxed = [.tokenExpired, .tokenNotBefore, .tokenIssuedAt]
        policy.accountSigning = .byOperatorOrSelf
        return TokenVerifier(policy: policy)
    }()

    private static func isAccepted(_ token: UnsafeBufferPointer<UInt8>) -> Bool {
        verifier.report(utf8: token, at: TokenInvariants.now).isAccepted
    }

    @Test func `there is a good token of every type`() throws {
        let names = try Self.goodTokens().map(\.name)
        #expect(Set(names).isSuperset(of: TokenType.allCases.map(\.name)))
        #expect(Set(names).isSuperset(of: ["operator of nsc", "account of nsc", "user of nsc"]))
    }

    @Test(arguments: try goodTokens())
    func `every proper substring of a good token is refused`(entry: TokenCorpus.Entry) {
        entry.token.withUnsafeBufferPointer { token in
            #expect(Self.isAccepted(token))
            let dots = token.indices.filter { token[$0] == UInt8(ascii: ".") }
            guard let first = dots.first, let last = dots.last else { return }
            for start in token.indices {
                for end in start...token.count where (start, end) != (0, token.count) {
                    // A piece with both dots is a token in form: all that are cut at one side, and of the others, as
                    // of those with less than two dots, some.
                    let isWhole = start < first && end > last
                    let isTelling = isWhole && (start == 0 || end == token.count)
                    guard Self.isLong || isTelling || (start &* 31 &+ end) % (isWhole ? 17 : 61) == 0 else { continue }
                    if Self.isAccepted(UnsafeBufferPointer(rebasing: token[start..<end])) {
                        Issue.record("\(start)..<\(end) of \(entry.name)")
                    }
                }
            }
        }
    }

    @Test(arguments: try goodTokens())
    func `every one-byte change of a good token is refused`(entry: TokenCorpus.Entry) {
        var changed = entry.token
        for position in entry.token.indices {
            let good = entry.token[position]
            for byte in Self.isLong ? Array(UInt8.min...UInt8.max) : Self.telling(good, position) where byte != good {
                changed[position] = byte
                if changed.withUnsafeBufferPointer(Self.isAccepted) { Issue.record("\(byte) at \(position)") }
            }
            changed[position] = good
        }
    }

    @Test(arguments: try goodTokens())
    func `a byte more is refused, wherever it stands`(entry: TokenCorpus.Entry) {
        for position in 0...entry.token.count {
            let bytes: [UInt8] = [0x00, 0x0a, 0x20, 0x3d, 0x2e, 0x41, 0x80]
            for byte in bytes where Self.isLong || (position + Int(byte)) % 4 == 0 {
                var longer = entry.token
                longer.insert(byte, at: position)
                if longer.withUnsafeBufferPointer(Self.isAccepted) { Issue.record("\(byte) put in at \(position)") }
            }
        }
    }

    /// Values in place of `good`: the neighbours in the alphabet, the one whose lowest bit (which may mean nothing)
    /// differs and the one of the other case, in turn by position; and always a dot, padding, zero, the high bit.
    private static func telling(_ good: UInt8, _ position: Int) -> [UInt8] {
        let alphabet = PlainBase64URL.alphabet
        let value = alphabet.firstIndex(of: good) ?? 0
        let near = [alphabet[value ^ 1], alphabet[(value + 1) % 64], alphabet[(value + 63) % 64], good ^ 0x20]
        return [near[position % 4], near[(position + 1) % 4], UInt8(ascii: "."), UInt8(ascii: "="), 0, good ^ 0x80]
    }
}
