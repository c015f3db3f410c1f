@testable import Identity
import NKeys
import Subjects
import Testing
import Trust

@Suite struct UserIssuerTests {
    private let now = IssuingWorld.now

    @Test func `a user of a plain key has what the order says, and of a scoped key what the role says`() async throws {
        let world = try IssuingWorld()
        var order = try world.order(world.plainKeys.publicKey)
        order.audience = "orders"
        order.permissions.publishAllow = [try PermissionEntry("orders.new", in: .publish)]
        let plain = try #require(await world.issuer.issue(order, at: now).proof)
        #expect(plain.subject == order.key)
        #expect(plain.issuer == world.plainKeys.publicKey)
        #expect(plain.claims.issuerAccount == world.accountKeys.publicKey)
        #expect(plain.claims.common.audience == "orders")
        #expect(plain.claims.common.expires == order.expires)
        #expect(plain.claims.common.issuedAt == now)
        #expect(!plain.claims.limits.bearer)
        #expect(plain.claims.permissions.publishAllow?.map(\.description) == ["orders.new"])

        order = try world.order(world.scopedKeys.publicKey)
        order.tags = ["team:blue"]
        let scoped = try #require(await world.issuer.issue(order, at: now).proof)
        #expect(scoped.claims.permissions.isEmpty && scoped.claims.limits.isEmpty)
        let account = try #require(world.chain.account(world.accountToken.text, at: now).proof)
        #expect(world.chain.user(scoped.text, of: account, at: now).isAccepted)
    }

    @Test(arguments: ["*", ">", "a.b", "a b", ""])
    func `a tag that is no token of a subject is refused by the rule of templates`(value: String) async throws {
        let world = try IssuingWorld()
        var order = try world.order(world.scopedKeys.publicKey)
        order.tags = ["team:\(value)"]
        let codes = await world.issuer.issue(order, at: now).failures.map(\.code)
        #expect(codes.contains("C-template-value"), "\(codes)")
    }

    @Test func `what is not at hand makes no user`() async throws {
        var world = try IssuingWorld()
        let stranger = try KeyPair.generate(.account)
        var order = try world.order(stranger.publicKey)
        #expect(await world.issuer.issue(order, at: now).failures.map(\.code) == ["X-unavailable"])
        order = try world.order(world.plainKeys.publicKey)
        order.target = .account(stranger.publicKey)
        #expect(await world.issuer.issue(order, at: now).failures.map(\.code) == ["X-unavailable"])
        world.hasOperator = false
        order = try world.order(world.plainKeys.publicKey)
        #expect(await world.issuer.issue(order, at: now).failures.map(\.code) == ["X-unavailable"])
    }

    @Test func `every rule for issuing holds, under its own code`() async throws {
        let world = try IssuingWorld()
        let stranger = try KeyPair.generate(.account)
        let issuer = UserIssuer(
            [stranger, world.plainKeys, world.scopedKeys].map { TokenSigner($0) }, accounts: world)
        func codes(_ order: UserOrder) async -> [String] { await issuer.issue(order, at: now).failures.map(\.code) }

        #expect(await codes(try world.order(stranger.publicKey)) == ["C-user-signer"])
        #expect(await codes(try world.order(world.plainKeys.publicKey, expires: now)) == ["T-expired"])
        var order = try world.order(world.scopedKeys.publicKey)
        order.tags = ["team:blue"]
        order.permissions.publishAllow = [try PermissionEntry(">", in: .publish)]
        #expect(await codes(order) == ["C-user-scope"])
        order = try world.order(world.plainKeys.publicKey)
        order.audience = "two names"
        #expect(await codes(order) == ["X-audience"])
        order.audience = nil
        order.limits.bearer = true
        #expect(await codes(order) == ["C-user-bearer"])
        order.limits.bearer = false
        order.key = stranger.publicKey
        #expect(await codes(order).contains("T-subject"))
    }

    @Test func `a role whose users are bearers gives none`() async throws {
        let keys = try KeyPair.generate(.account)
        let world = try IssuingWorld { claims in
            var scope = UserScope(key: keys.publicKey)
            scope.limits.bearer = true
            claims.signingKeys.append(.scoped(scope))
        }
        let issuer = UserIssuer([TokenSigner(keys)], accounts: world)
        #expect(await issuer.issue(try world.order(keys.publicKey), at: now).failures.map(\.code) == ["C-user-bearer"])
    }

    @Test func `under strict signing keys the account's own key signs nothing`() async throws {
        var world = try IssuingWorld()
        var claims = world.operatorToken.claims
        claims.strictSigningKeys = true
        let key = try KeyPair.generate(.operator)
        claims.signingKeys = [key.publicKey]
        world.operatorToken = try TokenSigner(world.operatorKeys).sign(claims, at: now)
        world.accountToken = try TokenSigner(key).sign(world.accountToken.claims, under: world.operatorToken, at: now)
        let codes = await world.issuer.issue(try world.order(world.accountKeys.publicKey), at: now).failures.map(\.code)
        #expect(codes == ["C-user-signer"])
        #expect(await world.issuer.issue(try world.order(world.plainKeys.publicKey), at: now).proof != nil)
    }

    @Test func `a revoked user, and one of an account that is not under the operator, are not issued`() async throws {
        let revoked = try KeyPair.generate(.user).publicKey
        let now = now
        var world = try IssuingWorld { $0.revocations.revoke(revoked, at: now) }
        var order = try world.order(world.plainKeys.publicKey)
        order.key = revoked
        #expect(await world.issuer.issue(order, at: now).failures.map(\.code) == ["C-user-revoked"])
        order.key = try KeyPair.generate(.user).publicKey
        #expect(await world.issuer.issue(order, at: now).proof != nil)
        let stranger = try KeyPair.generate(.operator)
        world.operatorToken = try TokenSigner(stranger).sign(
            OperatorClaims(subject: stranger.publicKey, name: "OTHER"), at: now)
        #expect(await world.issuer.issue(order, at: now).failures.map(\.code).contains("C-account-signer"))
    }

    @Test func `an account that was judged before is judged again when its token is another, or too old`() async throws
    {
        let accounts = ChangingAccounts(try IssuingWorld { $0.common.expires = IssuingWorld.now.advanced(by: 100) })
        let world = accounts.world
        let issuer = UserIssuer([TokenSigner(world.plainKeys)], accounts: accounts)
        let order = try world.order(world.plainKeys.publicKey)
        #expect(await issuer.issue(order, at: now).proof != nil)
        #expect(await issuer.issue(order, at: now.advanced(by: 100)).failures.map(\.code).contains("T-expired"))
        // The same account, by somebody who is not its operator: only a new judgement shows that.
        let forged = try TokenSigner(try KeyPair.generate(.operator)).sign(world.accountToken.claims, at: now)
        accounts.token.withLock { $0 = forged }
        #expect(await issuer.issue(order, at: now).failures.map(\.code) == ["C-account-signer"])
        var claims = world.accountToken.claims
        claims.signingKeys = []
        let later = try TokenSigner(world.operatorKeys).sign(
            claims, under: world.operatorToken, at: now.advanced(by: 1))
        accounts.token.withLock { $0 = later }
        #expect(await issuer.issue(order, at: now.advanced(by: 1)).failures.map(\.code) == ["C-user-signer"])
    }

    @Test func `a server without operator is told the account by the audience`() async throws {
        let world = try IssuingWorld()
        var order = try world.order(world.accountKeys.publicKey)
        order.target = .named("APP")
        order.permissions.subscribeAllow = [try PermissionEntry("orders.>", in: .subscribe)]
        let token = try #require(await world.issuer.issue(order, at: now).proof)
        #expect(token.claims.common.audience == "APP")
        #expect(token.issuer == world.accountKeys.publicKey)
        #expect(token.claims.issuerAccount == nil)
        order.audience = "orders"
        #expect(await world.issuer.issue(order, at: now).failures.map(\.code) == ["X-audience"])
        order.audience = nil
        order.target = .named("*")
        #expect(await world.issuer.issue(order, at: now).failures.map(\.code) == ["C-user-audience"])
    }
}
