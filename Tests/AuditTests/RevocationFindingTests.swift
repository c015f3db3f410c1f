import Audit
import NKeys
import Testing
import Trust

/// Revocations that do not reach whom they are for, and users who were deleted instead.
@Suite struct RevocationFindingTests {
    let world = AuditWorld()
    private static let ahead = ["iat": "1800000030"]

    @Test func `a user dated ahead outlives its revocation`() throws {
        let user = AuditWorld.pair(.user)
        func found(_ claims: [String: String], revoked: String) throws -> [String] {
            let account = try world.account(world.exporter, name: "E", "\"revocations\":{\(revoked)}")
            let token = try world.user(of: world.exporter, user, claims: claims)
            return try world.audit([world.entry(account, users: ["u": token])]).texts
        }
        let own = "\"\(user.publicKey)\":1799999000"
        #expect(try found(Self.ahead, revoked: own) == ["A-revocation-outlived at users[u].iat"])
        #expect(try found(Self.ahead, revoked: "\"*\":1799999000") == ["A-revocation-outlived at users[u].iat"])
        // Beyond the leeway the rules refuse it too.
        #expect(
            try found(["iat": "1800003600"], revoked: own) == [
                "T-issued-at at users[u].iat", "A-revocation-outlived at users[u].iat",
            ])
        #expect(try found([:], revoked: own) == ["C-user-revoked at users[u].sub"])
        #expect(try found(["iat": "1799999500"], revoked: own) == [])
        #expect(try found(Self.ahead, revoked: "\"\(AuditWorld.pair(.user).publicKey)\":1799999000") == [])
    }

    @Test func `an activation dated ahead outlives its revocation`() throws {
        func found(_ claims: [String: String]) throws -> [String] {
            let exporter = try world.exporterToken(revocations: "\"\(world.importer.publicKey)\":1799999000")
            return try world.audit(exporter, world.importing(world.activation(claims: claims))).texts
        }
        #expect(try found(Self.ahead) == ["A-revocation-outlived at imports[0].token.iat"])
        #expect(try found([:]) == ["B-revoked at imports[0].token"])
        #expect(try found(["iat": "1799999500"]) == [])
    }

    @Test func `a user's revocation that a later version lacks is found`() throws {
        let (one, two) = (AuditWorld.pair(.user).publicKey, AuditWorld.pair(.user).publicKey)
        func found(_ before: String, _ now: String) throws -> [String] {
            func entry(_ revocations: String) throws -> AuditEntry {
                try world.entry(world.account(world.exporter, name: "E", "\"revocations\":{\(revocations)}"))
            }
            return try world.audit([entry(now)], since: [entry(before)]).with(.revocationDropped).map(\.message)
        }
        let lost = "the revocation of `\(one)` at 2027-01-15T07:00:00Z was there before and is not there now"
        #expect(try found("\"\(one)\":1799996400,\"\(two)\":5", "\"\(two)\":5") == [lost])
        #expect(try found("\"\(one)\":1799996400", "\"\(one)\":1799996399") == [lost])
        #expect(try found("\"\(one)\":1799996400", "\"\(one)\":1799996400") == [])
        #expect(try found("\"\(one)\":1799996400", "\"*\":1799996400") == [], "everyone's makes up for it")
        #expect(try found("\"*\":1799996400", "\"\(one)\":1799999999").count == 1)
        #expect(try found("", "\"\(one)\":1799996400") == [])
    }

    @Test func `an export's revocation that a later version lacks is found`() throws {
        let key = world.importer.publicKey
        func entry(_ subject: String, _ revocations: String, kind: String = "stream") throws -> AuditEntry {
            try world.entry(
                world.account(
                    world.exporter, name: "E",
                    """
                    "exports":[{"subject":"\(subject)","type":"\(kind)","token_req":true,"revocations":{\(revocations)}}]
                    """))
        }
        let before = try entry("orders.*", "\"\(key)\":7")
        func found(_ now: AuditEntry) throws -> [String] {
            try world.audit([now], since: [before]).with(.revocationDropped).texts
        }
        let lost = ["A-revocation-dropped at exports[0].revocations"]
        #expect(try found(entry("orders.*", "")) == lost)
        #expect(try found(entry("orders.>", "")) == lost, "under another subject that overlaps")
        #expect(try found(entry("orders.*", "\"\(key)\":7")) == [])
        #expect(try found(entry("other.*", "")) == [], "it is no longer exported")
        #expect(try found(entry("orders.*", "", kind: "service")) == [])
    }

    @Test func `a user who is gone from the store and still let in is found`() throws {
        let user = AuditWorld.pair(.user)
        let token = try world.user(of: world.exporter, user)
        let plain = try world.account(world.exporter, name: "E")
        let before = world.entry(plain, users: ["gone": token])
        func found(_ now: AuditEntry) throws -> [String] {
            try world.audit([now], since: [before]).with(.userDeleted).texts
        }
        #expect(try found(world.entry(plain)) == ["A-user-deleted at users[gone]"])
        #expect(try found(world.entry(plain, users: ["renamed": token])) == [])
        let revoked = try world.account(world.exporter, name: "E", "\"revocations\":{\"\(user.publicKey)\":1799990000}")
        #expect(try found(world.entry(revoked)) == [])
        #expect(try found(world.entry(plain, users: nil)) == [], "a pack knows no users")
        let expired = try world.user(of: world.exporter, claims: ["exp": "1799999999"])
        let old = world.entry(plain, users: ["gone": expired])
        #expect(try world.audit([world.entry(plain)], since: [old]).texts == [])
    }

    @Test func `creds without a token in the store are found while they let in`() throws {
        let user = AuditWorld.pair(.user)
        let token = try world.user(of: world.exporter, user)
        func found(_ account: String, users: [String: String]) throws -> [String] {
            var entry = world.entry(account, users: users)
            entry.credentials = [world.stored("left", token)]
            return try world.audit([entry]).texts
        }
        let plain = try world.account(world.exporter, name: "E")
        #expect(try found(plain, users: [:]) == ["A-user-deleted at users[left]"])
        #expect(try found(plain, users: ["left": token]) == [])
        let revoked = try world.account(world.exporter, name: "E", "\"revocations\":{\"\(user.publicKey)\":1799990000}")
        #expect(try found(revoked, users: [:]) == [])
    }

    @Test func `an earlier version that its operator never signed proves nothing`() throws {
        let key = AuditWorld.pair(.user).publicKey
        let good = try world.account(world.exporter, name: "E", "\"revocations\":{\"\(key)\":7}")
        let other = try world.account(world.exporter, name: "E")
        let signature = other.split(separator: ".")[2]
        let forged = good.split(separator: ".").dropLast().joined(separator: ".") + "." + signature
        #expect(try world.audit([world.entry(other)], since: [world.entry(forged)]).texts == [])
        #expect(try world.audit([world.entry(other)], since: [world.entry(good)]).codes == ["A-revocation-dropped"])
    }
}
