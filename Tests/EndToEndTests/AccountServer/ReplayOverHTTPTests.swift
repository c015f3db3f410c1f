import Foundation
import RealServers
import Testing
import Trust

@Suite("The replay suite against the account server", .onOwnThread)
struct ReplayOverHTTPTests {
    /// What the tests need of a report.
    private struct Report: Decodable {
        struct Entry: Decodable {
            let id: String
            let outcome: String?
            let missing: [String]?
            let beside: [String]?
        }

        let holds: Bool
        let attacks: Int
        let controls: Int
        let elsewhere: Int
        let relaxed: Int
        let through: [Entry]
        let unnamed: [Entry]
        let unexpected: [Entry]
        let inconsistent: [Entry]
        let broken: [Entry]
        let not_tried: [Entry]

        /// Everything that is wrong, to be told.
        var faults: [String] {
            [through, unnamed, unexpected, inconsistent, broken, not_tried].joined().map {
                "\($0.id) \($0.outcome ?? "") \($0.missing ?? []) \($0.beside ?? [])"
            }
        }
    }

    /// `CREDENCE_REPLAY=whole` runs the suite as it is generated for others.
    private static let options =
        ProcessInfo.processInfo.environment["CREDENCE_REPLAY"] == "whole"
        ? []
        : ["--pairs", "none", "--base", "stream-strict", "--base", "stream-narrow", "--base", "service-position-token"]

    @Test(
        "every attack is refused by its rules, changes nothing, and stands in the journal",
        arguments: ["strict", "compatible"])
    func refused(_ policy: String) throws {
        let suite = try ReplayedSuite(Self.options)
        let servers = try ["operator.jwt", "strict-operator.jwt"].map {
            try ReplayedServer(operatorFile: suite.path($0), policy: policy)
        }
        let urls = servers.flatMap { ["--url", $0.url] }
        let report = try report(["replay", "run", suite.path(""), "--policy", policy, "--json"] + urls, status: 0)
        #expect(report.holds && report.faults == [] && report.elsewhere == 0)
        print("replay over HTTP, \(policy): \(report.attacks) attacks refused, \(report.controls) good ones accepted")

        var refused = 0
        for (index, server) in servers.enumerated() {
            server.stop()
            let entries = try ReplayedJournal.entries(in: server.journal).filter { $0.outcome == .refused }
            let expected = suite.refusals(by: index, policy: policy)
            // An attack that is tried dry leaves nothing: there is one entry for each.
            #expect(entries.count == expected.count)
            refused += expected.count
            let byAccount = Dictionary(grouping: entries, by: \.account)
            for attack in expected {
                let candidates = attack.account.map { byAccount[$0] ?? [] } ?? entries
                let isThere = candidates.contains { entry in
                    let rules = Set(entry.rules)
                    return (entry.token == attack.token || attack.account == nil) && rules.isSuperset(of: attack.rules)
                        && rules.isSubset(of: attack.rules.union(attack.possible))
                }
                #expect(isThere, "\(attack.id) is not in the journal as refused by \(attack.rules.sorted())")
            }
        }
        #expect(refused == report.attacks)
    }

    @Test("a server that is laxer than it should be lets attacks through, and the run says which")
    func lax() throws {
        let suite = try ReplayedSuite(["--pairs", "none", "--base", "stream-narrow"])
        let server = try ReplayedServer(operatorFile: suite.path("operator.jwt"), policy: "compatible")
        let report = try report(["replay", "run", suite.path(""), "--url", server.url, "--json"], status: 1)
        let lax = suite.worlds.filter { $0.compatible?.rules == [] }.map(\.id)
        #expect(!lax.isEmpty && report.through.map(\.id).sorted() == lax.sorted())
        #expect(report.broken.isEmpty && report.not_tried.isEmpty)
        // One server has one operator: what is under the other is told.
        #expect(report.elsewhere == suite.uploads.count { $0.operator == 1 && !$0.rules.isEmpty })
    }

    @Test("over TLS and with a credential; without one, or trusting nobody, nothing is claimed")
    func credential() throws {
        let suite = try ReplayedSuite(["--pairs", "none", "--base", "service-public"])
        let files = suite.folder
        let made = try Program.onPath(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", files.path("tls.key"),
                "-out", files.path("tls.crt"),
            ])
        #expect(made.status == 0, "\(made.errors)")
        let secret = (0..<32).map { _ in String(UInt8.random(in: 0...255), radix: 16) }.joined()
        try files.write(secret + "\n", to: "bearer")
        let sum = try Program.onPath("sha256sum", [], input: secret).output.prefix(64)
        let credential = #"{"name":"suite","bearer_sha256":"\#(sum)","allows":["read","upload","delete"]}"#
        try files.write(#"{"credentials":[\#(credential)]}"#, to: "credentials")
        let server = try ReplayedServer(
            operatorFile: suite.path("operator.jwt"), policy: "strict",
            [
                "--tls-cert", files.path("tls.crt"), "--tls-key", files.path("tls.key"), "--credentials",
                files.path("credentials"), "--restrict", "read", "--restrict", "upload", "--restrict", "delete",
            ])
        let run = ["replay", "run", suite.path(""), "--url", server.url, "--json"]
        let ours = try report(run + ["--ca", files.path("tls.crt"), "--bearer", files.path("bearer")], status: 0)
        #expect(ours.holds && ours.faults == [])

        let nobody = try Program.credence(run + ["--ca", files.path("tls.crt")])
        #expect(nobody.status == 74 && nobody.output.isEmpty, "\(nobody.errors)")
        let untrusted = try Program.credence(run + ["--bearer", files.path("bearer")])
        #expect(untrusted.status == 74 && untrusted.errors.contains("certificate"), "\(untrusted.errors)")
        #expect(!(nobody.errors + untrusted.errors).contains(secret))
    }

    @Test("a server under another operator, and one that has tried the suite before, prove nothing")
    func otherServer() throws {
        let suite = try ReplayedSuite(["--pairs", "none", "--base", "stream-narrow"])
        let other = try ReplayedSuite(["--pairs", "none", "--base", "stream-narrow"])
        let server = try ReplayedServer(operatorFile: other.path("operator.jwt"), policy: "strict")
        let run = try Program.credence(["replay", "run", suite.path(""), "--url", server.url])
        #expect(run.status == 65 && run.errors.contains("operator"), "\(run.errors)")
        _ = try report(["replay", "run", other.path(""), "--url", server.url, "--json"], status: 0)
        let again = try report(["replay", "run", other.path(""), "--url", server.url, "--json"], status: 1)
        #expect(!again.holds && again.through.isEmpty && !again.not_tried.isEmpty)
    }

    @Test("every row of the advisories that is about uploads is tried")
    func advisories() throws {
        let suite = try ReplayedSuite(["--pairs", "none", "--base", "stream-narrow"])
        let tried = Set(suite.uploads.flatMap(\.covers))
        for row in ["T1", "T3", "T4a", "T4b", "T4c", "T4d", "T7", "T10", "T15", "T18", "T19"] {
            #expect(tried.contains(row), "\(row)")
        }
        // The document says which attack covers which row; none is missing there.
        let text = try String(contentsOfFile: "\(Testdata.root)/Docs/ReplaySuite.md", encoding: .utf8)
        for upload in suite.uploads { #expect(text.contains("`\(upload.id.dropFirst(7))`"), "\(upload.id)") }
    }

    private func report(_ arguments: [String], status: Int32) throws -> Report {
        let run = try Program.credence(arguments)
        #expect(run.status == status, "\(run.errors)")
        return try JSONDecoder().decode(Report.self, from: Data(run.output.utf8))
    }
}
