import NKeys
import Subjects
import Testing
import Trust

@testable import Identity

/// What is issued, for whom, and for how long.
@Suite struct TokenExchangeTests {
    let now = ExchangeWorld.now

    @Test func `a foreign token becomes a user of its role, bound to the caller's key`() async throws {
        let world = try await ExchangeWorld()
        let came = await world.ask(try world.form(for: world.foreignToken(), type: "access_token"))
        let claims = try #require(came.claims, "\(came.codes) \(came.messages)")
        #expect(claims.common.subject == world.caller.publicKey)
        #expect(claims.common.issuer == world.issuing.plainKeys.publicKey)
        #expect(claims.common.audience == "orders" && claims.common.name == "alice")
        #expect(claims.common.expires == now.advanced(by: 300))
        #expect(came.user?.lifetime == 300)
        #expect(came.user?.party == ExchangeParty(account: world.issuing.accountKeys.publicKey.text, role: "reader"))
        #expect(
            came.user?.scope == "pub:orders.> sub:orders.> sub:work.*@crew !pub:orders.secret !sub:orders.*.secret")
        #expect(claims.permissions == (try world.plainRole()).permissions)
    }

    @Test func `a scoped key signs without a scope, and says what its template gives`() async throws {
        let world = try await ExchangeWorld()
        let came = await world.ask(try world.form(for: world.foreignToken(), audience: "billing"))
        let claims = try #require(came.claims, "\(came.codes) \(came.messages)")
        #expect(claims.common.issuer == world.issuing.scopedKeys.publicKey)
        #expect(claims.permissions.isEmpty && claims.limits.isEmpty && claims.tags == ["team:red"])
        #expect(came.user?.scope == "pub:orders.red.> sub:>")
    }

    @Test func `less than a template is signed by the narrowing key alone, with the template's limits`() async throws {
        var world = try await ExchangeWorld { account in
            account.signingKeys = account.signingKeys.map { key in
                guard case .scoped(var scope) = key else { return key }
                scope.limits.subscriptions = 7
                scope.limits.connectionTypes = ["STANDARD"]
                return .scoped(scope)
            }
        }
        let asked = "pub:orders.red.x"
        let refused = await world.ask(try world.form(for: world.foreignToken(), audience: "billing", scope: asked))
        #expect(refused.codes == ["X-scope"] && refused.error == "invalid_scope")
        var role = try world.scopedRole()
        role.narrowingKey = world.issuing.plainKeys.publicKey
        world.configuration.roles = RoleTable([role])
        let came = await world.ask(try world.form(for: world.foreignToken(), audience: "billing", scope: asked))
        let claims = try #require(came.claims, "\(came.codes) \(came.messages)")
        #expect(claims.common.issuer == world.issuing.plainKeys.publicKey)
        #expect(claims.permissions.publishAllow?.map(\.text) == ["orders.red.x"])
        #expect(claims.permissions.subscribeAllow == [] && claims.permissions.subscribeDeny?.map(\.text) == [">"])
        #expect(claims.limits.subscriptions == 7 && claims.limits.payload == -1)
        #expect(claims.limits.connectionTypes == ["STANDARD"])
        let wide = await world.ask(
            try world.form(for: world.foreignToken(), audience: "billing", scope: "pub:orders.blue.x"))
        #expect(wide.codes == ["X-scope"])
        #expect(wide.messages.first?.contains("`orders.blue.x`") == true)
        // A narrowing key that is scoped itself could not sign for less either.
        role.narrowingKey = world.issuing.scopedKeys.publicKey
        world.configuration.roles = RoleTable([role])
        let scoped = await world.ask(try world.form(for: world.foreignToken(), audience: "billing", scope: asked))
        #expect(scoped.codes == ["X-scope"])
    }

    @Test func `one of our users gets no more than it has, for no longer, of its own account`() async throws {
        let world = try await ExchangeWorld()
        let token = try world.userToken { claims in
            claims.common.expires = now.advanced(by: 400)
            claims.limits.subscriptions = 5
            claims.limits.payload = nil
            claims.limits.sources = [try #require(Network("10.0.0.0/8"))]
            claims.limits.times = [try #require(TimeWindow(start: "08:00:00", end: "18:00:00"))]
            claims.limits.timeZone = "UTC"
            claims.limits.connectionTypes = ["WEBSOCKET"]
            claims.limits.proxyRequired = true
            claims.permissions.responses = ResponseClaims(maximum: 2, timeToLive: 3)
            claims.permissions.subscribeDeny = [PermissionEntry(pattern: try SubjectPattern("orders.x"), queue: .all)]
            claims.tags = ["kept"]
        }
        let came = await world.ask(try world.form(for: token))
        let claims = try #require(came.claims, "\(came.codes) \(came.messages)")
        #expect(claims.common.expires == now.advanced(by: 400) && claims.common.name == "bob")
        #expect(claims.limits.subscriptions == 5 && claims.limits.payload ?? 0 == 0)
        #expect(claims.limits.sources?.count == 1 && claims.limits.times?.count == 1)
        #expect(claims.limits.timeZone == "UTC" && claims.limits.connectionTypes == ["WEBSOCKET"])
        #expect(claims.limits.proxyRequired && !claims.limits.bearer)
        #expect(claims.permissions.responses == ResponseClaims(maximum: 2, timeToLive: 3))
        #expect(claims.permissions.subscribeDeny?.map(\.text) == ["orders.x >"])
        #expect(claims.tags == ["kept"])
        let less = await world.ask(try world.form(for: token, scope: "pub:orders.a sub:orders.* !sub:orders.x@>"))
        #expect(less.claims?.permissions.publishAllow?.map(\.text) == ["orders.a"], "\(less.messages)")
        #expect(less.claims?.permissions.subscribeDeny?.map(\.text) == ["orders.x >"])
        #expect(less.claims?.permissions.responses == ResponseClaims(maximum: 2, timeToLive: 3))
    }

    @Test func `a user of a scoped key and one of the account's defaults keep what was in force`() async throws {
        let world = try await ExchangeWorld { account in
            account.defaultPermissions = (try? ExchangeScope.permissions("pub:common.> sub:common.>")) ?? .init()
        }
        let scoped = try world.userToken(signedBy: world.issuing.scopedKeys, scope: nil) { $0.tags = ["team:blue"] }
        let first = await world.ask(try world.form(for: scoped))
        #expect(first.claims?.permissions.publishAllow?.map(\.text) == ["orders.blue.>"], "\(first.messages)")
        #expect(first.claims?.limits.subscriptions == -1)
        #expect(first.claims?.common.issuer == world.issuing.plainKeys.publicKey)
        let plain = try world.userToken(scope: nil)
        let second = await world.ask(try world.form(for: plain))
        #expect(second.claims?.permissions.publishAllow?.map(\.text) == ["common.>"], "\(second.messages)")
        let refused = await world.ask(try world.form(for: plain, scope: "pub:orders.a"))
        #expect(refused.codes == ["X-scope"])
    }

    @Test func `a time can be asked for, up to the role's and never past the source's end`() async throws {
        let world = try await ExchangeWorld()
        func came(_ token: String, _ seconds: String) async throws -> ExchangeWorld.Came {
            await world.ask(try world.form(for: token, ["credence_lifetime": seconds]))
        }
        let short = try world.foreignToken()
        #expect(try await came(short, "60").claims?.common.expires == now.advanced(by: 60))
        #expect(try await came(short, "300").claims?.common.expires == now.advanced(by: 300))
        #expect(try await came(short, "301").codes == ["X-lifetime"])
        let long = try world.foreignToken(["exp": "\(TokenMint.now + 7200)"])
        #expect(try await came(long, "600").claims?.common.expires == now.advanced(by: 600))
        #expect(try await came(long, "601").codes == ["X-lifetime"])
        let own = try world.userToken()
        #expect(await world.ask(try world.form(for: own)).user?.lifetime == 600)
        #expect(try await came(own, "1800").user?.lifetime == 1800)
        #expect(try await came(own, "1801").codes == ["X-lifetime"])
        let endless = try world.userToken { $0.common.expires = nil }
        #expect(try await came(endless, "3600").user?.lifetime == 3600)
        #expect(try await came(endless, "3601").codes == ["X-lifetime"])
        for text in ["0", "-1", "1.5", "x", "99999999999999999999", "+5", " 5"] {
            #expect(try await came(own, text).codes == ["X-request"], "\(text)")
        }
    }

    @Test func `a change of the account is seen by the next exchange`() async throws {
        let world = try await ExchangeWorld()
        let token = try world.userToken()
        #expect(await world.ask(try world.form(for: token)).claims != nil)
        var claims = world.issuing.accountToken.claims
        claims.revocations.revoke(world.caller.publicKey, at: now)
        let revoked = try TokenSigner(world.issuing.operatorKeys).sign(
            claims, under: world.issuing.operatorToken, at: now)
        world.accounts.token.withLock { $0 = revoked }
        let came = await world.ask(try world.form(for: token))
        #expect(came.codes == ["C-user-revoked"] && came.error == "invalid_request")
        let others = await world.ask(try world.form(for: world.foreignToken()))
        #expect(others.claims == nil, "the key that was revoked gets no user by another way")
    }

    @Test func `who acts for a subject is written down, inside it who acted before`() async throws {
        var world = try await ExchangeWorld()
        let agent = try KeyPair.generate(.user)
        let agentToken = try world.userToken(of: agent.publicKey) { $0.common.name = "agent" }
        let actorFields = [
            "actor_token": agentToken, "actor_token_type": "urn:ietf:params:oauth:token-type:jwt",
        ]
        let mayAct = try #require(UnknownMember(claim: "may_act", object: #"{"sub":"\#(agent.publicKey)"}"#))
        let before = try #require(UnknownMember(claim: "act", object: #"{"sub":"first","iss":"somebody"}"#))
        let subject = try world.userToken { $0.unknown = [mayAct, before] }
        let came = await world.ask(try world.form(for: subject, provedBy: agent, actorFields))
        let claims = try #require(came.claims, "\(came.codes) \(came.messages)")
        #expect(claims.common.subject == agent.publicKey && claims.common.name == "bob")
        let account = world.issuing.accountKeys.publicKey
        let act = #"{"sub":"\#(agent.publicKey)","iss":"\#(account)","act":{"sub":"first","iss":"somebody"}}"#
        #expect(claims.unknown.map(\.value) == [act])
        #expect(claims.unknown.first?.level == .payload && claims.unknown.first?.name == "act")

        // A role's delegate may act for a foreign subject, whose own `act` stays.
        let foreign = try world.foreignToken(["act": #"{"sub":"portal"}"#])
        let refused = await world.ask(try world.form(for: foreign, provedBy: agent, actorFields))
        #expect(refused.codes == ["X-actor"])
        var role = try world.plainRole()
        role.delegates = [agent.publicKey]
        world.configuration.roles = RoleTable([role])
        let delegated = await world.ask(try world.form(for: foreign, provedBy: agent, actorFields))
        #expect(
            delegated.claims?.unknown.map(\.value) == [
                #"{"sub":"\#(agent.publicKey)","iss":"\#(account)","act":{"sub":"portal"}}"#
            ], "\(delegated.messages)")
        // Without an actor the chain stays as it was.
        let alone = await world.ask(try world.form(for: foreign))
        #expect(alone.claims?.unknown.map(\.value) == [#"{"sub":"portal"}"#])
    }

    @Test func `an actor that nothing names, another's token, a bearer and too long a chain are refused`() async throws
    {
        let world = try await ExchangeWorld()
        let agent = try KeyPair.generate(.user)
        func came(_ subject: String, _ actor: String, by key: KeyPair? = nil) async throws -> [String] {
            await world.ask(
                try world.form(
                    for: subject, provedBy: key ?? agent,
                    ["actor_token": actor, "actor_token_type": "urn:ietf:params:oauth:token-type:jwt"])
            ).codes
        }
        func naming(_ object: String) throws -> [UnknownMember] {
            [try #require(UnknownMember(claim: "may_act", object: object))]
        }
        let actor = try world.userToken(of: agent.publicKey)
        let good = try world.userToken { $0.unknown = try naming(#"{"sub":"\#(agent.publicKey)"}"#) }
        #expect(try await came(good, actor) == [])
        #expect(try await came(world.userToken(), actor) == ["X-actor"])
        let elsewhere = try world.userToken {
            $0.unknown = try naming(#"{"sub":"\#(agent.publicKey)","iss":"another"}"#)
        }
        #expect(try await came(elsewhere, actor) == ["X-actor"])
        #expect(try await came(good, actor, by: KeyPair.generate(.user)) == ["X-actor"])
        let bearer = try world.userToken(of: agent.publicKey) { $0.limits.bearer = true }
        #expect(try await came(good, bearer) == ["X-actor"])
        #expect(try await came(good, world.foreignToken()) == ["X-actor"])
        let expired = try world.userToken(of: agent.publicKey, at: now.advanced(by: -100)) {
            $0.common.expires = now.advanced(by: -1)
        }
        #expect(try await came(good, expired) == ["T-expired"])
        func chain(_ depth: Int) -> String {
            depth == 1 ? #"{"sub":"a"}"# : #"{"sub":"a","act":\#(chain(depth - 1))}"#
        }
        for (depth, expected) in [(3, []), (4, ["X-actor"]), (5, ["X-actor"])] {
            let acted = try world.userToken {
                $0.unknown =
                    try naming(#"{"sub":"\#(agent.publicKey)"}"#)
                    + [try #require(UnknownMember(claim: "act", object: chain(depth)))]
            }
            #expect(try await came(acted, actor) == expected, "\(depth)")
        }
    }
}
