import Foundation
import RealServers
import Testing

/// What `credence explain` says of every import and user of the stores that nsc made is what `credence validate` says.
@Suite("credence explain, over the corpus", .onOwnThread)
struct ExplainCorpusTests {
    private static let time = "2026-11-20T22:18:02Z"

    private func codes(_ json: [String: Any]) -> Set<String> {
        Set((json["failures"] as? [[String: String]] ?? []).compactMap { $0["rule"] })
    }

    private func accounts(_ store: String) throws -> [[String: Any]] {
        let run = try Binary.run(
            "validate", "--json", "--store", Testdata.nsc("stores/\(store)"), "--at", Self.time)
        return try #require(try run.json()["accounts"] as? [[String: Any]])
    }

    private func explain(_ arguments: [String], _ store: String) throws -> ExplainedRun {
        let run = try Binary.start(
            ["explain"] + arguments + ["--json", "--store", Testdata.nsc("stores/\(store)"), "--at", Self.time]
        ).wait()
        #expect(run.errors.isEmpty, "\(arguments): \(run.errors)")
        #expect(!run.output.contains("eyJ"), "\(arguments): a token is shown")
        return try ExplainedRun(run)
    }

    @Test("Every import", arguments: ["CORP", "STRICT"])
    func imports(_ store: String) throws {
        var count = 0
        for account in try accounts(store) {
            let name = try #require(account["name"] as? String)
            for (index, item) in (account["imports"] as? [[String: Any]] ?? []).enumerated() {
                let explained = try explain(["import", "--account", name, "--index", "\(index)"], store)
                let expected = codes(item)
                #expect(Set(explained.failing(notBelow: "B-exporter-unknown")) == expected, "\(name) \(index)")
                #expect(explained.failures == expected)
                #expect(explained.json["accepted"] as? Bool == item["accepted"] as? Bool)
                #expect(explained.run.status == (expected.isEmpty ? 0 : 1))
                let bindings = explained.nodes(notBelow: "B-exporter-unknown").compactMap { $0["rule"] as? String }
                    .filter { $0.hasPrefix("B-") }
                #expect(bindings.count == 18 && Set(bindings).count == 18, "\(name) \(index)")
                count += 1
            }
        }
        #expect(count == (store == "CORP" ? 17 : 2))
    }

    @Test("Every user", arguments: ["CORP", "STRICT"])
    func users(_ store: String) throws {
        var count = 0
        for account in try accounts(store) {
            let name = try #require(account["name"] as? String)
            for user in account["users"] as? [[String: Any]] ?? [] {
                let userName = try #require(user["name"] as? String)
                let explained = try explain(["user", "--user", userName, "--account", name], store)
                let expected = codes(user)
                #expect(Set(explained.failing()) == expected, "\(name) \(userName)")
                #expect(explained.failures == expected)
                #expect(explained.run.status == (expected.isEmpty ? 0 : 1))
                count += 1
            }
        }
        #expect(count == (store == "CORP" ? 35 : 3))
    }

    @Test("Every operation that was measured is explained as it is checked")
    func operations() throws {
        let expected = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(fileURLWithPath: Testdata.nsc("expected.json"))))
        let measured = try #require((expected as? [String: Any])?["permissions"] as? [[String: Any]])
        var byUser: [String: [[String: Any]]] = [:]
        for row in measured where ["pub", "sub"].contains(row["op"] as? String) {
            byUser[try #require(row["creds"] as? String), default: []].append(row)
        }
        #expect(byUser.count > 8)
        for (user, rows) in byUser {
            // A few of each user: the whole is held by `check`, which shares the decisions.
            for row in rows.prefix(3) {
                let operation = row["op"] as? String == "pub" ? "publish" : "subscribe"
                let subject = try #require(row["subject"] as? String)
                let queue = (row["queue"] as? String).map { ["--queue", $0] } ?? []
                let asked = [operation, subject, "--user", Testdata.nsc(user)] + queue
                let store = ["--store", Testdata.nsc("stores/CORP"), "--at", Self.time, "--json"]
                let run = try Binary.start(["explain"] + asked + store).wait()
                let checked = try Binary.start(["check"] + asked + store).wait()
                #expect(run.status == checked.status, "\(asked)")
                // What is no subject was asked of the server too.
                if checked.status == 65 { continue }
                let explained = try ExplainedRun(run)
                for member in ["operation", "subject", "queue", "allowed"] {
                    #expect(
                        explained.json[member] as? NSObject == (try checked.json()[member]) as? NSObject, "\(asked)")
                }
            }
        }
    }
}
