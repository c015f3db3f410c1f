import Audit
import NKeys
import Testing
import Trust

/// What every rule accepts and is weak all the same.
@Suite struct WeaknessTests {
    let world = AuditWorld()

    /// The findings on one account with these members and users.
    private func found(
        _ nats: String = "", claims: [String: String] = [:], name: String = "E", users: [String: String]? = [:]
    ) throws -> [AuditFinding] {
        let members = [nats].filter { !$0.isEmpty }
        let token = try AuditWorld.mint(
            "account", by: world.operatorSigner, for: world.exporter.publicKey,
            claims: claims.merging(["name": "\"\(name)\""]) { left, _ in left },
            nats: ([AuditWorld.noLimits] + members).joined(separator: ","))
        return try world.audit([world.entry(token, users: users)])
    }

    private func exports(_ exports: String...) -> String { "\"exports\":[\(exports.joined(separator: ","))]" }
    private func export(_ subject: String, _ kind: String = "stream", isPrivate: Bool = false) -> String {
        "{\"subject\":\"\(subject)\",\"type\":\"\(kind)\",\"token_req\":\(isPrivate)}"
    }

    @Test func `exports that overlap in part are found`() throws {
        let overlap = try found(exports(export("a.*.x"), export("a.b.*")))
        #expect(overlap.texts == ["A-export-overlap at exports[1].subject"])
        #expect(overlap.first?.message == "`a.b.*` overlaps `a.*.x` of `exports[0]`")
        #expect(try found(exports(export("a.*.x"), export("a.b.*", "service"))).texts == [])
        #expect(try found(exports(export("a.*.x"), export("a.b.y"))).texts == [])
        // A wildcard in the first place meets what came before and what comes after it.
        #expect(try found(exports(export("a.x"), export("*.x.b"), export("a.*.b"))).codes == ["A-export-overlap"])
        #expect(try found(exports(export("*.b"), export("a.*"))).codes == ["A-export-overlap"])
    }

    @Test func `a public export that covers a private one is found`() throws {
        let part = try found(exports(export("a.*.x", isPrivate: true), export("a.b.*")))
        #expect(part.texts == ["A-public-covers-private at exports[1].subject"])
        #expect(part.first?.message == "the public `a.b.*` covers a part of the private `a.*.x` of `exports[0]`")
        let whole = try found(exports(export("a.>"), export("a.b", isPrivate: true)))
        #expect(whole.texts == ["A-public-covers-private at exports[0].subject", "T-content at exports[1].subject"])
        let position = try found(
            exports(export("*.a"), #"{"subject":"b.*","type":"stream","account_token_position":2}"#))
        #expect(position.codes == ["A-public-covers-private"])
        #expect(
            try found(exports(export("a.*.x", isPrivate: true), export("a.b.*", isPrivate: true))).codes
                == ["A-export-overlap"])
        #expect(try found(exports(export("a.>"), export("a.b", "service", isPrivate: true))).texts == [])
    }

    @Test func `more exports than are compared are said to be so`() throws {
        let many = (0..<2_100).map { export("x.\($0).*.a.\($0)") }
        #expect(try found("\"exports\":[\(many.joined(separator: ","))]").texts == ["A-not-compared at exports"])
        let few = (0..<500).map { export("x.\($0).*.a.\($0)") }
        #expect(try found("\"exports\":[\(few.joined(separator: ","))]").texts == [])
        let apart = (0..<2_100).map { export("x\($0).*.a") }
        #expect(try found("\"exports\":[\(apart.joined(separator: ","))]").texts == [])
    }

    @Test func `inboxes that others read are found among several users`() throws {
        let all = try world.user(of: world.exporter, permissions: "")
        let own = try world.user(of: world.exporter)
        func inboxes(_ second: String) throws -> [String] {
            try found(users: ["one": own, "two": second]).texts
        }
        let shared = ["A-shared-inbox at users"]
        #expect(try inboxes(all) == shared)
        #expect(try found(users: ["one": all]).texts == [], "a user alone reads its own inbox")
        for allow in [#"["_INBOX.>"]"#, #"["_INBOX.*"]"#, #"["_INBOX.*.*"]"#, #"[">"]"#, #"["_INBOX.> q"]"#] {
            #expect(
                try inboxes(world.user(of: world.exporter, permissions: "\"sub\":{\"allow\":\(allow)}")) == shared,
                "\(allow)")
        }
        for lists in [
            #""allow":["_INBOX.one.>"]"#, #""allow":["_INBOX_two.>"]"#, #""allow":[">"],"deny":["_INBOX.>"]"#,
            #""deny":["_INBOX.>"]"#,
        ] { #expect(try inboxes(world.user(of: world.exporter, permissions: "\"sub\":{\(lists)}")) == [], "\(lists)") }
        let queue = #""allow":[">"],"deny":["_INBOX.> q"]"#
        #expect(
            try inboxes(world.user(of: world.exporter, permissions: "\"sub\":{\(queue)}")) == shared,
            "a queue's deny is not all")
    }

    @Test func `inboxes that the account's defaults open are found`() throws {
        let users = [
            "one": try world.user(of: world.exporter, permissions: ""), "two": try world.user(of: world.exporter),
        ]
        let open = try found(#""default_permissions":{"sub":{"allow":["_INBOX.>"]}}"#, users: users)
        #expect(open.texts == ["A-shared-inbox at users"])
        #expect(open.first?.message == "1 of 2 users may subscribe to the inboxes of all: `one`")
        #expect(try found(#""default_permissions":{"sub":{"allow":["mine.>"]}}"#, users: users).texts == [])
    }

    @Test func `bearers in an account that shares are found`() throws {
        let other = AuditWorld.pair(.account)
        let exporter = try world.account(other, name: "X", exports(export("svc", "service"), export("ev")))
        let bearer = try world.user(
            of: world.exporter, limits: #""subs":-1,"data":-1,"payload":-1,"bearer_token":true"#)
        func shared(_ members: String, users: [String: String]?) throws -> [String] {
            let token = try world.account(
                world.exporter, name: "E", "\"imports\":[{\"account\":\"\(other.publicKey)\",\(members)}]")
            return try world.audit([world.entry(exporter), world.entry(token, users: users)]).texts
        }
        let service = #""subject":"svc","type":"service","share":true"#
        #expect(try shared(service, users: ["b": bearer]) == ["A-bearer-share at imports[0].share"])
        #expect(try shared(service, users: ["b": world.user(of: world.exporter)]) == [])
        #expect(try shared(#""subject":"svc","type":"service""#, users: ["b": bearer]) == [])
        let expired = try world.user(
            of: world.exporter, claims: ["exp": "1799999999"],
            limits: #""subs":-1,"data":-1,"payload":-1,"bearer_token":true"#)
        #expect(try shared(service, users: ["b": expired]) == ["T-expired at users[b].exp"])
    }

    @Test func `a role of bearers is found where users are not known`() throws {
        let (other, role) = (AuditWorld.pair(.account), AuditWorld.pair(.account))
        func shared(bearer: Bool, users: [String: String]?) throws -> [String] {
            let token = try world.account(
                world.exporter, name: "E",
                "\"imports\":[{\"account\":\"\(other.publicKey)\",\"subject\":\"svc\",\"type\":\"service\",\"share\":true}]",
                """
                "signing_keys":[{"kind":"user_scope","key":"\(role.publicKey)","role":"r","template":\
                {"subs":-1,"data":-1,"payload":-1,"bearer_token":\(bearer)}}]
                """)
            let exporter = try world.account(other, name: "X", exports(export("svc", "service")))
            return try world.audit([world.entry(exporter), world.entry(token, users: users)]).texts
        }
        #expect(try shared(bearer: true, users: nil) == ["A-bearer-share at imports[0].share"])
        #expect(try shared(bearer: false, users: nil) == [])
        #expect(try shared(bearer: true, users: [:]) == [], "there is no such user")
    }

    @Test func `an audience that means many verifiers is found`() throws {
        func found(_ audience: String?) throws -> [String] {
            let claims = audience.map { ["aud": "\"\($0)\""] } ?? [:]
            let users = [
                "a": try world.user(of: world.exporter, claims: claims), "b": try world.user(of: world.exporter),
            ]
            return try self.found(users: users).texts.filter { $0.hasPrefix("A-") }
        }
        for broad in ["*", "orders.*", "orders.>", "any", "Everyone", ".example.com", "https://", "a,b", "a b"] {
            #expect(try found(broad) == ["A-broad-audience at users"], "\(broad)")
        }
        #expect(try found(AuditWorld.pair(.operator).publicKey.text) == ["A-broad-audience at users"])
        for one in [nil, "orders", "https://orders.example.com/", "urn:orders", "nats-prod", "company"] {
            #expect(try found(one) == [], "\(one ?? "none")")
        }
        let users = ["a": try world.user(of: world.exporter, claims: ["aud": "\"any\""])]
        let message = "the audiences of 1 of 1 user name no single verifier: `a`"
        #expect(try self.found(users: users).map(\.message).contains(message))
    }

    @Test func `tokens that never expire are counted`() throws {
        let lasting = try world.user(of: world.exporter, claims: ["exp": ""])
        let users = ["a": lasting, "b": try world.user(of: world.exporter)]
        #expect(try found(users: users).map(\.message) == ["the tokens of 1 of 2 users never expire: `a`"])
        #expect(try found(claims: ["exp": ""]).texts == ["A-no-expiry at exp"])
        let activation = try world.activation(claims: ["exp": ""])
        let imports = try world.audit(world.exporterToken(), world.importing(activation))
        #expect(imports.map(\.message) == ["1 of 1 activation never expires: `orders.>`"])
        #expect(imports.allSatisfy { $0.severity == .low })
    }

    @Test func `an operator without an expiry is found, and what stands against it`() throws {
        let chain = ChainVerifier(anchors: TrustAnchors([]), verifier: TokenVerifier())
        let auditor = Auditor(chain: chain, at: AuditWorld.now)
        func found(_ claims: [String: String]) throws -> [String] {
            let token = try world.operatorToken(claims: claims)
            return auditor.findings(ofOperator: Array(token.utf8), name: "OP", in: Origin(file: "OP.jwt")).texts
        }
        #expect(try found([:]) == [])
        #expect(try found(["exp": ""]) == ["A-no-expiry at exp"])
        #expect(try found(["exp": "1799999999"]) == ["T-expired at exp"])
    }

    @Test func `a name or tag that widens a role is found`() throws {
        let role = AuditWorld.pair(.account)
        func found(_ template: String, claims: [String: String], users: [String: String] = [:], tags: String = "[]")
            throws -> [String]
        {
            let keys = """
                "tags":\(tags),"signing_keys":[{"kind":"user_scope","key":"\(role.publicKey)","role":"r","template":\
                {"subs":-1,"data":-1,"payload":-1,"sub":{"allow":["\(template)"]}}}]
                """
            return try self.found(keys, claims: claims, users: users).texts
        }
        func user(_ claims: [String: String], _ nats: String = "") throws -> String {
            try world.user(of: world.exporter, by: role, claims: claims, limits: "", permissions: nats)
        }
        let place = "signing_keys[0].template.sub.allow[0]"
        #expect(
            try found("u.{{name()}}", claims: [:], users: ["x": user(["name": "\"*\""])])
                == ["C-template-value at users[x].\(place)"])
        #expect(try found("u.{{name()}}", claims: [:], users: ["x": user(["name": "\"x\""])]) == [])
        #expect(
            try found("u.{{tag(t)}}", claims: [:], users: ["x": user([:], #""tags":["t:>"]"#)])
                == ["C-template-value at users[x].\(place)"])
        // The account's own name and tags show without a user.
        #expect(try found("u.{{account-name()}}", claims: ["name": "\"a.>\""]) == ["C-template-value at \(place)"])
        #expect(try found("u.{{account-name()}}", claims: ["name": "\"a\""]) == [])
        #expect(
            try found("u.{{account-tag(t)}}", claims: [:], tags: #"["t:*"]"#) == ["C-template-value at \(place)"])
        #expect(try found("u.{{account-tag(t)}}", claims: [:], tags: #"["t:x"]"#) == [])
    }

    @Test func `forged users and users of other accounts are critical`() throws {
        let foreign = try world.user(of: world.importer)
        let found = try self.found(users: ["u": foreign])
        #expect(found.texts == ["C-user-signer at users[u].iss"])
        #expect(found.first?.severity == .critical)
        #expect(found.first?.origin == Origin(file: "users/u.jwt"))
    }

    @Test func `a user of a refused account is told its own faults, and not its account's`() throws {
        let token = try world.account(world.exporter, by: AuditWorld.pair(.operator), name: "E")
        let users = ["u": try world.user(of: world.exporter, claims: ["exp": "1799999999"])]
        let found = try world.audit([world.entry(token, users: users)])
        #expect(found.texts == ["C-account-signer at iss", "T-expired at users[u].exp"])
    }

    @Test func `what a source could not read is a finding`() throws {
        var entry = try world.entry(world.account(world.exporter, name: "E"))
        #expect(try world.audit([entry]).texts == [])
        entry.faults = [AuditFault(.unreadable, in: Origin(file: "x"), "cannot be read", hint: "try")]
        let found = try world.audit([entry])
        #expect(found.texts == ["A-unreadable"])
        #expect(found.first?.hint == "try")
        #expect(found.first?.subject.key == world.exporter.publicKey)
        entry.token = nil
        #expect(try world.audit([entry]).texts == ["A-unreadable"])
    }

    @Test func `a token under another's key is found, and the account that stands there counts`() throws {
        var entry = try world.entry(world.account(world.exporter, name: "E"))
        entry.filedUnder = world.importer.publicKey
        #expect(try world.audit([entry]).texts == ["C-account-mismatch at sub"])
        entry.filedUnder = world.exporter.publicKey
        #expect(try world.audit([entry]).texts == [])
    }

    @Test func `what a policy relaxes is told as the least`() throws {
        var compatible = world
        compatible.policy = .compatible
        let wide = try world.importing(world.activation(), subject: "orders.eu")
        let found = try compatible.audit(world.exporterToken(), wide)
        #expect(found.texts == ["B-subject at imports[0].token"])
        #expect(found.first?.severity == .low)
        #expect(try world.audit(world.exporterToken(), wide).first?.severity == .high)
    }
}
