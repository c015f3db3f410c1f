import Audit
import NKeys
import Testing
import Trust

/// Imports that are refused, whose tokens they use, and who signed them.
@Suite struct BindingFindingTests {
    let world = AuditWorld()

    @Test func `a store in which everything holds and expires has no findings`() throws {
        let found = try world.audit([
            world.entry(world.exporterToken(), users: ["one": world.user(of: world.exporter)]),
            world.entry(world.importing(world.activation()), users: ["one": world.user(of: world.importer)]),
        ])
        #expect(found.texts == [])
    }

    @Test func `a token that was given to another account is critical`() throws {
        let found = try world.audit(world.exporterToken(), world.importing(world.activation(for: world.thief)))
        #expect(found.texts == ["B-importer at imports[0].token"])
        #expect(found.first?.severity == .critical)
        #expect(found.first?.subject.key == world.importer.publicKey)
        #expect(found.first?.subject.name == "IMPORTER")
    }

    @Test func `an account that is refused itself is told of another's token all the same`() throws {
        let stranger = AuditWorld.pair(.operator)
        let stolen = try world.importing(world.activation(for: world.thief), by: stranger)
        let found = try world.audit(world.exporterToken(), stolen)
        #expect(found.texts == ["C-account-signer at iss", "B-importer at imports[0].token"])
        let own = try world.audit(world.exporterToken(), world.importing(world.activation(), by: stranger))
        #expect(own.texts == ["C-account-signer at iss"])
    }

    @Test func `one token in several hands is found in each hand that it was not given to`() throws {
        let token = try world.activation()
        let found = try world.audit(
            world.exporterToken(), world.importing(token), world.importing(token, world.thief, name: "THIEF"))
        let reuse = found.with(.tokenReuse)
        #expect(reuse.map(\.subject.name) == ["THIEF"])
        #expect(reuse.first?.severity == .critical)
        #expect(reuse.first?.message.contains(world.importer.publicKey.text) == true)
        #expect(reuse.allSatisfy { !$0.message.contains(token.prefix(20)) })
        let others = try world.audit(
            world.exporterToken(), world.importing(token),
            world.importing(world.activation(for: world.thief), world.thief, name: "OTHER"))
        #expect(others.texts == [])
    }

    @Test func `a token of nobody here is found in every hand`() throws {
        let token = try world.activation(for: AuditWorld.pair(.account))
        let found = try world.audit(
            world.exporterToken(), world.importing(token), world.importing(token, world.thief, name: "THIEF"))
        #expect(found.with(.tokenReuse).map(\.subject.name) == ["IMPORTER", "THIEF"])
    }

    @Test func `an account that stands twice does not share its token with itself`() throws {
        let token = try world.activation()
        let older = try world.importing(token, claims: ["iat": "1799980000"])
        let found = try world.audit(world.exporterToken(), world.importing(token), older)
        #expect(found.texts == ["A-account-twice at sub"])
        #expect(found.first?.origin == Origin(file: "accounts/.jwt"))
    }

    @Test func `a scoped key that signs an activation is found`() throws {
        let scoped = AuditWorld.pair(.account)
        let exporter = try world.account(
            world.exporter, name: "EXPORTER", #""exports":[{"subject":"orders.>","type":"stream","token_req":true}]"#,
            """
            "signing_keys":["\(world.exporterSigner.publicKey)",{"kind":"user_scope","key":"\(scoped.publicKey)",\
            "role":"r","template":{"subs":-1,"data":-1,"payload":-1}}]
            """)
        let found = try world.audit(exporter, world.importing(world.activation(by: scoped)))
        #expect(found.texts == ["B-scoped-signer at imports[0].token"])
        let plain = try world.audit(exporter, world.importing(world.activation(by: world.exporterSigner)))
        #expect(plain.texts == [])
    }

    @Test func `a token wider than what is exported is found`() throws {
        let exporter = try world.account(
            world.exporter, name: "EXPORTER", #""exports":[{"subject":"orders.eu.*","type":"stream","token_req":true}]"#
        )
        let wide = try world.importing(world.activation(subject: "orders.*.*"), subject: "orders.eu.*")
        #expect(
            try world.audit(exporter, wide).texts == [
                "B-subject at imports[0].token", "B-export-subject at imports[0].token",
            ])
        let exact = try world.importing(world.activation(subject: "orders.eu.*"), subject: "orders.eu.*")
        #expect(try world.audit(exporter, exact).texts == [])
    }

    @Test func `a signer that the exporter never listed is critical`() throws {
        let forger = AuditWorld.pair(.account)
        let found = try world.audit(world.exporterToken(), world.importing(world.activation(by: forger)))
        #expect(found.texts == ["B-exporter at imports[0].token"])
        #expect(found.first?.severity == .critical)
    }

    @Test func `a forged signature is critical, an expired token is not`() throws {
        let good = try world.activation()
        let other = try world.activation(by: world.thief).split(separator: ".")[2]
        let forged = good.split(separator: ".").dropLast().joined(separator: ".") + "." + other
        let found = try world.audit(world.exporterToken(), world.importing(forged))
        #expect(found.texts == ["T-signature at imports[0].token", "B-token-invalid at imports[0].token"])
        #expect(found.allSatisfy { $0.severity == .critical })
        let expired = try world.activation(claims: ["exp": "1799999999"])
        let late = try world.audit(world.exporterToken(), world.importing(expired))
        #expect(late.texts == ["T-expired at imports[0].token", "B-token-invalid at imports[0].token"])
        #expect(late.allSatisfy { $0.severity == .low })
    }

    @Test func `keys that were withdrawn since are named`() throws {
        let withdrawn = AuditWorld.pair(.account)
        let keys = "\"signing_keys\":[\"\(withdrawn.publicKey)\"]"
        let before = try world.account(
            world.exporter, name: "EXPORTER", keys, #""exports":[{"subject":"orders.>","type":"stream"}]"#)
        let importer = try world.entry(world.importing(world.activation(by: withdrawn)))
        let user = try world.user(of: world.exporter, by: withdrawn)
        let exporter = try world.entry(world.exporterToken(), users: ["old": user])
        let found = try world.audit([exporter, importer], since: [world.entry(before)])
        #expect(
            found.with(.signerRemoved).map { "\($0.subject.name) \($0.place)" } == [
                "EXPORTER users[old].iss", "IMPORTER imports[0].token",
            ])
        #expect(try world.audit([exporter, importer]).with(.signerRemoved).isEmpty)
        let kept = try world.audit([world.entry(before), importer], since: [world.entry(before)])
        #expect(kept.with(.signerRemoved).isEmpty)
    }

    @Test func `accounts signed by a key that the operator withdrew are named`() throws {
        let withdrawn = AuditWorld.pair(.operator)
        let account = try world.entry(world.account(world.exporter, by: withdrawn, name: "E"))
        let before = try world.operatorToken(keys: [withdrawn, world.operatorSigner])
        let found = try world.audit([account], operator: before)
        #expect(found.texts == ["C-account-signer at iss", "A-signer-removed at iss"])
        let trusted = try world.audit([account], operator: before, trusting: before)
        #expect(trusted.texts == [])
    }

    @Test func `identity keys are found where signing keys are demanded`() throws {
        var strict = world
        strict.strict = true
        let account = try strict.account(strict.exporter, by: strict.operator, name: "E")
        #expect(try strict.audit(account).texts == ["C-account-signer at iss"])
        let byIdentity = try strict.user(of: strict.exporter)
        let entry = try strict.entry(strict.exporterToken(), users: ["u": byIdentity])
        #expect(try strict.audit([entry]).texts == ["C-user-signer at users[u].iss"])
        let found = try strict.audit(strict.exporterToken(), strict.importing(strict.activation()))
        #expect(found.texts == ["B-exporter at imports[0].token"])
        let bySigner = try strict.user(of: strict.exporter, by: strict.exporterSigner)
        let good = try strict.audit([
            strict.entry(strict.exporterToken(), users: ["u": bySigner]),
            strict.entry(strict.importing(strict.activation(by: strict.exporterSigner))),
        ])
        #expect(good.texts == [])
    }

    @Test func `a circle of imports is found`() throws {
        func round(_ keys: KeyPair, _ other: KeyPair, _ subject: String, iat: String) throws -> String {
            try world.account(
                keys, name: "R", claims: ["iat": iat], #""exports":[{"subject":"a.>","type":"service"}]"#,
                "\"imports\":[{\"subject\":\"\(subject)\",\"account\":\"\(other.publicKey)\",\"type\":\"service\"}]")
        }
        let first = try round(world.exporter, world.importer, "a.>", iat: "1799990000")
        let second = try round(world.importer, world.exporter, "a.>", iat: "1799990001")
        let found = try world.audit(first, second)
        #expect(found.texts == ["B-cycle at imports[0]"])
        #expect(found.first?.subject.key == world.importer.publicKey)
    }
}
