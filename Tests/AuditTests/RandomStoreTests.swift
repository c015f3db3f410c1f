import Audit
import NKeys
import Testing

@testable import Trust

/// Stores of random, broken and mixed up tokens: an audit always ends, says the same again, and never repeats a token.
@Suite struct RandomStoreTests {
    let world = AuditWorld()

    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// Good tokens of every kind, and some that are signed and say nonsense.
    private func tokens() throws -> [String] {
        let nonsense = [
            #""imports":[null]"#, #""exports":[{"subject":"a.>.b","type":"stream"}]"#, #""imports":[{"subject":""}]"#,
            #""exports":[{"subject":">","type":"service","account_token_position":9223372036854775807}]"#,
            #""revocations":{"*":9223372036854775807}"#, #""revocations":{"*":-1}"#, #""signing_keys":[{}]"#,
            #""default_permissions":{"sub":{"allow":["_INBOX.>","> q"]}}"#,
        ]
        var tokens = try nonsense.map { try world.account(world.exporter, name: "N", $0) }
        tokens += [
            try world.exporterToken(), try world.importing(world.activation()), try world.activation(),
            try world.importing(world.activation(for: world.thief)), try world.operatorToken(),
            try world.importing("https://example.com/token"), try world.importing("rubbish"),
            try world.user(of: world.exporter), try world.user(of: world.importer, claims: ["iat": "1800000030"]),
            try world.account(world.thief, claims: ["iat": "9223372036854775807", "exp": "9223372036854775807"]),
            try AuditWorld.mintVersionOne("account", by: world.operator, for: world.importer.publicKey, nats: ""),
            "", ".", "..", "a.b.c",
        ]
        return tokens
    }

    @Test func `random stores never crash an audit, and none repeats a token`() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = Random(state: seed)
        let good = try tokens()
        for round in 0..<60 {
            func token() -> [UInt8] {
                var bytes = Array((good.randomElement(using: &random) ?? "").utf8)
                for _ in 0..<Int.random(in: 0...2, using: &random) where !bytes.isEmpty {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0...2, using: &random) {
                    case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                    case 1: bytes.remove(at: place)
                    default: bytes.removeLast(bytes.count - place)
                    }
                }
                return bytes
            }
            func stored(_ name: String) -> StoredToken {
                StoredToken(name: name, origin: Origin(file: name), token: token())
            }
            func entries() -> [AuditEntry] {
                (0..<Int.random(in: 0...6, using: &random)).map { index in
                    let users = Bool.random(using: &random) ? nil : (0..<3).map { stored("u\($0)") }
                    var entry = AuditEntry(
                        name: "a\(index)", origin: Origin(file: "f\(index)"),
                        token: Int.random(in: 0..<9, using: &random) == 0 ? nil : token(), users: users)
                    if Bool.random(using: &random) { entry.filedUnder = world.exporter.publicKey }
                    entry.credentials = [stored("c")]
                    return entry
                }
            }
            let (now, before) = (entries(), entries())
            let extent: Auditor.Extent =
                [.full, .fullAndAdvisory, .advisoryOnly].randomElement(using: &random) ?? .full
            let found = try world.audit(now, since: before, operator: good.randomElement(), extent: extent)
            let again = try world.audit(now, since: before, extent: extent)
            #expect(
                again.filter { $0.code != .audit(.signerRemoved) }
                    == found.filter { $0.code != .audit(.signerRemoved) },
                "seed \(seed), round \(round): two audits differ")
            #expect(!found.contains { "\($0.message)\($0.place)".contains("eyJ") }, "seed \(seed), round \(round)")
        }
    }
}
