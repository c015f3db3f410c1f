import NKeys
import Subjects
import Testing
import Trust

@testable import Identity

@Suite struct CalloutJudgeTests {
    private let now = IssuingWorld.now

    @Test func `a client is answered with a user for the key of the request, signed for the server that asked`()
        async throws
    {
        let desk = try await CalloutDesk()
        let answer = await desk.answer(try desk.request())
        let response = try #require(desk.response(answer))
        #expect(response.error.isEmpty && response.issuerAccount == nil)
        #expect(response.common.issuer == desk.account.publicKey)
        let user = try #require(TokenVerifier().verify(response.token, as: UserClaims.self, at: now).proof)
        #expect(user.subject == desk.user)
        #expect(user.claims.issuerAccount == desk.world.accountKeys.publicKey)
        // The token ends before the role's time is over.
        #expect(user.claims.common.expires == now.advanced(by: 300))
        #expect(user.claims.common.name == "alice")
        guard case .granted(let granted) = answer.outcome else {
            Issue.record("\(answer.failures)")
            return
        }
        #expect(granted.role == "reader" && granted.tokenID == user.claims.common.id)
        #expect(answer.question?.client == "a [31mclient")
    }

    @Test func `what was asked sealed is answered sealed, and to no other key`() async throws {
        var desk = try await CalloutDesk()
        desk.settings.sealing = desk.curve
        let sealed = try desk.serverCurve.seal(desk.request(), to: desk.curve.publicKey)
        let answer = await desk.answer(sealed, serverKey: desk.serverCurve.publicKey.text)
        #expect(desk.response(answer) == nil)
        #expect(desk.response(answer, sealed: true)?.token.isEmpty == false)

        for key in [nil, "", "X", desk.curve.publicKey.text, desk.server.publicKey.text] {
            let answer = await desk.answer(sealed, serverKey: key)
            #expect(answer.payload == nil && answer.failures.map(\.code) == ["Q-request"])
        }
        // Sealed by another key than the one that the request names.
        let other = try KeyPair.generate(.curve)
        let stranger = await desk.answer(
            try other.seal(desk.request(), to: desk.curve.publicKey), serverKey: other.publicKey.text)
        #expect(stranger.payload == nil && stranger.failures.map(\.place) == ["request.server_id.xkey"])
        let plain = await desk.answer(try desk.request())
        #expect(plain.payload == nil && plain.failures.map(\.code) == ["Q-request"])
        desk.settings.unsealed = .accepted
        #expect(desk.response(await desk.answer(try desk.request()))?.token.isEmpty == false)
        desk.settings.sealing = nil
        #expect(await desk.answer(sealed, serverKey: desk.serverCurve.publicKey.text).payload == nil)
    }

    @Test func `what is no request of a server is not answered`() async throws {
        var desk = try await CalloutDesk()
        func refused(
            _ place: String, _ change: (inout AuthorizationRequestClaims) throws -> Void
        ) async throws {
            let answer = await desk.answer(try desk.request(change))
            #expect(answer.payload == nil, "\(place)")
            #expect(answer.failures.map(\.place) == [place], "\(answer.failures)")
        }
        try await refused("request.aud") { $0.common.audience = "another" }
        try await refused("request.aud") { $0.common.audience = nil }
        try await refused("request.sub") { $0.common.subject = try KeyPair.generate(.account).publicKey }
        try await refused("request.server_id.id") { $0.server.id = try KeyPair.generate(.server).publicKey.text }
        try await refused("request.client_info.kind") { $0.clientDetails.kind = "Leafnode" }
        try await refused("request.exp") { $0.common.expires = nil }
        let good = try desk.request()
        var changed = good
        changed[changed.count - 20] ^= 1
        for payload in [[], Array("garbage".utf8), Array("xkv1".utf8), changed, Array(good.dropLast())] {
            let answer = await desk.answer(payload)
            #expect(answer.payload == nil && !answer.failures.isEmpty)
        }
        // Signed by another server than it says.
        let (stranger, other) = (try KeyPair.generate(.server), desk)
        #expect(
            await desk.answer(try other.request(signedBy: stranger)).failures.map(\.place) == ["request.server_id.id"])
        desk.settings.knownServers = [stranger.publicKey]
        #expect(await desk.answer(good).failures.map(\.place) == ["request.iss"])
        desk.settings.knownServers = [desk.server.publicKey]
        #expect(desk.response(await desk.answer(good))?.token.isEmpty == false)
    }

    @Test func `a request whose time is over is refused, before and after it was judged`() async throws {
        let desk = try await CalloutDesk()
        let before = await desk.answer(try desk.request(), at: [2])
        #expect(before.payload == nil && before.failures.map(\.code) == ["Q-time"])
        // The clock is asked for the request, the token and the user; then the answer's time has run out.
        let after = await desk.answer(try desk.request(), at: [0, 0, 0, 2])
        #expect(after.failures.map(\.code) == ["Q-time"])
    }

    @Test func `a refusal says nothing to the client, or why where that is switched on`() async throws {
        var desk = try await CalloutDesk()
        let payload = try desk.request(token: desk.foreign.mint.token(desk.foreign.curve, claims: ["aud": #""other""#]))
        var answer = await desk.answer(payload)
        #expect(answer.failures.map(\.code) == ["F-audience"])
        #expect(desk.response(answer)?.error == CalloutJudge.refusalText)
        #expect(desk.response(answer)?.token == "")
        desk.settings.reasons = .told
        answer = await desk.answer(payload)
        #expect(desk.response(answer)?.error.hasPrefix("F-audience ") == true)
    }

    @Test func `a client without a token, or with one of another place, is refused`() async throws {
        let desk = try await CalloutDesk()
        func codes(_ change: (inout CalloutConnectOptions) -> Void) async throws -> [String] {
            await desk.answer(try desk.request { change(&$0.connectOptions) }).failures.map(\.code)
        }
        #expect(try await codes { $0.authToken = "" } == ["Q-credential"])
        // The sentinel's token is no credential.
        #expect(
            try await codes {
                $0.token = $0.authToken
                $0.authToken = ""
            } == ["Q-credential"])
        #expect(
            try await codes {
                $0.password = $0.authToken
                $0.authToken = ""
            } == [])
        // A good password does not stand in for a bad token.
        #expect(
            try await !codes {
                $0.password = $0.authToken
                $0.authToken = "bad"
            }.isEmpty)
    }

    @Test func `what takes too long is refused within the limit`() async throws {
        var desk = try await CalloutDesk()
        let silent = SilentAccounts()
        desk.settings.issuer = UserIssuer([TokenSigner(desk.world.plainKeys)], accounts: silent)
        desk.settings.timeLimit = .milliseconds(20)
        let answer = await desk.answer(try desk.request())
        #expect(answer.failures.map(\.code) == ["Q-time"])
        #expect(desk.response(answer)?.error == CalloutJudge.refusalText)
    }

    @Test func `who is turned away for want of room is told so by the server only`() async throws {
        let desk = try await CalloutDesk()
        let answer = CalloutJudge(desk.settings).refuseBusy(try desk.request(), serverKey: nil, at: now)
        #expect(answer.failures.map(\.code) == ["Q-time"])
        #expect(desk.response(answer)?.error == CalloutJudge.refusalText)
        #expect(CalloutJudge(desk.settings).refuseBusy([], serverKey: nil, at: now).payload == nil)
    }

    @Test func `without operator a user is for the account of that name, and roles of the other kind give none`()
        async throws
    {
        var desk = try await CalloutDesk(withOperator: false)
        let response = try #require(desk.response(await desk.answer(try desk.request())))
        let user = try #require(TokenVerifier().verify(response.token, as: UserClaims.self, at: now).proof)
        #expect(user.claims.common.audience == "APP" && user.issuer == desk.account.publicKey)
        let named = desk.settings.roles
        desk.settings.accounts = desk.world
        #expect(await desk.answer(try desk.request()).failures.map(\.code) == ["X-unavailable"])
        desk = try await CalloutDesk()
        desk.settings.accounts = nil
        #expect(await desk.answer(try desk.request()).failures.map(\.code) == ["X-unavailable"])
        #expect(named.roles.count == 1)
    }

    @Test func `an audience that is configured is what roles have to admit, and what the user is for`() async throws {
        var desk = try await CalloutDesk()
        desk.settings.audience = try AudienceName("orders")
        #expect(await desk.answer(try desk.request()).failures.map(\.code) == ["X-audience"])
        var role = try #require(desk.settings.roles.roles.first)
        role.audiences = [try AudienceName("orders")]
        desk.settings.roles = RoleTable([role])
        let response = try #require(desk.response(await desk.answer(try desk.request())))
        let user = try #require(TokenVerifier().verify(response.token, as: UserClaims.self, at: now).proof)
        #expect(user.claims.common.audience == "orders")
    }

    @Test func `a user of ours whose role depends on its key is not given another one's permissions`() async throws {
        for (subject, codes) in [("orders.{{tag(team)}}.>", [String]()), ("orders.{{subject()}}.>", ["X-unavailable"])]
        {
            var desk = try await CalloutDesk(scopeAllows: subject)
            desk.settings.userTokenNames = [try AudienceName("cluster")]
            let keys = try KeyPair.generate(.user)
            var claims = UserClaims(subject: keys.publicKey, name: "bob")
            claims.tags = ["team:blue"]
            claims.common.audience = "cluster"
            let token = try TokenSigner(desk.world.scopedKeys).sign(
                claims, for: desk.world.accountToken, under: desk.world.operatorToken, at: now)
            let nonce = "abcdefghijk"
            let signature = base64URL(try keys.sign(Array(nonce.utf8)).rawBytes)
            func request(_ nonce: String, _ signature: String) throws -> [UInt8] {
                try desk.request {
                    $0.connectOptions.authToken = ""
                    $0.connectOptions.token = token.text
                    $0.connectOptions.signature = signature
                    $0.clientDetails.nonce = nonce
                }
            }
            #expect(await desk.answer(try request(nonce, signature)).failures.map(\.code) == codes)
            #expect(await desk.answer(try request("another", signature)).failures.map(\.code) == ["C-user-proof"])
            #expect(await desk.answer(try request(nonce, "")).failures.map(\.code) == ["C-user-proof"])
        }
    }

    @Test func `a user of ours is judged as if it connected here, and keeps what it may`() async throws {
        var desk = try await CalloutDesk()
        desk.settings.userTokenNames = [try AudienceName("cluster")]
        let keys = try KeyPair.generate(.user)
        let signature = base64URL(try keys.sign(Array("abcdefghijk".utf8)).rawBytes)
        func answer(_ change: (inout UserClaims) throws -> Void) async throws -> CalloutAnswer {
            var claims = UserClaims(subject: keys.publicKey, name: "bob")
            claims.common.audience = "cluster"
            claims.permissions.publishAllow = [try PermissionEntry("a.>", in: .publish)]
            try change(&claims)
            let token = try TokenSigner(desk.world.plainKeys).sign(
                claims, for: desk.world.accountToken, under: desk.world.operatorToken, at: now)
            return await desk.answer(
                try desk.request {
                    $0.connectOptions.authToken = ""
                    $0.connectOptions.token = token.text
                    $0.connectOptions.signature = signature
                    $0.clientDetails.nonce = "abcdefghijk"
                })
        }
        let response = try #require(desk.response(try await answer { $0.limits.payload = 9 }))
        let user = try #require(TokenVerifier().verify(response.token, as: UserClaims.self, at: now).proof)
        #expect(user.subject == desk.user && user.claims.common.name == "bob" && user.claims.limits.payload == 9)
        #expect(user.claims.permissions.publishAllow?.map(\.description) == ["a.>"])
        #expect(user.claims.common.expires == now.advanced(by: 3600))
        let refusals: [(String, (inout UserClaims) -> Void)] = [
            ("C-user-audience", { $0.common.audience = nil }), ("C-user-audience", { $0.common.audience = "other" }),
            ("C-user-connection", { $0.limits.connectionTypes = ["WEBSOCKET"] }),
            ("C-user-source", { $0.limits.sources = [Network("10.0.0.0/8")].compactMap(\.self) }),
            ("C-user-proxy", { $0.limits.proxyRequired = true }), ("C-user-proof", { $0.limits.bearer = true }),
        ]
        for (code, change) in refusals {
            #expect(try await answer(change).failures.map(\.code) == [code])
        }
    }

    @Test func `a request that is changed at random is judged, and nothing else happens`() async throws {
        let desk = try await CalloutDesk()
        let good = try desk.request()
        var random = AnnouncedRandom.announced("authorization request")
        for _ in 0..<300 {
            var payload = good
            let place = Int.random(in: 0..<payload.count, using: &random)
            payload[place] = UInt8.random(in: 0...255, using: &random)
            let answer = await desk.answer(payload)
            #expect(payload == good ? answer.payload != nil : answer.payload == nil)
        }
    }
}
