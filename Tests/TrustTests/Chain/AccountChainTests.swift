import NKeys
import Testing

@testable import Trust

/// Accounts under trusted operators.
@Suite struct AccountChainTests {
    let world = ChainWorld()

    @Test func `an account is signed by the operator's identity key or by a signing key`() throws {
        let chain = try world.chain()
        for signer in [world.operator, world.operatorSigner] {
            let token = try world.accountToken(by: signer)
            let verdict = chain.account(token, for: world.account.publicKey, at: world.now)
            let account = try #require(verdict.proof, "\(verdict.codes)")
            #expect(account.operatorKey == world.operator.publicKey)
            #expect(account.key == world.account.publicKey)
            #expect(account.text == token)
            #expect(!account.strictSigningKeys)
        }
    }

    @Test func `a strict operator's identity key signs no account`() throws {
        let chain = try world.chain(operators: [world.operatorToken(#""strict_signing_key_usage":true"#)])
        let byIdentity = try chain.account(world.accountToken(by: world.operator), at: world.now)
        #expect(byIdentity.codes == ["C-account-signer at iss"])
        #expect(byIdentity.failures.map(\.detail) == [.accountSignerIsIdentity])
        let bySigner = try chain.account(world.accountToken(), at: world.now)
        #expect(bySigner.proof?.strictSigningKeys == true)
    }

    @Test func `an operator that is not trusted stands for nobody`() throws {
        let other = ChainWorld.pair(.operator)
        let chain = try world.chain()
        let verdict = try chain.account(world.accountToken(by: other), at: world.now)
        #expect(verdict.failures.map(\.detail) == [.accountSignerUnknown])
        let token = try ChainWorld.mint("operator", by: other, for: other.publicKey, nats: "")
        #expect(chain.operator(token, at: world.now).codes == ["C-operator at sub"])
        #expect(try chain.operator(world.operatorToken(), at: world.now).isAccepted)
    }

    @Test func `each of two operators has its own accounts and its own strictness`() throws {
        let other = ChainWorld()
        let strict = try other.operatorToken(#""strict_signing_key_usage":true"#)
        let chain = try world.chain(operators: [world.operatorToken(), strict])
        let own = try chain.account(world.accountToken(by: world.operator), at: world.now)
        #expect(own.proof?.strictSigningKeys == false)
        let others = try chain.account(other.accountToken(), at: world.now)
        #expect(others.proof?.strictSigningKeys == true)
        #expect(others.proof?.operatorKey == other.operator.publicKey)
        let refused = try chain.account(other.accountToken(by: other.operator), at: world.now)
        #expect(refused.codes == ["C-account-signer at iss"])
    }

    @Test func `of two tokens of one operator the later one counts`() throws {
        let strict = try world.operatorToken(claims: ["iat": "1799990001"], #""strict_signing_key_usage":true"#)
        for operators in [[try world.operatorToken(), strict], [strict, try world.operatorToken()]] {
            let verifier = TokenVerifier()
            let anchors = TrustAnchors(
                operators.compactMap { verifier.verify($0, as: OperatorClaims.self, at: world.now).proof })
            #expect(anchors.operators.map(\.strictSigningKeys) == [true])
        }
    }

    @Test func `an account that signs itself belongs to no operator`() throws {
        var policy = Policy.strict
        policy.accountSigning = .byOperatorOrSelf
        let token = try world.accountToken(by: world.account, limits: "")
        #expect(try world.chain(policy: policy).account(token, at: world.now).codes == ["C-account-signer at iss"])
    }

    @Test func `the account is the one that was asked for`() throws {
        let other = ChainWorld.pair(.account).publicKey
        let verdict = try world.chain().account(world.accountToken(), for: other, at: world.now)
        #expect(verdict.failures.map(\.detail) == [.otherAccountReturned(world.account.publicKey)])
    }

    @Test func `where accounts are pinned only these and the system account are let in`() throws {
        let other = ChainWorld.pair(.account).publicKey
        let token = try world.accountToken()
        let refused = try world.chain(pinned: [other]).account(token, at: world.now)
        #expect(refused.codes == ["C-account-pinned at sub"])
        #expect(try world.chain(pinned: []).account(token, at: world.now).codes == ["C-account-pinned at sub"])
        #expect(try world.chain(pinned: [world.account.publicKey]).account(token, at: world.now).isAccepted)
        let configured = try world.chain(pinned: [other], systemAccount: world.account.publicKey)
        #expect(configured.account(token, at: world.now).isAccepted)
        let named = try world.operatorToken("\"system_account\":\"\(world.account.publicKey)\"")
        #expect(try world.chain(operators: [named], pinned: [other]).account(token, at: world.now).isAccepted)
    }

    @Test func `an expired operator stands for nobody, from the second of its expiry`() throws {
        let chain = try world.chain(operators: [world.operatorToken(claims: ["exp": "1800000100"])])
        let token = try world.accountToken()
        #expect(chain.account(token, at: ChainWorld.moment(1_800_000_099)).isAccepted)
        #expect(chain.account(token, at: ChainWorld.moment(1_800_000_100)).codes == ["T-expired at operator.exp"])
    }

    @Test func `limits and overlapping service imports refuse the account, with all its other faults`() throws {
        let exporter = ChainWorld.pair(.account).publicKey
        func item(_ subject: String) -> String {
            #"{"name":"i","subject":"\#(subject)","account":"\#(exporter)","type":"service"}"#
        }
        let other = ChainWorld.pair(.operator)
        let token = try world.accountToken(
            by: other, claims: ["exp": "1799999999"], limits: #""imports":1,"exports":-1,"conn":-1"#,
            #""imports":[\#(item("a.*")),\#(item("*.b"))],"exports":[{"name":"e","subject":"x.*","type":"stream"}]"#)
        let verdict = try world.chain().account(token, at: world.now)
        #expect(
            verdict.codes == [
                "T-expired at exp", "T-content at imports", "T-content at exports[0].subject",
                "C-account-signer at iss", "B-local-subject at imports[1]", "B-limits at imports",
                "B-limits at exports[0].subject",
            ])
    }

    @Test func `a token that cannot be read leaves the chain unjudged`() throws {
        let verdict = try world.chain().account("x", for: world.account.publicKey, at: world.now)
        #expect(verdict.codes == ["T-segments"])
        #expect(verdict.notJudged.contains(.accountSigner))
        #expect(!verdict.notJudged.contains(.accountPinned))
    }
}
