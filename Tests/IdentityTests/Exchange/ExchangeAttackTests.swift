import NKeys
import Testing
import Trust

@testable import Identity

/// Attacks by name; each is refused by its own code, and its twin without the attack is not.
@Suite struct ExchangeAttackTests {
    let now = ExchangeWorld.now

    @Test func `a foreign token for another audience is refused`() async throws {
        let world = try await ExchangeWorld()
        let came = await world.ask(try world.form(for: world.foreignToken(["aud": #""others""#])))
        #expect(came.codes == ["F-audience"] && came.error == "invalid_request")
        #expect(await world.ask(try world.form(for: world.foreignToken())).claims != nil)
    }

    @Test func `a user token that somebody else presents is refused`() async throws {
        let world = try await ExchangeWorld()
        let token = try world.userToken()
        let came = await world.ask(try world.form(for: token, provedBy: KeyPair.generate(.user)))
        #expect(came.codes == ["X-proof"] && came.error == "invalid_request")
        #expect(await world.ask(try world.form(for: token)).claims != nil)
    }

    @Test func `a stolen token without the key is refused, whatever proof comes with it`() async throws {
        let world = try await ExchangeWorld()
        let token = try world.userToken()
        let other = try world.userToken { $0.common.name = "other" }
        let thief = try KeyPair.generate(.user)
        let proofs: [(String, String?)] = [
            ("none", nil), ("by another key", try world.proof(for: token, by: thief)),
            ("for another token", try world.proof(for: other)),
            ("for another audience", try world.proof(for: token, audience: "billing")),
            ("for another service", try world.proof(for: token, service: "https://evil.example.com")),
            ("old", try world.proof(for: token, at: now.advanced(by: -60))),
            ("of the future", try world.proof(for: token, at: now.advanced(by: 61))),
            ("from before the service began", try world.proof(for: token, at: now.advanced(by: -700))),
            ("a user token", token), ("no token", "x"),
        ]
        for (name, proof) in proofs {
            var form = try world.form(for: token)
            form["credence_proof"] = proof
            let came = await world.ask(form)
            #expect(came.codes.first == "X-proof" && came.error == "invalid_request", "\(name): \(came.codes)")
        }
        #expect(await world.ask(try world.form(for: token)).claims != nil)
    }

    @Test func `a proof is taken once`() async throws {
        let world = try await ExchangeWorld()
        let form = try world.form(for: world.userToken())
        #expect(await world.ask(form).claims != nil)
        #expect(await world.ask(form).codes == ["X-proof"])
        // Also where nothing was issued for it.
        var wide = try world.form(for: world.userToken(), scope: "pub:>")
        #expect(await world.ask(wide).codes == ["X-scope"])
        wide["scope"] = "pub:orders.a"
        #expect(await world.ask(wide).codes == ["X-proof"])
        // A proof that could not serve anybody is not remembered: nobody fills the memory with them.
        let count = world.proofs.count
        _ = await world.ask(try world.form(for: world.userToken(), provedBy: KeyPair.generate(.user)))
        #expect(world.proofs.count == count)
    }

    @Test func `more than the subject may is refused, and what is too much is named`() async throws {
        let world = try await ExchangeWorld()
        let token = try world.foreignToken()
        for (scope, subject) in [
            ("pub:>", "x"), ("pub:orders.>", "orders.secret"), ("sub:orders.>", "orders.x.secret"),
            ("sub:work.a", "work.a"), ("sub:work.a@gang", "work.a"), ("pub:billing.a", "billing.a"),
        ] {
            let came = await world.ask(try world.form(for: token, scope: scope))
            #expect(came.codes == ["X-scope"] && came.error == "invalid_scope", "\(scope)")
            #expect(came.messages.first?.contains("`\(subject)`") == true, "\(scope): \(came.messages)")
        }
        for scope in ["pub:orders.a", "pub:orders.> !pub:orders.secret", "sub:work.a@crew", "sub:orders.a"] {
            #expect(await world.ask(try world.form(for: token, scope: scope)).claims != nil, "\(scope)")
        }
    }

    @Test func `an audience that is unknown, broad, missing, doubled or not for this subject is refused`() async throws
    {
        let world = try await ExchangeWorld()
        let token = try world.userToken()
        for audience in ["nowhere", "*", "orders.*", ">", "orders,billing", "orders billing", "Orders", ""] {
            let came = await world.ask(try world.form(for: token, audience: audience))
            #expect(came.codes.contains("X-audience"), "\(audience): \(came.codes)")
        }
        let unknown = await world.ask(try world.form(for: token, audience: "nowhere"))
        #expect(unknown.codes == ["X-audience"] && unknown.error == "invalid_target")
        let both = await world.ask(try world.form(for: token, ["resource": "orders"]))
        #expect(both.codes == ["X-audience"])
        #expect(await world.ask(try world.form(for: token, audience: "elsewhere")).codes == ["X-audience"])
        // The role that takes `groups` of others admits `billing` alone.
        let outsider = try world.foreignToken(["groups": #"["stock"]"#])
        #expect(await world.ask(try world.form(for: outsider)).codes == ["X-audience"])
        #expect(await world.ask(try world.form(for: outsider, audience: "billing")).claims != nil)
        var form = try world.form(for: token)
        form["resource"] = form["audience"]
        form["audience"] = nil
        #expect(await world.ask(form).claims != nil)
    }

    @Test func `an ID token, and a token said to be of another type, are refused`() async throws {
        var world = try await ExchangeWorld()
        let token = try world.foreignToken()
        let asID = await world.ask(try world.form(for: token, type: "id_token"))
        #expect(asID.codes == ["X-token-type"])
        let id = try world.foreign.mint.token(
            world.foreign.curve, header: ["typ": #""JWT""#], claims: ["nonce": #""n""#])
        #expect(await world.ask(try world.form(for: id, type: "id_token")).codes == ["F-type"])
        #expect(await world.ask(try world.form(for: id, type: "access_token")).codes == ["F-type"])
        let own = try world.userToken()
        #expect(await world.ask(try world.form(for: own, type: "access_token")).claims == nil)
        #expect(await world.ask(try world.form(for: token, type: "saml2")).codes == ["X-token-type"])
        #expect(await world.ask(try world.form(for: token, type: "access_token")).claims != nil)
        world.configuration.issuers[0].kind = .id
        #expect(await world.ask(try world.form(for: id, type: "id_token")).claims != nil)
        #expect(await world.ask(try world.form(for: id, type: "access_token")).codes == ["X-token-type"])
    }

    @Test func `a bearer, an expired, a forged, a foreign operator's and an unknown account's user are refused`()
        async throws
    {
        let world = try await ExchangeWorld()
        let bearer = try world.userToken { $0.limits.bearer = true }
        #expect(await world.ask(try world.form(for: bearer)).codes == ["X-subject"])
        let old = try world.userToken(at: now.advanced(by: -100)) { $0.common.expires = now }
        #expect(await world.ask(try world.form(for: old)).codes == ["T-expired"])
        let early = try world.userToken { $0.common.notBefore = now.advanced(by: 5) }
        #expect(await world.ask(try world.form(for: early)).codes == ["T-not-before"])
        let good = try world.userToken()
        let forged = String(good.dropLast(8)) + "AAAAAAAA"
        #expect(await world.ask(try world.form(for: forged)).codes.contains { $0.hasPrefix("T-") })
        let stranger = try await ExchangeWorld()
        let others = try stranger.userToken(of: world.caller.publicKey)
        // Accounts are known by their keys: another operator's account is none of ours.
        let came = await world.ask(try world.form(for: others))
        #expect(came.codes == ["C-account-mismatch"])
        let scoped = try world.userToken { $0.common.audience = "another.service" }
        #expect(await world.ask(try world.form(for: scoped)).codes == ["C-user-audience"])
        let meant = try world.userToken { $0.common.audience = ExchangeWorld.service }
        #expect(await world.ask(try world.form(for: meant)).claims != nil)
    }

    @Test func `claims with wildcards cannot widen a template`() async throws {
        var world = try await ExchangeWorld()
        var role = try world.scopedRole()
        role.tags = [try ClaimTemplate("team:{{team}}")]
        world.configuration.roles = RoleTable([role])
        for team in ["*", ">", "red.>", "red blue", "a.b"] {
            let token = try world.foreignToken(["team": #""\#(team)""#])
            let came = await world.ask(try world.form(for: token, audience: "billing"))
            #expect(came.claims == nil && !came.codes.isEmpty, "\(team)")
        }
        let good = await world.ask(
            try world.form(for: world.foreignToken(["team": #""red""#]), audience: "billing"))
        #expect(good.user?.scope == "pub:orders.red.> sub:>", "\(good.codes) \(good.messages)")
    }

    @Test func `a foreign token that is bound to a key serves that key alone`() async throws {
        let world = try await ExchangeWorld()
        let thumbprint = KeyConfirmation.thumbprint(of: world.caller.publicKey)
        let bound = try world.foreignToken(["cnf": #"{"jkt":"\#(thumbprint)"}"#])
        #expect(await world.ask(try world.form(for: bound)).claims != nil)
        #expect(await world.ask(try world.form(for: bound, provedBy: KeyPair.generate(.user))).codes == ["X-proof"])
        let certificate = try world.foreignToken(["cnf": #"{"x5t#S256":"abc"}"#])
        #expect(await world.ask(try world.form(for: certificate)).codes == ["X-proof"])
    }

    @Test func `forms that lack something, say too much or ask for other grants are refused`() async throws {
        let world = try await ExchangeWorld()
        let good = try world.form(for: world.userToken())
        for (name, code) in [
            ("grant_type", "X-request"), ("subject_token", "X-request"), ("subject_token_type", "X-request"),
            ("audience", "X-audience"), ("credence_proof", "X-proof"),
        ] {
            var form = good
            form[name] = nil
            #expect(await world.ask(form).codes == [code], "\(name)")
        }
        for (name, value, code, error) in [
            ("grant_type", "password", "X-grant", "unsupported_grant_type"),
            ("grant_type", "client_credentials", "X-grant", "unsupported_grant_type"),
            ("requested_token_type", "urn:ietf:params:oauth:token-type:saml2", "X-token-type", "invalid_request"),
            (
                "requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token", "X-token-type",
                "invalid_request"
            ),
            ("actor_token_type", "urn:ietf:params:oauth:token-type:jwt", "X-request", "invalid_request"),
            ("scope", "openid profile", "X-scope", "invalid_scope"),
        ] {
            var form = good
            form[name] = value
            let came = await world.ask(form)
            #expect(came.codes == [code] && came.error == error, "\(name)=\(value): \(came)")
        }
        var form = good
        form["actor_token"] = "x"
        #expect(await world.ask(form).codes == ["X-request"])
        for text in ["grant_type=a&grant_type=a", "%", "subject_token=\(String(repeating: "a", count: 70_000))"] {
            guard case .refused(let refusal, _) = await world.exchange().exchange(form: Array(text.utf8), at: now)
            else {
                Issue.record("taken")
                continue
            }
            #expect(refusal.failures.map(\.code) == ["X-request"])
        }
        var more = good
        more["unknown"] = "passed over"
        more["requested_token_type"] = "urn:ietf:params:oauth:token-type:jwt"
        #expect(await world.ask(more).claims != nil)
    }

    @Test func `an issuer or an account that is not at hand refuses, and says that it may pass`() async throws {
        var world = try await ExchangeWorld()
        let token = try world.userToken()
        var role = try world.plainRole()
        role.signingKey = try KeyPair.generate(.account).publicKey
        world.configuration.roles = RoleTable([role])
        let came = await world.ask(try world.form(for: world.foreignToken()))
        #expect(came.codes == ["X-unavailable"] && came.error == "temporarily_unavailable")
        // An account whose signing keys are all scoped has none that signs for less.
        let scoped = try await ExchangeWorld { $0.signingKeys.removeFirst() }
        let only = try scoped.userToken(signedBy: scoped.issuing.accountKeys)
        let exchange = TokenExchange(
            scoped.configuration, foreign: ForeignTokenVerifier([]),
            issuer: UserIssuer([TokenSigner(scoped.issuing.scopedKeys)], accounts: scoped.accounts),
            accounts: scoped.accounts, proofs: scoped.proofs)
        guard case .refused(let refusal, _) = await exchange.exchange(try scoped.form(for: only), at: now) else {
            Issue.record("issued")
            return
        }
        #expect(refusal.failures.map(\.code) == ["X-unavailable"])
        #expect(await world.ask(try world.form(for: token)).claims != nil)
    }

    @Test func `no finding holds a token`() async throws {
        let world = try await ExchangeWorld()
        let token = try world.userToken()
        for form in [
            try world.form(for: token, scope: "pub:>"), try world.form(for: token, audience: "nowhere"),
            try world.form(for: token, provedBy: KeyPair.generate(.user)), try world.form(for: token + "x"),
        ] {
            let text = await world.ask(form).messages.joined()
            #expect(!text.isEmpty && !text.contains("eyJ"))
        }
    }
}
