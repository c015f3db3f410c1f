import NKeys
import Testing

@testable import Trust

/// Users in their accounts.
@Suite struct UserChainTests {
    let world = ChainWorld()

    @Test func `a user of the identity key, of a signing key and of a scoped key may connect`() throws {
        let byIdentity = try world.login()
        #expect(byIdentity.proof?.scope == nil, "\(byIdentity.codes)")
        let bySigner = try world.login(world.userToken(by: world.accountSigner))
        #expect(bySigner.isAccepted, "\(bySigner.codes)")
        let byScoped = try world.login(world.scopedUserToken())
        #expect(byScoped.proof?.scope?.role == "reader", "\(byScoped.codes)")
        #expect(byScoped.proof?.key == world.user.publicKey)
    }

    @Test func `every fault that can be judged is reported, in the order of the catalogue`() throws {
        let key = world.user.publicKey
        let account = try world.accountToken(
            claims: ["exp": "1799999999"], limits: #""conn":3,"disallow_bearer":true"#,
            #""revocations":{"\#(key)":1799990000}"#)
        let user = try world.userToken(
            by: ChainWorld.pair(.account), claims: ["exp": "1800000000", "aud": "\"elsewhere\""],
            #""src":["10.0.0.0/8"],"times":[{"start":"00:00:00","end":"00:00:01"}],"proxy_required":true,"#
                + #""allowed_connection_types":["MQTT"]"#)
        let connection = try world.connection(signer: world.account, usage: ConnectionContext.Usage(connections: 3))
        let verdict = try world.login(user, account: account, connection: connection)
        #expect(
            verdict.codes == [
                "T-expired at exp", "T-expired at account.exp", "C-account-limit at account.limits.conn",
                "C-user-signer at iss", "C-user-revoked at sub", "C-user-proof at connection.sig",
                "C-user-source at src",
                "C-user-hours at times", "C-user-connection at allowed_connection_types",
                "C-user-proxy at proxy_required", "C-user-audience at aud",
            ])
        #expect(verdict.notJudged.isEmpty)
        let positions = verdict.failures.map(\.rule.position)
        #expect(positions == positions.sorted())
    }

    @Test func `a user at rest is asked nothing that only a connection can show`() throws {
        let account = try #require(try world.chain().account(world.accountToken(), at: world.now).proof)
        let user = try world.userToken(
            #""src":["10.0.0.0/8"],"times":[{"start":"00:00:00","end":"00:00:01"}],"proxy_required":true,"#
                + #""allowed_connection_types":["MQTT"]"#)
        let verdict = try world.chain().user(user, of: account, at: world.now)
        #expect(verdict.isAccepted, "\(verdict.codes)")
    }

    @Test func `a signing key needs issuer_account, and it must be the account`() throws {
        let chain = try world.chain()
        let account = try #require(chain.account(try world.accountToken(), at: world.now).proof)
        func user(by issuer: KeyPair, named: PublicKey?) throws -> Verdict<TrustedUser> {
            let member = named.map { "\"issuer_account\":\"\($0)\"," } ?? ""
            let token = try ChainWorld.mint(
                "user", by: issuer, for: world.user.publicKey, nats: member + ChainWorld.noUserLimits)
            return chain.user(token, of: account, at: world.now)
        }
        let other = ChainWorld.pair(.account)
        #expect(try user(by: world.account, named: nil).isAccepted)
        #expect(try user(by: world.account, named: world.account.publicKey).isAccepted)
        #expect(try user(by: world.account, named: other.publicKey).failures.map(\.detail) == [.issuerAccountMismatch])
        #expect(try user(by: world.accountSigner, named: nil).failures.map(\.detail) == [.issuerAccountMissing])
        #expect(
            try user(by: world.accountSigner, named: other.publicKey).failures.map(\.detail) == [.issuerAccountMismatch]
        )
        #expect(try user(by: other, named: nil).failures.map(\.detail) == [.userSignerUnknown])
        #expect(
            try user(by: other, named: other.publicKey).failures.map(\.detail)
                == [.userSignerUnknown, .issuerAccountMismatch])
    }

    @Test func `under strict signing keys the account's identity key signs no user, not even when it lists itself`()
        throws
    {
        let chain = try world.chain(operators: [world.operatorToken(#""strict_signing_key_usage":true"#)])
        #expect(try world.login(chain: chain).codes == ["C-user-signer at iss"])
        #expect(try world.login(world.userToken(by: world.accountSigner), chain: chain).isAccepted)
        let listed = try ChainWorld.mint(
            "account", by: world.operatorSigner, for: world.account.publicKey,
            nats: "\"limits\":{\(ChainWorld.noLimits)},\"signing_keys\":[\"\(world.account.publicKey)\"]")
        let verdict = try world.login(account: listed, chain: chain)
        #expect(verdict.codes == ["T-content at account.signing_keys[0]", "C-user-signer at iss"])
    }

    @Test func `a user is revoked at and after its iat, by its key or by the star`() throws {
        for (time, isRevoked) in [(1_799_989_999, false), (1_799_990_000, true), (1_799_990_001, true)] {
            for name in [world.user.publicKey.text, "*"] {
                let account = try world.accountToken(#""revocations":{"\#(name)":\#(time)}"#)
                #expect(try world.login(account: account).codes == (isRevoked ? ["C-user-revoked at sub"] : []))
            }
            let other = ChainWorld.pair(.user).publicKey
            #expect(try world.login(account: world.accountToken(#""revocations":{"\#(other)":\#(time)}"#)).isAccepted)
        }
        let undated = try world.login(
            world.userToken(claims: ["iat": ""]), account: world.accountToken(#""revocations":{"*":1}"#))
        #expect(undated.codes == ["T-issued-at at iat", "C-user-revoked at sub"])
    }

    @Test func `a bearer user's signature is not looked at, and an account may allow no bearer`() throws {
        let bearer = try world.userToken(#""bearer_token":true"#)
        var connection = try world.connection(signer: world.account)
        #expect(try world.login(bearer, connection: connection).proof?.isBearer == true)
        connection.signature = nil
        #expect(try world.login(bearer, connection: connection).isAccepted)
        #expect(try world.login(connection: connection).failures.map(\.detail) == [.proofMissing])
        let account = try world.accountToken(limits: #""conn":-1,"disallow_bearer":true"#)
        #expect(try world.login(bearer, account: account).codes == ["C-user-bearer at bearer_token"])
        let role = try world.accountToken(
            limits: #""conn":-1,"disallow_bearer":true"#, template: #""bearer_token":true"#)
        #expect(
            try world.login(world.scopedUserToken(), account: role, connection: connection).codes
                == ["C-user-bearer at signing_keys[1].template.bearer_token"])
    }

    @Test(arguments: [
        #""subs":-1"#, #""payload":1"#, #""src":[]"#, #""times":[]"#, #""bearer_token":true"#,
        #""proxy_required":true"#,
        #""allowed_connection_types":[]"#, #""pub":{"allow":[]}"#, #""sub":{"deny":["a"]}"#, #""resp":{}"#,
        #""times_location":"UTC""#,
    ])
    func `a user of a scoped key carries nothing of its own`(member: String) throws {
        let verdict = try world.login(world.scopedUserToken(member))
        #expect(verdict.failures.map(\.rule) == [.userScope])
        let name = member.split(separator: "\"")[0]
        #expect(verdict.failures.first?.place.path == String(name))
    }

    @Test func `what counts as nothing of its own is an empty section or a zero`() throws {
        #expect(try world.login(world.scopedUserToken(#""pub":{},"sub":{},"subs":0,"tags":["a:b"]"#)).isAccepted)
    }

    @Test func `a role's faults refuse its users and nobody else`() throws {
        let account = try world.accountToken(
            template: #""pub":{"allow":["a..b","u.{{nope()}}"],"deny":["x.{{tag(zz)}}"]},"src":["10.0.0.300/8"]"#)
        let user = try world.login(world.scopedUserToken(), account: account)
        #expect(
            Set(user.codes) == [
                "C-template at signing_keys[1].template.pub.allow[0]", "C-template at signing_keys[1].template.src[0]",
                "C-template at signing_keys[1].template.pub.allow[1]",
                "C-template at signing_keys[1].template.pub.deny[0]",
            ])
        #expect(user.failures.count == 4)
        #expect(try world.login(account: account).isAccepted)
    }

    @Test func `a user names this verifier as its audience, if it names any`() throws {
        func codes(_ audience: String, _ audiences: Set<String>, _ demand: Policy.AudienceDemand) throws -> [Detail] {
            var policy = Policy.strict
            policy.audiences = audiences
            policy.audienceDemand = demand
            let user = try world.userToken(claims: ["aud": audience])
            return try world.login(user, chain: world.chain(policy: policy)).failures.map(\.detail)
        }
        #expect(try codes("", [], .optional) == [])
        #expect(try codes("", ["here"], .required) == [.audienceMissing])
        #expect(try codes("\"here\"", ["here", "there"], .required) == [])
        #expect(try codes("\"Here\"", ["here"], .optional) == [.audienceOther])
        #expect(try codes("\"here\"", [], .optional) == [.audienceOther])
        #expect(try codes("\"*\"", ["*"], .optional) == [.audienceWildcard])
    }

    @Test func `an account that is not known, or cannot be asked for, leaves its users unjudged`() throws {
        struct Broken: AccountResolver {
            func account(for key: PublicKey) throws(AccountResolverError) -> ResolvedAccount? {
                throw AccountResolverError("no route")
            }
        }
        let (chain, connection) = (try world.chain(pinned: []), try world.connection())
        let unknown = try chain.user(
            world.userToken(), resolver: MemoryAccountResolver(), connection: connection, at: world.now)
        #expect(unknown.codes == ["C-account-unknown at iss", "C-account-pinned at iss"])
        #expect(unknown.failures.first?.detail == .accountNotKnown(world.account.publicKey))
        #expect(unknown.notJudged.contains(.userProof) && unknown.notJudged.contains(.userRevoked))
        let broken = try world.chain().user(
            world.userToken(), resolver: Broken(), connection: connection, at: world.now)
        #expect(broken.failures.map(\.message) == ["the account resolver failed: no route"])
    }

    @Test func `a forged token makes no resolver look for accounts`() throws {
        struct Never: AccountResolver {
            func account(for key: PublicKey) throws(AccountResolverError) -> ResolvedAccount? {
                Issue.record("the resolver was asked")
                return nil
            }
        }
        let forged = try world.userToken().dropLast(10) + "AAAAAAAAAA"
        let verdict = try world.chain().user(
            String(forged), resolver: Never(), connection: world.connection(), at: world.now)
        #expect(verdict.codes.first == "T-signature at signature")
        #expect(verdict.notJudged.contains(.accountUnknown))
    }

    @Test func `an account that was judged before is judged again by the clock and by what is pinned`() throws {
        let chain = try world.chain()
        let account = try #require(
            chain.account(try world.accountToken(claims: ["exp": "1800000010"]), at: world.now).proof)
        let later = ChainWorld.moment(1_800_000_010)
        let user = try world.userToken()
        #expect(chain.user(user, of: account, at: ChainWorld.moment(1_800_000_009)).isAccepted)
        #expect(chain.user(user, of: account, at: later).codes == ["T-expired at account.exp"])
        var pinned = chain
        pinned.pinned = []
        let accounts = MemoryAccountResolver([account])
        #expect(pinned.user(user, resolver: accounts, at: world.now).codes == ["C-account-pinned at account.sub"])
        var swapped = MemoryAccountResolver()
        let other = ChainWorld()
        swapped[other.account.publicKey] = .trusted(account)
        let verdict = try chain.user(other.userToken(), resolver: swapped, at: world.now)
        #expect(verdict.codes.contains("C-account-mismatch at account.sub"))
    }
}
