import Foundation
import RealServers
import Testing

@Suite("credence check", .onOwnThread)
struct CheckTests {
    private static let time = "2026-11-20T22:18:02Z"

    private func check(_ arguments: String..., user: String, input: String = "") throws -> CommandRun {
        try Binary.start(
            ["check"] + arguments + [
                "--user", Testdata.nsc("keys/creds/CORP/\(user).creds"), "--store", Testdata.nsc("stores/CORP"),
                "--at", Self.time,
            ], input: Array(input.utf8)
        ).wait()
    }

    /// What decided, as `list pattern place source`.
    private func because(_ json: [String: Any]) throws -> String {
        let because = try #require(json["because"] as? [String: Any])
        let origin = because["origin"] as? [String: Any]
        return [because["list"], because["pattern"], origin?["place"], origin?["source"]]
            .map { $0 as? String ?? "-" }.joined(separator: " ")
    }

    @Test("An answer has the members of its shape, and names the entry and where it was written")
    func shape() throws {
        let run = try check("publish", "ops.a.secret", "--json", user: "OPS/perms")
        #expect(run.status == 1)
        let json = try run.json()
        #expect(Set(json.keys) == ["operation", "subject", "queue", "allowed", "because"])
        #expect(json["operation"] as? String == "publish")
        #expect(json["subject"] as? String == "ops.a.secret")
        #expect(json["queue"] is NSNull)
        #expect(json["allowed"] as? Bool == false)
        #expect(try because(json) == "deny ops.a.secret pub.deny[0] user")
    }

    @Test(
        "An entry is traced to the user's token, the account's defaults or the role's template",
        arguments: [
            ("OPS/perms", "publish ops.b.x", "allow ops.b.* pub.allow[1] user"),
            ("OPS/perms", "subscribe ops.a.hidden", "deny ops.a.hidden sub.deny[0] user"),
            ("OPS/perms", "publish other", "none - pub.allow user"),
            (
                "OPS/plain", "publish ops.default.pub.x",
                "allow ops.default.pub.> default_permissions.pub.allow[0] account_defaults"
            ),
            (
                "OPS/plain", "publish ops.default.pub.secret",
                "deny ops.default.pub.secret default_permissions.pub.deny[0] account_defaults"
            ),
            (
                "DEVICES/tag1", "publish zone.b.temp",
                "allow zone.b.temp signing_keys[3].template.pub.allow[0] template"
            ),
            (
                "DEVICES/tag1", "subscribe site.roof.x",
                "allow site.roof.> signing_keys[3].template.sub.allow[1] template"
            ),
            ("DEVICES/tagmissing", "publish zone.a.temp", "deny > signing_keys[3].template.pub.allow template"),
            ("OPS/responder", "publish ops.any", "none - resp user"),
            ("OPS/queue", "publish work.q", "allow work.> pub.allow[0] user"),
            ("OPS/queue", "subscribe work.q bad", "deny work.q bad sub.deny[0] user"),
            ("BILLING/app", "publish a", "none - - unrestricted"),
        ])
    func origins(_ user: String, _ question: String, _ expected: String) throws {
        let run = try check("--stdin", user: user, input: question)
        #expect(try because(run.json()) == expected)
    }

    @Test("A role is named with its template")
    func role() throws {
        let json = try check("publish", "zone.b.temp", "--json", user: "DEVICES/tag1").json()
        let origin = (json["because"] as? [String: Any])?["origin"] as? [String: Any]
        #expect(origin?["role"] as? String == "tagged")
        let text = try check("publish", "zone.b.temp", user: "DEVICES/tag1").output
        #expect(text.contains("at signing_keys[3].template.pub.allow[0] of the account's token, for the role `tagged`"))
    }

    @Test("Text says the verdict in one line, and below it why")
    func text() throws {
        let denied = try check("publish", "ops.a.secret", user: "OPS/perms")
        #expect(denied.status == 1)
        #expect(
            denied.output == """
                denied: publish `ops.a.secret`
                  denied by `ops.a.secret` at pub.deny[0] of the user's token

                """)
        let filtered = try check("subscribe", "ops.a.>", user: "OPS/perms")
        #expect(filtered.status == 0)
        #expect(filtered.output.hasSuffix("  not delivered under it: `ops.a.hidden`, denied at sub.deny[0]\n"))
        let queued = try check("subscribe", "work.q", "--queue", "grp", user: "OPS/queue")
        #expect(queued.output.hasPrefix("allowed: subscribe `work.q` in the queue group `grp`\n"))
    }

    @Test("A refused user may do nothing, and the rules against it are named")
    func refusedUser() throws {
        let run = try check("publish", "x", "--json", user: "OPS/revoked")
        #expect(run.status == 1)
        let json = try run.json()
        #expect(json["allowed"] as? Bool == false)
        #expect(try because(json) == "none - - -")
        #expect((json["failures"] as? [[String: String]])?.compactMap { $0["rule"] } == ["C-user-revoked"])
        #expect(try check("publish", "x", user: "OPS/revoked").output.contains("C-user-revoked at sub: "))
        #expect(try check("--stdin", user: "OPS/revoked", input: "").status == 1)
    }

    @Test("A user whose account the store lacks is refused, and so is one of another operator")
    func unknownAccount() throws {
        let strict = Testdata.nsc("stores/STRICT/accounts/VAULT/users/app.jwt")
        let run = try Binary.run(
            "check", "publish", "x", "--json", "--user", strict, "--store", Testdata.nsc("stores/CORP"), "--at",
            Self.time)
        #expect(run.status == 1)
        #expect(try (run.json()["failures"] as? [[String: String]])?.first?["rule"] == "C-account-unknown")
        let other = try Binary.run(
            "check", "publish", "x", "--json", "--user", strict, "--store", Testdata.nsc("stores/STRICT"),
            "--operator", Testdata.nsc("stores/CORP/CORP.jwt"), "--at", Self.time)
        #expect(other.status == 1)
        #expect(try (other.json()["failures"] as? [[String: String]])?.first?["rule"] == "C-account-signer")
    }

    @Test("A resolver's folder does as well, with the operator's token")
    func resolverFolder() throws {
        let arguments = [
            "check", "publish", "ops.b.x", "--user", Testdata.nsc("stores/CORP/accounts/OPS/users/perms.jwt"),
            "--store",
            Testdata.nsc("resolver-dir"), "--at", Self.time,
        ]
        let operatorFile = Testdata.nsc("stores/CORP/CORP.jwt")
        #expect(try Binary.start(arguments + ["--operator", operatorFile]).wait().status == 0)
        let without = try Binary.start(arguments).wait()
        #expect(without.status == 65 && without.errors.contains("--operator"))
    }

    @Test(
        "What is no subject names the token and the reason",
        arguments: [
            (["publish", "a..b"], "`a..b`: subject token 2 is empty"),
            (["publish", "a.*"], "`a.*`: subject token 2 is a wildcard where a literal is needed"),
            (["subscribe", "a.>.b"], "`a.>.b`: subject token 2 is `>` and not the last"),
            (["subscribe", "a", "--queue", "q..r"], "`q..r`: queue token 2 is empty"),
        ])
    func badSubject(_ arguments: [String], _ message: String) throws {
        let run = try Binary.start(
            ["check"] + arguments + [
                "--user", Testdata.nsc("keys/creds/CORP/OPS/perms.creds"), "--store", Testdata.nsc("stores/CORP"),
            ]
        ).wait()
        #expect(run.status == 65)
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("error: \(message)\n"))
    }

    @Test("A line that asks nothing gives its number and the reason, and the rest goes on")
    func stream() throws {
        let long = String(repeating: "x", count: 100_000)
        let input = """
            publish ops.a.x\r
            subscribe ops.a.> q

            bogus
            publish a..b
            subscribe
            publish a b
            publish \(long)
            publish \(long.prefix(5000))
            publish ops.a.secret
            """
        let run = try check("--stdin", user: "OPS/perms", input: input)
        #expect(run.status == 65)
        let lines = try run.output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        let expected: [(Bool?, Int?, String?)] = [
            (true, nil, nil), (true, nil, nil), (nil, 4, "`bogus` is neither `publish` nor `subscribe`"),
            (nil, 5, "subject token 2 is empty"), (nil, 6, "`subscribe` without a subject"),
            (nil, 7, "`publish` takes one subject, and no queue"), (nil, 8, "the line is longer than 20000 bytes"),
            (nil, 9, "subject is longer than 4096 bytes"), (false, nil, nil),
        ]
        try #require(lines.count == expected.count)
        for (line, (allowed, number, error)) in zip(lines, expected) {
            #expect(line["allowed"] as? Bool == allowed)
            #expect(line["line"] as? Int == number)
            #expect(line["error"] as? String == error)
        }
        #expect(try check("--stdin", user: "OPS/perms", input: "publish ops.a.x\npublish no").status == 1)
        #expect(try check("--stdin", user: "OPS/perms", input: "publish ops.a.x\n").status == 0)
    }

    @Test("Wrong usage is told, and no seed is ever printed")
    func usage() throws {
        #expect(try Binary.run("check").status == 64)
        #expect(try Binary.run("check", "--help").output.contains("publish"))
        #expect(try check(user: "OPS/perms").status == 64)
        let creds = try String(contentsOfFile: Testdata.nsc("keys/creds/CORP/OPS/perms.creds"), encoding: .utf8)
        let seed = try #require(creds.split(separator: "\n").first { $0.hasPrefix("SU") })
        for flag in ["--json", "--policy=strict"] {
            let run = try check("publish", "x", flag, user: "OPS/perms")
            #expect(!(run.output + run.errors).contains(seed))
        }
        let both = try Binary.run(
            "check", "--stdin", "--user", "-", "--store", Testdata.nsc("stores/CORP"), input: Array("publish x".utf8))
        #expect(both.status == 64)
    }
}
