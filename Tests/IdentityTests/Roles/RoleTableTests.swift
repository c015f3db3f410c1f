@testable import Identity
import NKeys
import Testing
import Trust

@Suite struct RoleTableTests {
    private let account: PublicKey
    private let key: PublicKey
    private static let issuer = "https://login.example.com"

    init() throws {
        account = try KeyPair.generate(.account).publicKey
        key = try KeyPair.generate(.account).publicKey
    }

    private func role(_ name: String, _ change: (inout Role) -> Void = { _ in }) -> Role {
        var role = Role(name, issuer: Self.issuer, target: .account(account), signingKey: key)
        change(&role)
        return role
    }

    private func condition(_ path: [String], _ values: Set<String>) -> ClaimCondition {
        ClaimCondition(path: path, oneOf: values)
    }

    @Test func `the first role that takes the token decides`() {
        let table = RoleTable([
            role("admins") { $0.conditions = [condition(["groups"], ["admins"])] }, role("readers"), role("others"),
        ])
        #expect(table.grant(.of(), for: nil).proof?.role.name == "readers")
        #expect(table.grant(.of(claims: ["groups": .texts(["x", "admins"])]), for: nil).proof?.role.name == "admins")
    }

    @Test func `a token of another issuer, or of one spelled otherwise, is taken by no role`() {
        let table = RoleTable([role("readers")])
        for issuer in ["https://login.example.com/", "https://LOGIN.example.com", "", "https://evil.example.com"] {
            #expect(table.grant(.of(issuer), for: nil).failures.map(\.code) == ["X-role"], "\(issuer)")
        }
        // The same text to a reader, and other bytes.
        let composed = RoleTable([
            Role("r", issuer: "https://caf\u{e9}.example", target: .account(account), signingKey: key)
        ])
        #expect(composed.grant(.of("https://cafe\u{301}.example"), for: nil).proof == nil)
        #expect(composed.grant(.of("https://caf\u{e9}.example"), for: nil).proof != nil)
    }

    @Test(arguments: [
        (ForeignClaims.Value.text("orders"), true), (.texts(["a", "orders"]), true), (.texts([]), false),
        (.text("orders "), false), (.text("ORDERS"), false), (.text("orders orders"), false), (.text("order"), false),
        (.texts(["orders x"]), false), (.other, false), (.boolean(true), false), (.integer(1), false),
        (.text(""), false),
    ])
    func `a claim is, or holds, one of the values, text by text`(value: ForeignClaims.Value, isTaken: Bool) {
        let table = RoleTable([role("r") { $0.conditions = [condition(["groups"], ["orders", "other"])] }])
        #expect((table.grant(.of(claims: ["groups": value]), for: nil).proof != nil) == isTaken)
    }

    @Test func `numbers and truth values are compared as they are written`() {
        let table = RoleTable([
            role("r") { $0.conditions = [condition(["email_verified"], ["true"]), condition(["level"], ["-3"])] }
        ])
        #expect(
            table.grant(.of(claims: ["email_verified": .boolean(true), "level": .integer(-3)]), for: nil).proof != nil)
        #expect(
            table.grant(.of(claims: ["email_verified": .boolean(false), "level": .integer(-3)]), for: nil).proof == nil)
        #expect(
            table.grant(.of(claims: ["email_verified": .boolean(true), "level": .integer(3)]), for: nil).proof == nil)
    }

    @Test func `scope, and no other claim, is a list of words`() {
        let table = RoleTable([role("r") { $0.conditions = [condition(["scope"], ["orders:read"])] }])
        #expect(table.grant(.of(claims: ["scope": .text("openid orders:read")]), for: nil).proof != nil)
        #expect(table.grant(.of(claims: ["scope": .text("openid orders:readwrite")]), for: nil).proof == nil)
        #expect(table.grant(.of(claims: ["scope": .text("openid\torders:read")]), for: nil).proof == nil)
        let other = RoleTable([role("r") { $0.conditions = [condition(["groups"], ["orders"])] }])
        #expect(other.grant(.of(claims: ["groups": .text("openid orders")]), for: nil).proof == nil)
    }

    @Test func `every condition has to be met, and an absent claim meets none`() {
        let both = [condition(["groups"], ["orders"]), condition(["azp"], ["app"])]
        let table = RoleTable([role("r") { $0.conditions = both }])
        #expect(table.grant(.of(claims: ["groups": .text("orders"), "azp": .text("app")]), for: nil).proof != nil)
        #expect(table.grant(.of(claims: ["groups": .text("orders")]), for: nil).failures.map(\.code) == ["X-role"])
        #expect(table.grant(.of(claims: ["azp": .text("app")]), for: nil).failures.map(\.code) == ["X-role"])
    }

    @Test func `an audience is admitted by a role that takes the token, or refused as one`() throws {
        let (orders, billing) = (try AudienceName("orders"), try AudienceName("billing"))
        let table = RoleTable([
            role("first") { $0.audiences = [orders] }, role("second") { $0.audiences = [billing, orders] },
            role("admins") {
                $0.audiences = [try? AudienceName("secrets")].compactMap { $0 }.reduce(into: []) { $0.insert($1) }
                $0.conditions = [condition(["groups"], ["admins"])]
            },
        ])
        #expect(table.grant(.of(), for: orders).proof?.role.name == "first")
        #expect(table.grant(.of(), for: billing).proof?.role.name == "second")
        // Another role's audience is not one for whom that role does not take.
        #expect(table.grant(.of(), for: try AudienceName("secrets")).failures.map(\.code) == ["X-audience"])
        #expect(table.grant(.of("https://other"), for: orders).failures.map(\.code) == ["X-role"])
        #expect(RoleTable([role("none")]).grant(.of(), for: orders).failures.map(\.code) == ["X-audience"])
    }

    @Test func `claims become the user's name and tags, and one that does not fit refuses by its name`() throws {
        let tags = [
            try ClaimTemplate("team:{{team}}"), try ClaimTemplate("fixed"), try ClaimTemplate("at:{{a.b}}-{{n}}"),
        ]
        let table = RoleTable([
            role("first") {
                $0.userName = .subject
                $0.tags = tags
            }, role("second"),
        ])
        let good: [String: ForeignClaims.Value] = ["team": .text("blue"), "a.b": .text("x"), "n": .integer(7)]
        let grant = try #require(table.grant(.of(claims: good), for: nil).proof)
        #expect(grant.userName == "alice")
        #expect(grant.tags == ["team:blue", "fixed", "at:x-7"])
        for (claim, value) in [
            ("team", nil), ("team", ForeignClaims.Value.texts(["blue"])), ("team", .boolean(true)), ("team", .other),
            ("team", .text("")), ("team", .text("a\nb")), ("team", .text("a\u{0}b")), ("team", .text("a\u{202e}b")),
            ("team", .text("a\u{2028}b")), ("team", .text(String(repeating: "x", count: 300))), ("n", nil),
        ] {
            var claims = good
            claims[claim] = value
            let verdict = table.grant(.of(claims: claims), for: nil)
            #expect(verdict.failures.map(\.code) == ["X-role"], "\(claim) \(String(describing: value))")
        }
        var without = good
        without["a.b"] = nil
        let failure = try #require(table.grant(.of(claims: without), for: nil).failures.first)
        #expect(failure.message == "role `first`, tags[2]: the claim `a.b` is not in the token")
    }

    @Test func `a claim cannot choose the name of a tag`() throws {
        func tags(_ template: String, _ value: String) throws -> [String]? {
            let tags = [try ClaimTemplate(template)]
            return RoleTable([role("r") { $0.tags = tags }]).grant(.of(claims: ["x": .text(value)]), for: nil).proof?
                .tags
        }
        #expect(try tags("{{x}}", "admin:yes") == nil)
        #expect(try tags("is-{{x}}", "admin:yes") == nil)
        #expect(try tags("{{x}}:{{x}}", "a:b") == nil)
        #expect(try tags("{{x}}", "admin") == ["admin"])
        #expect(try tags("urn:{{x}}", "a:b") == ["urn:a:b"])
    }

    @Test(arguments: [
        "", "{{}}", "{{a", "{a}", "a}}", "{{a}}}", "{{{a}}}", "{{a b}}}}", "{{a..b}}", "{{.a}}", "{{a.}}", "{{a\\b}}",
        "{{a}} {", "a\nb", "{{a\tb}}", String(repeating: "x", count: 257), "{{a.b.c.d.e.f.g.h.i}}",
    ])
    func `what is no template is not read`(text: String) {
        #expect(throws: ClaimTemplate.Fault.self) { try ClaimTemplate(text) }
    }

    @Test func `a dot with a backslash belongs to the name of a claim`() throws {
        #expect(try ClaimPath.names(in: #"https://example\.com/groups"#) == ["https://example.com/groups"])
        #expect(try ClaimPath.names(in: "realm_access.roles") == ["realm_access", "roles"])
        #expect(try ClaimPath.names(in: #"a\\.b"#) == [#"a\"#, "b"])
        for names in [["a.b", "c\\d"], ["a"], ["\\."]] {
            #expect(try ClaimPath.names(in: ClaimPath.text(names)) == names)
        }
    }

    @Test func `a user ends with its role, its source or the longest time, whichever comes first`() throws {
        let now = IssuingWorld.now
        let user = try KeyPair.generate(.user).publicKey
        func expires(role lifetime: Int64, source: Int64, atMost maximum: Int64) -> UnixTime? {
            RoleTable([role("r") { $0.lifetime = lifetime }])
                .grant(.of(expires: now.advanced(by: source)), for: nil).proof?
                .order(for: user, at: now, atMost: maximum).expires
        }
        #expect(expires(role: 600, source: 3600, atMost: 3600) == now.advanced(by: 600))
        #expect(expires(role: 600, source: 30, atMost: 3600) == now.advanced(by: 30))
        #expect(expires(role: 600, source: 3600, atMost: 60) == now.advanced(by: 60))
        #expect(expires(role: .max, source: 3600, atMost: .max) == now.advanced(by: 3600))
        #expect(expires(role: -5, source: 3600, atMost: 60) == now)
    }
}
