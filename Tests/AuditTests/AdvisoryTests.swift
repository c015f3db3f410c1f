import Audit
import NKeys
import Testing
import Trust

/// What the script of CVE-2021-3127 checks, on both versions of tokens.
@Suite struct AdvisoryTests {
    let world = AuditWorld()

    enum Version: CaseIterable { case one, two }

    /// An activation of either version; nothing about it need hold.
    private func activation(
        _ version: Version, by issuer: KeyPair? = nil, for subject: KeyPair? = nil, issuerAccount: KeyPair? = nil,
        subject pattern: String = "orders.a", kind: String = "service", type: String = "activation"
    ) throws -> String {
        let issuer = issuer ?? world.exporter
        let subject = (subject ?? world.importer).publicKey
        let account = issuerAccount.map { "\"issuer_account\":\"\($0.publicKey)\"," } ?? ""
        switch version {
        case .one:
            let claims = issuerAccount.map { ["issuer_account": "\"\($0.publicKey)\""] } ?? [:]
            return try AuditWorld.mintVersionOne(
                type, by: issuer, for: subject, claims: claims, nats: "\"subject\":\"\(pattern)\",\"type\":\"\(kind)\"")
        case .two:
            return try AuditWorld.mint(
                type, by: issuer, for: subject, nats: "\(account)\"subject\":\"\(pattern)\",\"kind\":\"\(kind)\"")
        }
    }

    /// What the advisory's checks find in an account that imports with this token, whoever signed it.
    private func found(
        _ version: Version, _ token: String, subject: String = "orders.a", kind: String = "service",
        filedUnder: KeyPair? = nil
    ) throws -> [String] {
        let item = """
            "imports":[{"subject":"\(version == .one && kind == "service" ? "local.a" : subject)",\
            "account":"\(world.exporter.publicKey)","type":"\(kind)","token":"\(token)"\
            \(version == .one && kind == "service" ? ",\"to\":\"\(subject)\"" : "")}]
            """
        let stranger = AuditWorld.pair(.operator)
        let account =
            version == .one
            ? try AuditWorld.mintVersionOne("account", by: stranger, for: world.importer.publicKey, nats: item)
            : try world.account(world.importer, by: stranger, item)
        var entry = world.entry(account)
        entry.filedUnder = (filedUnder ?? world.importer).publicKey
        return try world.audit([entry], extent: .advisoryOnly).texts
    }

    @Test(arguments: Version.allCases) func `a token that fits is no finding`(_ version: Version) throws {
        #expect(try found(version, activation(version)) == [])
        #expect(try found(version, activation(version, kind: "stream"), kind: "stream") == [])
        let wide = try activation(version, subject: "orders.*")
        #expect(try found(version, wide) == [], "the script compares texts and cries wolf over wildcards")
        let signer = try activation(version, by: world.exporterSigner, issuerAccount: world.exporter)
        #expect(try found(version, signer) == [], "the script does not know signing keys")
    }

    @Test(arguments: Version.allCases) func `each check finds its own fault`(_ version: Version) throws {
        let place = "imports[0].token"
        #expect(
            try found(version, activation(version), filedUnder: world.thief) == ["A-cve-account at sub"])
        #expect(try found(version, activation(version, type: "generic")) == ["A-cve-type at \(place)"])
        #expect(try found(version, activation(version, kind: "stream")) == ["A-cve-kind at \(place)"])
        #expect(try found(version, activation(version, kind: "other")) == ["A-cve-kind at \(place)"])
        #expect(try found(version, activation(version, by: world.thief)) == ["A-cve-exporter at \(place)"])
        #expect(try found(version, activation(version, subject: "other")) == ["A-cve-subject at \(place)"])
        #expect(try found(version, activation(version, for: world.thief)) == ["A-cve-importer at \(place)"])
        let stream = try activation(version, subject: "other", kind: "stream")
        #expect(try found(version, stream, kind: "stream") == ["A-cve-subject at \(place)"], "the script skips streams")
    }

    @Test func `what cannot be read is found, and never followed`() throws {
        #expect(try found(.two, "rubbish") == ["A-cve-type at imports[0].token"])
        #expect(try found(.two, "http://example.com/t") == ["A-cve-type at imports[0].token"])
        for token in ["", "x", "a.b.c", try world.operatorToken()] {
            #expect(try world.audit([world.entry(token)], extent: .advisoryOnly).texts == ["A-cve-content"], "\(token)")
        }
    }

    @Test func `the script's checks come beside all others where both are asked for`() throws {
        let entries = [
            try world.entry(world.exporterToken()),
            try world.entry(world.importing(world.activation(for: world.thief))),
        ]
        #expect(try world.audit(entries, extent: .full).codes == ["B-importer"])
        #expect(try world.audit(entries, extent: .fullAndAdvisory).codes == ["B-importer", "A-cve-importer"])
        #expect(try world.audit(entries, extent: .advisoryOnly).codes == ["A-cve-importer"])
    }
}
