import Foundation
import RealServers
import Testing

/// What the real server allowed and refused, asked again here.
@Suite("credence check, against what the server did", .onOwnThread)
struct CheckCorpusTests {
    /// Where the answers differ, and why. A row that no longer differs fails.
    private static let divergences = [
        "DEVICES/therm1 publish dev.*.up":
            "a message has no wildcard in its subject; the server takes `*` as a word, and refuses it here"
    ]

    private struct Measured {
        let user: String
        let question: String
        let allowed: Bool
    }

    /// The measured permissions; limits of a connection were measured beside them and are not asked here.
    private func measured() throws -> [Measured] {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: Testdata.nsc("expected.json")))
        let expected = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
        let permissions = try #require(expected["permissions"] as? [[String: Any]])
        return try permissions.compactMap { entry in
            let operations = ["pub": "publish", "sub": "subscribe"]
            guard let name = entry["op"] as? String, let operation = operations[name] else { return nil }
            let creds = try #require(entry["creds"] as? String)
            let user = creds.split(separator: "/").suffix(2).joined(separator: "/").dropLast(6)
            let words = [operation, entry["subject"] as? String, entry["queue"] as? String]
            return Measured(
                user: String(user), question: words.compactMap { $0 }.joined(separator: " "),
                allowed: try #require(entry["allowed"] as? Bool))
        }
    }

    private func ask(_ user: String, _ questions: [String], policy: String) throws -> [[String: Any]] {
        let run = try Binary.run(
            "check", "--stdin", "--user", Testdata.nsc("keys/creds/CORP/\(user).creds"), "--store",
            Testdata.nsc("stores/CORP"), "--at", "2026-11-20T22:18:02Z", "--policy", policy,
            input: Array(questions.joined(separator: "\n").utf8))
        return try run.output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    @Test("Every measured permission agrees, except those listed with a reason")
    func agreement() throws {
        let measured = try measured()
        #expect(measured.count == 67)
        var differing: Set<String> = []
        for (user, entries) in Dictionary(grouping: measured, by: \.user) {
            // The name `cam.2` is two tokens, which only `compatible` puts into a template.
            let answers = try ask(user, entries.map(\.question), policy: user.contains(".") ? "compatible" : "strict")
            try #require(answers.count == entries.count, "\(user)")
            for (answer, entry) in zip(answers, entries) where answer["allowed"] as? Bool != entry.allowed {
                differing.insert("\(user) \(entry.question)")
            }
        }
        #expect(differing == Set(Self.divergences.keys))
    }

    @Test("A user whose name is two tokens is refused by the strict policy, where the server expands it")
    func dottedName() throws {
        let answer = try ask("DEVICES/cam.2", ["publish dev.cam.2.up"], policy: "strict").first
        #expect(answer?["allowed"] as? Bool == false)
        let rules = (answer?["failures"] as? [[String: String]])?.compactMap { $0["rule"] }
        #expect(Set(rules ?? []) == ["C-template-value"])
    }
}
