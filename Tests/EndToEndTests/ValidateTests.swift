import Foundation
import RealServers
import Testing

@Suite("Judging the stores of nsc by the command line", .onOwnThread)
struct ValidateTests {
    /// Every finding in CORP by whom it is of, with its rule and place.
    static let corp = [
        "DEVICES/cam.2": [
            "C-template-value signing_keys[1].template.pub.allow[1]",
            "C-template-value signing_keys[1].template.pub.deny[0]",
            "C-template-value signing_keys[1].template.sub.allow[0]",
        ],
        "OPS/expires1m": ["T-expired exp"],
        "OPS/future": ["T-not-before nbf"],
        "OPS/revoked": ["C-user-revoked sub"],
        "SHIPPING expiring": ["T-expired imports[0].token", "B-token-invalid imports[0].token"],
        "SHIPPING limited": ["B-revoked imports[1].token"],
        "SHIPPING starrev": ["B-revoked imports[4].token"],
        "SHIPPING svclimited": ["B-revoked imports[5].token"],
    ]

    @Test("CORP is refused for its dead imports and users, each by rule and place, and for nothing else")
    func judgeCorp() throws {
        let run = try validate("stores/CORP")
        #expect(run.status == 1)
        #expect(try findings(run) == Self.corp)
    }

    @Test("in STRICT nothing is refused")
    func judgeStrict() throws {
        let run = try validate("stores/STRICT")
        #expect(run.status == 0)
        #expect(try findings(run) == [:])
    }

    @Test("a resolver's folder is refused for the same imports as the store it was filled from")
    func judgeResolverFolder() throws {
        let run = try validate("resolver-dir", "--operator", Testdata.nsc("stores/CORP/CORP.jwt"))
        #expect(run.status == 1)
        #expect(try findings(run) == Self.corp.filter { $0.key.contains(" ") })
    }

    private func validate(_ store: String, _ options: String...) throws -> Program {
        try Program.credence(
            ["validate", "--store", Testdata.nsc(store), "--at", "2026-11-20T22:18:02Z", "--json"] + options)
    }

    /// What is refused: `ACCOUNT`, `ACCOUNT/USER` or `ACCOUNT IMPORT`, with rules and places.
    private func findings(_ run: Program) throws -> [String: [String]] {
        struct Failure: Decodable {
            let rule: String
            let at: String
        }
        struct Entity: Decodable {
            let name: String
            let accepted: Bool
            let failures: [Failure]
        }
        struct Account: Decodable {
            let name: String
            let failures: [Failure]
            let imports: [Entity]
            let users: [Entity]
        }
        struct Report: Decodable {
            let accepted: Bool
            let `operator`: Entity
            let accounts: [Account]
        }
        let report = try JSONDecoder().decode(Report.self, from: Data(run.output.utf8))
        var findings: [String: [String]] = [:]
        func note(_ name: String, _ failures: [Failure]) {
            if !failures.isEmpty { findings[name] = failures.map { "\($0.rule) \($0.at)" } }
        }
        note("the operator", report.operator.failures)
        for account in report.accounts {
            note(account.name, account.failures)
            for item in account.imports { note("\(account.name) \(item.name)", item.failures) }
            for user in account.users { note("\(account.name)/\(user.name)", user.failures) }
            for entity in account.imports + account.users { #expect(entity.accepted == entity.failures.isEmpty) }
        }
        #expect(report.accepted == findings.isEmpty)
        return findings
    }
}

/// What comes with the sources.
enum Testdata {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static func nsc(_ name: String) -> String { "\(root)/Testdata/nsc/\(name)" }
}
