import Foundation
import RealServers
import Testing

@Suite("credence audit", .onOwnThread)
struct AuditTests {
    @Test("The corpus is audited as it is known to be")
    func corpus() throws {
        let audit = try AuditedCommand("--store", Testdata.corp)
        #expect(audit.run.status == 1)
        #expect(
            audit.texts == [
                "high DEVICES C-template-value at users[cam.2].signing_keys[1].template.pub.allow[1]",
                "high DEVICES C-template-value at users[cam.2].signing_keys[1].template.pub.deny[0]",
                "high DEVICES C-template-value at users[cam.2].signing_keys[1].template.sub.allow[0]",
                "medium SHIPPING B-revoked at imports[1].token",
                "medium SHIPPING B-revoked at imports[4].token",
                "medium SHIPPING B-revoked at imports[5].token",
                "medium AUTHC A-shared-inbox at users",
                "medium BILLING A-shared-inbox at users",
                "medium DEVICES A-shared-inbox at users",
                "medium OPS A-shared-inbox at users",
                "medium ORDERS A-shared-inbox at users",
                "low OPS T-expired at users[expires1m].exp",
                "low SHIPPING T-expired at imports[0].token",
                "low OPS T-not-before at users[future].nbf",
                "low DEVICES C-template at users[tagmissing].signing_keys[3].template.pub.allow[0]",
                "low OPS C-user-revoked at users[revoked].sub",
                "low SHIPPING B-token-invalid at imports[0].token",
            ])
        let lasting = audit.found.filter { $0.rule == "A-no-expiry" && $0.place == "exp" }.map(\.name)
        #expect(lasting == ["AUTHC", "BILLING", "CORP", "DEVICES", "OPS", "ORDERS", "SHIPPING", "STORAGE", "SYS"])
        let device = try #require(audit.found.first)
        #expect(device.account == "ACRWB3CUXCMEIMQXKLCR2W4PXX5AGX3FVEZTQ62KH7AT2F3MVVQCNJAG")
        #expect(device.file == "accounts/DEVICES/users/cam.2.jwt")
    }

    @Test("A store in which all holds fails only for what never expires, and only where that counts")
    func threshold() throws {
        let audit = try AuditedCommand("--store", Testdata.strict)
        #expect(audit.texts == [])
        #expect(audit.found.count == 8)
        #expect(audit.run.status == 1)
        let statuses = try ["critical", "high", "medium", "low", "never"].map {
            try AuditedCommand("--store", Testdata.strict, "--fail-on", $0).run.status
        }
        #expect(statuses == [0, 0, 0, 1, 0])
        let corp = try ["critical", "high", "medium", "low", "never"].map {
            try AuditedCommand("--store", Testdata.corp, "--fail-on", $0).run.status
        }
        #expect(corp == [0, 1, 1, 1, 0])
    }

    @Test("What nsc signs with identity keys where signing keys are demanded is found")
    func negative() throws {
        func texts(_ file: String, as name: String) throws -> [String] {
            let folder = TemporaryFolder()
            try folder.copy(Testdata.strict, to: "STRICT")
            let token = try String(contentsOfFile: Testdata.nsc("negative/\(file)"), encoding: .utf8)
            try folder.write(token, to: "STRICT/accounts/\(name)")
            return try AuditedCommand("--store", folder.path("STRICT")).texts
        }
        #expect(
            try texts("strict-account-with-identity-activation.jwt", as: "READER/READER.jwt") == [
                "critical READER B-exporter at imports[0].token"
            ])
        #expect(
            try texts("strict-user-by-account-identity.jwt", as: "VAULT/users/x.jwt") == [
                "critical VAULT C-user-signer at users[x].iss"
            ])
        #expect(
            try texts("strict-account-by-operator-identity.jwt", as: "READER/READER.jwt") == [
                "critical READER C-account-signer at iss"
            ])
    }

    @Test("An account with another's tokens is found by the rules, and by the advisory's checks where asked")
    func stolen() throws {
        // BILLING's token under the key of another account, as a pack has it.
        let lines = try Testdata.pack().split(separator: "\n")
        let billing = try #require(lines.first { $0.hasPrefix("ABZX3A7") })
        let storage = try #require(lines.first { $0.hasPrefix("AAVAIDPZ") }).prefix(56)
        let pack = "\(storage)|\(billing.dropFirst(57))\n"
        let audit = try AuditedCommand(["--pack", "-", "--operator", Testdata.corpOperator], input: [UInt8](pack.utf8))
        #expect(audit.texts.prefix(1) == ["critical BILLING C-account-mismatch at sub"])
        let advisory = try AuditedCommand(["--pack", "-", "--cve-2021-3127"], input: [UInt8](pack.utf8))
        #expect(advisory.texts == ["critical BILLING A-cve-account at sub"])
        #expect(advisory.run.errors.contains("note: without an operator"))
        let clean = try AuditedCommand(["--pack", "-", "--cve-2021-3127"], input: [UInt8](Testdata.pack().utf8))
        #expect(clean.found == [])
        #expect(clean.run.status == 0)
    }

    @Test("Creds that were left behind when a user was deleted are found")
    func credentials() throws {
        let folder = TemporaryFolder()
        try folder.copy(Testdata.corp, to: "CORP")
        try folder.copy(Testdata.nsc("keys"), to: "keys")
        let arguments = ["--store", folder.path("CORP"), "--keystore", folder.path("keys")]
        func deleted() throws -> [AuditedCommand.Found] {
            let audit = try AuditedCommand(arguments)
            #expect(!audit.run.output.contains("eyJ"), "a token is printed")
            return audit.found.filter { $0.rule == "A-user-deleted" }
        }
        #expect(try deleted() == [])
        try FileManager.default.removeItem(atPath: folder.path("CORP/accounts/ORDERS/users/pub.jwt"))
        let found = try deleted()
        #expect(found.map(\.text) == ["high ORDERS A-user-deleted at users[pub]"])
        #expect(found.first?.file == "creds/CORP/ORDERS/pub.creds")
    }

    @Test("What an earlier folder or pack had is compared")
    func before() throws {
        let folder = TemporaryFolder()
        try folder.copy(Testdata.corp, to: "CORP")
        try FileManager.default.removeItem(atPath: folder.path("CORP/accounts/ORDERS/users/pub.jwt"))
        let audit = try AuditedCommand("--store", folder.path("CORP"), "--before", Testdata.corp)
        #expect(audit.texts.filter { $0.contains("A-user") } == ["high ORDERS A-user-deleted at users[pub]"])
        #expect(try !AuditedCommand("--store", folder.path("CORP")).texts.contains { $0.contains("A-user") })
        try folder.write(try Testdata.pack(), to: "pack")
        let pack = try AuditedCommand("--store", folder.path("CORP"), "--before", folder.path("pack"))
        #expect(!pack.texts.contains { $0.contains("A-user") }, "a pack knows no users")
        #expect(try AuditedCommand("--store", Testdata.corp, "--before", folder.path("none")).run.status == 66)
    }

    @Test("For people: a line for what, one for what to do, and a summary")
    func text() throws {
        let run = try Binary.run("audit", "--store", Testdata.corp, "--at", AuditedCommand.now)
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(
            lines.first == """
                high C-template-value DEVICES ACRWB3CUXCMEIMQXKLCR2W4PXX5AGX3FVEZTQ62KH7AT2F3MVVQCNJAG at \
                users[cam.2].signing_keys[1].template.pub.allow[1] (accounts/DEVICES/users/cam.2.jwt): the value of \
                `name()` is not one literal subject token
                """)
        #expect(lines.dropFirst().first == "  rename the user, account or tag, and look at what it subscribed to")
        #expect(
            lines.last == "findings: 3 high, 8 medium, 26 low; in 9 accounts, 17 imports, 35 users")
        #expect(run.errors == "")
    }

    @Test("What cannot be audited is told by its exit code")
    func faults() throws {
        let folder = TemporaryFolder()
        try folder.write("", to: "empty")
        func status(_ arguments: String...) throws -> Int32 { try AuditedCommand(arguments).run.status }
        #expect(try status("--store", folder.path("none")) == 66)
        #expect(try status("--pack", folder.path("none"), "--operator", Testdata.corpOperator) == 66)
        #expect(try status("--pack", folder.path("empty")) == 65, "there is no operator")
        #expect(
            try status("--pack", folder.path("empty"), "--operator", Testdata.corpOperator) == 1, "it never expires")
        #expect(try status("--store", Testdata.nsc("resolver-dir")) == 65, "there is no operator")
        #expect(try status("--store", Testdata.corp, "--pack", folder.path("empty")) == 64)
        #expect(try status("--store", Testdata.corp, "--fail-on", "bad") == 64)
        #expect(try status("--pack", "-", "--before", "-") == 64)
        #expect(try status("--store", Testdata.corp, "--format", "sarif") == 64)
        for url in ["ftp://x", "http://", "http://a:b@x/", "https://x/?a=b", "x", "https://x y"] {
            #expect(try status("--url", url, "--operator", Testdata.corpOperator) == 64, "\(url)")
        }
    }

    @Test("A file that cannot be read is a finding, and the rest is audited")
    func unreadable() throws {
        let folder = TemporaryFolder()
        try folder.copy(Testdata.strict, to: "STRICT")
        try folder.write("no token", to: "STRICT/accounts/READER/users/odd.jwt")
        try FileManager.default.removeItem(atPath: folder.path("STRICT/accounts/VAULT/VAULT.jwt"))
        let audit = try AuditedCommand("--store", folder.path("STRICT"))
        let found = audit.found.filter { $0.rule == "A-unreadable" }
        #expect(found.map(\.file) == ["accounts/VAULT"])
        #expect(audit.texts.contains("low READER B-exporter-unknown at imports[0].account"))
        #expect(audit.texts.contains { $0.hasPrefix("high READER T-segments at users[odd]") })
    }
}
