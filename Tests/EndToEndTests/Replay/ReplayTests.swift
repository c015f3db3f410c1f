import Foundation
import RealServers
import Testing

@Suite("The replay suite, from fresh keys", .onOwnThread)
struct ReplayTests {
    /// What the tests need of `suite.json`.
    private struct SuiteFile: Decodable {
        struct World: Decodable {
            let id: String
            let base: String
            let mutations: [String]
        }

        struct Upload: Decodable {
            let rules: [String]
        }

        let worlds: [World]
        let uploads: [Upload]
    }

    /// What the tests need of a report.
    private struct Report: Decodable {
        struct Entry: Decodable {
            let id: String
            let outcome: String?
        }

        let holds: Bool
        let attacks: Int
        let controls: Int
        let elsewhere: Int
        let through: [Entry]
        let unnamed: [Entry]
        let broken: [Entry]
        let not_tried: [Entry]
        let stopped: [String: Int]
    }

    @Test("on the real server the attacks get through that the divergences explain, and no others; here none does")
    func realServer() throws {
        let folder = try TemporaryFolder()
        try Program.credenceSucceeds(["replay", "generate", folder.path("suite")])
        let suite = try JSONDecoder().decode(SuiteFile.self, from: Data(folder.text("suite/suite.json").utf8))
        let attacks = suite.worlds.filter { !$0.mutations.isEmpty }

        let ours = try report(["replay", "run", folder.path("suite"), "--library", "--json"], status: 0)
        let uploads = suite.uploads.count { !$0.rules.isEmpty }
        #expect(ours.holds && ours.attacks + ours.elsewhere == attacks.count + uploads && attacks.count > 2000)

        let server = try RealServer(configuration: folder.path("suite/nats-server.conf"))
        let theirs = try report(["replay", "run", folder.path("suite"), "--nats", server.url, "--json"], status: 1)
        #expect(
            !theirs.holds && theirs.attacks == attacks.count && theirs.controls == suite.worlds.count - attacks.count)
        for entry in theirs.broken + theirs.not_tried { Issue.record("\(entry.id): \(entry.outcome ?? "")") }
        print("replay: \(theirs.through.count) of \(theirs.attacks) attacks get through on the real server")

        let through = Set(theirs.through.map(\.id))
        let explained = Set(attacks.filter { Self.explains($0) }.map(\.id))
        #expect(through.subtracting(explained).sorted() == [], "got through, and no row explains it")
        #expect(explained.subtracting(through).sorted() == [], "is stopped, and a row says otherwise")
    }

    /// Whether rows say that the real server lets the attack through: each change is let through by itself, or the two
    /// are together.
    private static func explains(_ attack: SuiteFile.World) -> Bool {
        if ReplayLaxity.together.contains(where: { $0.mutations == Set(attack.mutations) }) { return true }
        return attack.mutations.allSatisfy { mutation in
            ReplayLaxity.all.contains { $0.explains(mutation, of: attack.base) }
        }
    }

    @Test("each reason is a row of Docs/Divergences.md, and none is named twice for one change")
    func documented() throws {
        let text = try String(contentsOfFile: "\(Testdata.root)/Docs/Divergences.md", encoding: .utf8)
        let rows = Set(text.matches(of: /(?m)^\| ([a-z0-9-]+) \|/).map { String($0.1) })
        for row in ReplayLaxity.all.map(\.row) + ReplayLaxity.together.map(\.row) {
            #expect(rows.contains(row), "\(row)")
        }
        for (place, one) in ReplayLaxity.all.enumerated() {
            for other in ReplayLaxity.all[(place + 1)...] {
                let areApart = !one.bases.isEmpty && !other.bases.isEmpty && one.bases.isDisjoint(with: other.bases)
                if areApart { continue }
                #expect(one.mutations.isDisjoint(with: other.mutations), "\(one.row) and \(other.row)")
            }
        }
    }

    @Test("a server that holds other accounts is found out, and one that does not answer is told")
    func otherServer() throws {
        let folder = try TemporaryFolder()
        for name in ["one", "two"] {
            try Program.credenceSucceeds([
                "replay", "generate", folder.path(name), "--pairs", "none", "--base", "stream",
            ])
        }
        let url: String
        do {
            let server = try RealServer(configuration: folder.path("one/nats-server.conf"))
            url = server.url
            let report = try report(["replay", "run", folder.path("two"), "--nats", url, "--json"], status: 1)
            #expect(!report.holds && report.through.isEmpty)
            #expect(report.not_tried.count == report.attacks + report.controls)
        }
        let gone = try Program.credence(["replay", "run", folder.path("one"), "--nats", url])
        #expect(gone.status == 74 && gone.errors.contains("connection refused"), "\(gone.errors)")
    }

    private func report(_ arguments: [String], status: Int32) throws -> Report {
        let run = try Program.credence(arguments)
        #expect(run.status == status, "\(run.errors)")
        return try JSONDecoder().decode(Report.self, from: Data(run.output.utf8))
    }
}
