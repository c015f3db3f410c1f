import NKeys
import Subjects
import Testing

@testable import Trust

@Suite("Signing: one token by itself")
struct SigningTests {
    private let now = SigningWorld.now

    @Test("a signed token holds under the strict policy and says who signed it when")
    func signs() throws {
        let world = try SigningWorld()
        let token = try TokenSigner(world.account).sign(world.user, at: now)
        #expect(token.issuer == world.account.publicKey)
        #expect(token.claims.common.issuedAt == now)
        #expect(token.claims.common.id.utf8.count == 52)
        #expect(TokenVerifier().verify(token.text, as: UserClaims.self, at: now).isAccepted)
    }

    @Test("a new token is newer than the one that it replaces")
    func issuesLater() throws {
        let world = try SigningWorld()
        let signer = TokenSigner(world.account)
        let second = try signer.sign(world.user, replacing: now, at: now)
        #expect(second.claims.common.issuedAt == now.advanced(by: 1))
        let third = try signer.sign(world.user, replacing: now.advanced(by: 59), at: now)
        #expect(third.claims.common.issuedAt == now.advanced(by: 60))
        let old = try signer.sign(world.user, replacing: now.advanced(by: -100), at: now)
        #expect(old.claims.common.issuedAt == now)
    }

    @Test("nothing is signed further ahead than the policy allows: the error says how long to wait")
    func waits() throws {
        let world = try SigningWorld()
        let error = #expect(throws: SigningError.self) {
            try TokenSigner(world.account).sign(world.user, replacing: now.advanced(by: 100), at: now)
        }
        guard case .tooSoon(let time) = error else {
            Issue.record("got \(String(describing: error))")
            return
        }
        #expect(time == now.advanced(by: 41))
        let token = try TokenSigner(world.account).sign(world.user, replacing: now.advanced(by: 100), at: time)
        #expect(token.claims.common.issuedAt == now.advanced(by: 101))
    }

    @Test("a token that begins later is signed, one that never holds is not")
    func times() throws {
        let world = try SigningWorld()
        let signer = TokenSigner(world.account)
        var user = world.user
        user.common.notBefore = now.advanced(by: 1000)
        #expect(try signer.sign(user, at: now).claims.common.notBefore == now.advanced(by: 1000))
        user.common.expires = now.advanced(by: 1000)
        #expect(codes { try signer.sign(user, at: now) } == [.tokenExpired])
        user.common.notBefore = nil
        user.common.expires = now
        #expect(codes { try signer.sign(user, at: now) } == [.tokenExpired])
        user.common.expires = .zero
        #expect(codes { try signer.sign(user, at: now) } == [.tokenExpired], "0 would be written as never")
    }

    @Test("a key of the wrong role does not sign")
    func roles() throws {
        let world = try SigningWorld()
        #expect(codes { try TokenSigner(world.user1).sign(world.user, at: now) } == [.tokenIssuer])
        #expect(
            codes { try TokenSigner(world.account).sign(world.newOperator, at: now) }?.contains(.tokenIssuer) == true)
        #expect(codes { try TokenSigner(world.account).sign(world.newAccount, at: now) } == [.tokenIssuer])
        var policy = Policy.strict
        policy.accountSigning = .byOperatorOrSelf
        #expect(try TokenSigner(world.account, policy: policy).sign(world.newAccount, at: now).text.isEmpty == false)
        var user = world.user
        user.common.subject = world.account.publicKey
        #expect(codes { try TokenSigner(world.account).sign(user, at: now) } == [.tokenSubject])
    }

    @Test("content that this library would refuse is not signed")
    func content() throws {
        let world = try SigningWorld()
        let signer = TokenSigner(world.operator)
        var account = world.newAccount
        account.signingKeys = [.plain(account.common.subject)]
        #expect(codes { try signer.sign(account, at: now) } == [.tokenContent])
        account = world.newAccount
        account.imports = [Import(subject: .all, account: account.common.subject, kind: .stream)]
        #expect(codes { try signer.sign(account, at: now) } == [.tokenContent])
        account = world.newAccount
        account.clusterTraffic = "somewhere"
        #expect(codes { try signer.sign(account, at: now) } == [.tokenContent])
        account = world.newAccount
        account.limits.exports = 0
        account.exports = [.stream(try SubjectPattern("a"))]
        #expect(codes { try signer.sign(account, at: now) } == [.tokenContent])
        var user = world.user
        user.limits.timeZone = "Nowhere/Land"
        #expect(codes { try TokenSigner(world.account).sign(user, at: now) } == [.tokenContent])
        var policy = Policy.strict
        policy.maximumLifetime = [.user: 60]
        let short = TokenSigner(world.account, policy: policy)
        #expect(codes { try short.sign(world.user, at: now) } == [.tokenLifetime])
    }

    @Test("`*` is never an audience")
    func audience() throws {
        let world = try SigningWorld()
        var user = world.user
        user.common.audience = "*"
        #expect(codes { try TokenSigner(world.account).sign(user, at: now) } == [.userAudience])
        var activation = world.activation
        activation.common.audience = "*"
        #expect(codes { try TokenSigner(world.account).sign(activation, at: now) } == [.activationAudience])
    }

    @Test("a signer elsewhere signs, and a wrong answer of its is not used")
    func externalSigner() throws {
        let world = try SigningWorld()
        let (own, other) = (world.account, world.account2)
        let right = TokenSigner(own.publicKey) { try own.sign($0) }
        let text = try right.sign(world.user, at: now).text
        #expect(try TokenSigner(own).sign(world.user, at: now).text == text)

        let wrong = TokenSigner(own.publicKey) { try other.sign($0) }
        #expect { try wrong.sign(world.user, at: now) } throws: { error in
            if case SigningError.wrongSignature = error { true } else { false }
        }
        let changed = TokenSigner(own.publicKey) { try own.sign($0 + [0]) }
        #expect { try changed.sign(world.user, at: now) } throws: { error in
            if case SigningError.wrongSignature = error { true } else { false }
        }
        struct Unreachable: Error {}
        let broken = TokenSigner(own.publicKey) { _ in throw Unreachable() }
        #expect { try broken.sign(world.user, at: now) } throws: { error in
            if case SigningError.signer(let cause) = error { cause is Unreachable } else { false }
        }
    }

    @Test("a curve key signs nothing")
    func curveKey() throws {
        let world = try SigningWorld()
        #expect { try TokenSigner(KeyPair.generate(.curve)).sign(world.user, at: now) } throws: { error in
            if case SigningError.key(.keyType(.curve)) = error { true } else { false }
        }
    }

    @Test("unknown members come back where they stood, and those that could be lost stop the signing")
    func unknownMembers() throws {
        let world = try SigningWorld()
        let signer = TokenSigner(world.operator)
        var account = world.newAccount
        account.exports = [.stream(try SubjectPattern("a"))]
        account.unknown = [
            UnknownMember(place: "fresh", name: "fresh", value: #"{"a":[1, 2]}"#),
            UnknownMember(place: "limits.fresh", name: "fresh", value: "7"),
        ]
        let token = try signer.sign(account, at: now)
        #expect(token.claims.unknown == [account.unknown[1], account.unknown[0]])
        let text = String(decoding: ClaimsEncoder.payload(of: token.claims), as: UTF8.self)
        #expect(text.contains(#","leaf":-1,"fresh":7}"#))
        #expect(text.hasSuffix(#""version":2,"fresh":{"a":[1, 2]}}}"#))

        account.unknown.append(UnknownMember(place: "exports[0].fresh", name: "fresh", value: "1"))
        #expect { try signer.sign(account, at: now) } throws: { error in
            if case SigningError.wouldLose(["exports[0].fresh"]) = error { true } else { false }
        }
    }

    @Test("claims of others beside `iss` are kept, written last, and never take the place of a known one")
    func claimsOfOthers() throws {
        let world = try SigningWorld()
        let signer = TokenSigner(world.account)
        var user = world.user
        let actor = try #require(UnknownMember(claim: "act", object: #"{"sub":"x","act":{"sub":"y"}}"#))
        user.unknown = [actor]
        let token = try signer.sign(user, at: now)
        #expect(token.claims.unknown == [actor])
        let text = String(decoding: ClaimsEncoder.payload(of: token.claims), as: UTF8.self)
        #expect(text.hasSuffix(#""version":2},"act":{"sub":"x","act":{"sub":"y"}}}"#))
        #expect(TokenVerifier().verify(token.text, as: UserClaims.self, at: now).warnings.isEmpty)
        for name in ["exp", "nats", "type", "iss", "Act", "", "a\"b"] {
            #expect(UnknownMember(claim: name, object: "{}") == nil, "\(name)")
        }
        for value in ["", "1", "{},\"exp\":1", "{}{}", #"{"a":1,"a":2}"#, "[]"] {
            #expect(UnknownMember(claim: "act", object: value) == nil, "\(value)")
        }
        user.unknown = [actor, actor]
        #expect(codes { try signer.sign(user, at: now) } == [.tokenJSON])
    }

    @Test("a generic token is one of version 2, and its content cannot reach outside `nats`")
    func generic() throws {
        let world = try SigningWorld()
        let signer = TokenSigner(world.account)
        var claims = GenericClaims(common: world.user.common, content: #"{"roles":["a"]}"#)
        #expect(try signer.sign(claims, at: now).claims.content == #"{"roles":["a"],"version":2}"#)
        claims.content = "{ }"
        #expect(try signer.sign(claims, at: now).claims.content == #"{ "version":2}"#)
        for content in [#"{"a":1},"exp":1"#, "", "[]", #"{"a":1"#, "{} {}"] {
            claims.content = content
            #expect(codes { try signer.sign(claims, at: now) } == [.tokenJSON], "\(content)")
        }
    }
}

/// The rules that a signing is refused by; nil when it is not refused.
func codes(_ sign: () throws -> Any) -> [Rule]? {
    do {
        _ = try sign()
        return nil
    } catch SigningError.refused(let refusal) {
        return refusal.failures.map(\.rule)
    } catch {
        Issue.record("another error: \(error)")
        return nil
    }
}

/// Keys and claims to sign with.
struct SigningWorld {
    static let now = UnixTime.zero.advanced(by: 1_800_000_000)

    let `operator`: KeyPair
    let account: KeyPair
    let account2: KeyPair
    let user1: KeyPair
    let newOperator: OperatorClaims
    let newAccount: AccountClaims
    let user: UserClaims
    let activation: ActivationClaims

    init() throws {
        `operator` = try .generate(.operator)
        account = try .generate(.account)
        account2 = try .generate(.account)
        user1 = try .generate(.user)
        newOperator = OperatorClaims(subject: `operator`.publicKey, name: "OP")
        newAccount = AccountClaims(subject: account.publicKey, name: "A")
        user = UserClaims(subject: user1.publicKey, name: "u")
        activation = ActivationClaims(
            importer: account2.publicKey, subject: try SubjectPattern("orders.private.>"), kind: .stream)
    }
}
