import NKeys
import Subjects
import Testing

@testable import Trust

@Suite("Signing: only for whom the key may sign")
struct SigningAuthorityTests {
    private let now = SigningWorld.now
    private let world: SigningWorld
    private let operatorKey: KeyPair
    private let plainKey: KeyPair
    private let scopedKey: KeyPair
    private let strict: VerifiedToken<OperatorClaims>
    private let lenient: VerifiedToken<OperatorClaims>
    private let account: VerifiedToken<AccountClaims>

    init() throws {
        world = try SigningWorld()
        operatorKey = try .generate(.operator)
        plainKey = try .generate(.account)
        scopedKey = try .generate(.account)
        var claims = world.newOperator
        claims.signingKeys = [operatorKey.publicKey]
        lenient = try TokenSigner(world.operator).sign(claims, at: now)
        claims.strictSigningKeys = true
        strict = try TokenSigner(world.operator).sign(claims, at: now)
        account = try TokenSigner(operatorKey).sign(Self.claims(world, plainKey, scopedKey), under: strict, at: now)
    }

    private static func claims(_ world: SigningWorld, _ plain: KeyPair, _ scoped: KeyPair) throws -> AccountClaims {
        var claims = world.newAccount
        var scope = UserScope(key: scoped.publicKey)
        scope.role = "device"
        scope.permissions.publishAllow = ["dev.{{name()}}.>"]
        claims.signingKeys = [.plain(plain.publicKey), .scoped(scope)]
        var positioned = Export(subject: try SubjectPattern("feed.*.>"), kind: .stream)
        positioned.accountTokenPosition = 2
        claims.exports = [
            .stream(try SubjectPattern("orders.private.>")), .service(try SubjectPattern("svc.price")), positioned,
        ]
        for index in claims.exports.indices.dropLast() { claims.exports[index].tokenRequired = true }
        return claims
    }

    private func changed(_ change: (inout AccountClaims) -> Void) throws -> VerifiedToken<AccountClaims> {
        var claims = account.claims
        change(&claims)
        return try TokenSigner(operatorKey).sign(claims, under: strict, at: now)
    }

    // MARK: Accounts

    @Test("an operator's keys sign accounts, its identity key only where signing keys are not demanded")
    func accounts() throws {
        let claims = account.claims
        #expect(codes { try TokenSigner(world.operator).sign(claims, under: lenient, at: now) } == nil)
        #expect(codes { try TokenSigner(world.operator).sign(claims, under: strict, at: now) } == [.accountSigner])
        #expect(codes { try TokenSigner(operatorKey).sign(claims, under: strict, at: now) } == nil)
        let stranger = try TokenSigner(KeyPair.generate(.operator))
        #expect(codes { try stranger.sign(claims, under: lenient, at: now) } == [.accountSigner])
    }

    // MARK: Users

    @Test("a signing key names the account in `issuer_account`, the identity key does not")
    func issuerAccount() throws {
        let byKey = try TokenSigner(plainKey).sign(world.user, for: account, under: strict, at: now)
        #expect(byKey.claims.issuerAccount == account.subject)
        let byIdentity = try TokenSigner(world.account).sign(world.user, for: account, under: lenient, at: now)
        #expect(byIdentity.claims.issuerAccount == nil)
        #expect(codes { try TokenSigner(world.account).sign(world.user, for: account, under: nil, at: now) } == nil)
    }

    @Test("an identity key under strict signing keys, and a key that the account does not list, sign no users")
    func userSigners() throws {
        let identity = TokenSigner(world.account)
        #expect(codes { try identity.sign(world.user, for: account, under: strict, at: now) } == [.userSigner])
        let stranger = TokenSigner(world.account2)
        #expect(codes { try stranger.sign(world.user, for: account, under: lenient, at: now) } == [.userSigner])
        var user = world.user
        user.issuerAccount = world.account2.publicKey
        #expect(codes { try TokenSigner(plainKey).sign(user, for: account, under: strict, at: now) } == [.userSigner])
    }

    @Test("a scoped key's user has no permissions or limits of its own")
    func scopedUsers() throws {
        let signer = TokenSigner(scopedKey)
        let token = try signer.sign(world.user, for: account, under: strict, at: now)
        #expect(token.claims.limits.isEmpty)
        #expect(token.claims.permissions == PermissionClaims())
        var user = world.user
        user.limits.subscriptions = 5
        #expect(codes { try signer.sign(user, for: account, under: strict, at: now) } == [.userScope])
        user = world.user
        user.permissions.publishAllow = [PermissionEntry(pattern: .all)]
        #expect(codes { try signer.sign(user, for: account, under: strict, at: now) } == [.userScope])
    }

    @Test("a role whose template is faulty gets no users")
    func faultyTemplate() throws {
        let faulty = try changed { claims in
            var scope = UserScope(key: scopedKey.publicKey)
            scope.permissions.publishAllow = ["a..b"]
            claims.signingKeys = [.scoped(scope)]
        }
        #expect(
            codes { try TokenSigner(scopedKey).sign(world.user, for: faulty, under: strict, at: now) } == [.template])
    }

    @Test("a role gets no user whose name would widen its template")
    func templateValues() throws {
        for (name, expected) in [("sensor", []), ("*", [.templateValue]), ("a.b", [.templateValue])]
            as [(String, [Rule])]
        {
            var user = world.user
            user.common.name = name
            let found = codes { try TokenSigner(scopedKey).sign(user, for: account, under: strict, at: now) }
            #expect(Set(found ?? []) == Set(expected), "\(name)")
        }
    }

    @Test("no bearer users where the account disallows them, by themselves or by their role")
    func bearers() throws {
        let sober = try changed { claims in
            claims.limits.disallowsBearer = true
            var scope = UserScope(key: scopedKey.publicKey)
            scope.limits.bearer = true
            claims.signingKeys = [.plain(plainKey.publicKey), .scoped(scope)]
        }
        var user = world.user
        user.limits.bearer = true
        #expect(codes { try TokenSigner(plainKey).sign(user, for: sober, under: strict, at: now) } == [.userBearer])
        #expect(codes { try TokenSigner(plainKey).sign(user, for: account, under: strict, at: now) } == nil)
        let byRole = TokenSigner(scopedKey)
        #expect(codes { try byRole.sign(world.user, for: sober, under: strict, at: now) } == [.userBearer])
    }

    @Test("a revoked user comes back only when that is asked for, and then after its revocation")
    func revokedUsers() throws {
        let revoking = try changed { $0.revocations.revoke(world.user.common.subject, at: now) }
        let signer = TokenSigner(plainKey)
        let old = now.advanced(by: -10)
        #expect(codes { try signer.sign(world.user, for: revoking, under: strict, at: now) } == [.userRevoked])
        #expect(
            codes { try signer.sign(world.user, for: revoking, under: strict, replacing: old, at: now) }
                == [.userRevoked])
        let again = try signer.sign(world.user, for: revoking, under: strict, revoked: .readmitted, at: now)
        #expect(again.claims.common.issuedAt == now.advanced(by: 1))
        let subject = world.user.common.subject
        #expect(revoking.claims.revocations.time(covering: subject, issuedAt: again.claims.common.issuedAt) == nil)
        let later = try signer.sign(
            world.user, for: revoking, under: strict, replacing: again.claims.common.issuedAt, at: now)
        #expect(later.claims.common.issuedAt == now.advanced(by: 2), "it was readmitted before")

        let ahead = try changed { $0.revocations.revoke(subject, at: now.advanced(by: 3600)) }
        #expect(
            codes { try signer.sign(world.user, for: ahead, under: strict, revoked: .readmitted, at: now) }
                == [.userRevoked])
    }

    @Test("when everyone is revoked, new users are signed, and old ones only when that is asked for")
    func revokedEveryone() throws {
        let revoking = try changed { $0.revocations.revoke(nil, at: now) }
        let signer = TokenSigner(plainKey)
        let token = try signer.sign(world.user, for: revoking, under: strict, at: now)
        #expect(token.claims.common.issuedAt == now.advanced(by: 1))
        let old = now.advanced(by: -10)
        #expect(
            codes { try signer.sign(world.user, for: revoking, under: strict, replacing: old, at: now) }
                == [.userRevoked])
    }

    // MARK: Activations

    @Test("identity and plain signing keys sign activations of what is exported")
    func activations() throws {
        let byKey = try TokenSigner(plainKey).sign(world.activation, exportedBy: account, under: strict, at: now)
        #expect(byKey.claims.issuerAccount == account.subject)
        let byIdentity = try TokenSigner(world.account).sign(
            world.activation, exportedBy: account, under: lenient, at: now)
        #expect(byIdentity.claims.issuerAccount == nil)
    }

    @Test("a scoped key, a stranger, and an identity key under strict signing keys sign no activation")
    func activationSigners() throws {
        let activation = world.activation
        #expect(
            codes { try TokenSigner(scopedKey).sign(activation, exportedBy: account, under: strict, at: now) }
                == [.activationScopedSigner])
        #expect(
            codes { try TokenSigner(world.account2).sign(activation, exportedBy: account, under: lenient, at: now) }
                == [.activationExporter])
        #expect(
            codes { try TokenSigner(world.account).sign(activation, exportedBy: account, under: strict, at: now) }
                == [.activationExporter])
    }

    @Test(
        "an activation stays inside one export of its kind",
        arguments: [
            ("orders.private.>", ExportKind.stream, true), ("orders.private.eu.*", .stream, true),
            ("orders.>", .stream, false), ("orders.private.>", .service, false), ("svc.price", .service, true),
            ("svc.*", .service, false), ("other", .stream, false),
        ])
    func exported(subject: String, kind: ExportKind, isSigned: Bool) throws {
        var activation = world.activation
        activation.subject = try SubjectPattern(subject)
        activation.kind = kind
        let refused = codes { try TokenSigner(plainKey).sign(activation, exportedBy: account, under: strict, at: now) }
        #expect(refused == (isSigned ? nil : [.exportMissing]))
    }

    @Test("what could never bind is not signed: another audience, the exporter itself, another account's position")
    func neverBinding() throws {
        let signer = TokenSigner(plainKey)
        var activation = world.activation
        activation.common.audience = "*"
        #expect(
            codes { try signer.sign(activation, exportedBy: account, under: strict, at: now) } == [.activationAudience])
        activation.common.audience = world.account.publicKey.text
        #expect(
            codes { try signer.sign(activation, exportedBy: account, under: strict, at: now) } == [.activationAudience])
        activation.common.audience = world.account2.publicKey.text
        #expect(codes { try signer.sign(activation, exportedBy: account, under: strict, at: now) } == nil)
        activation = world.activation
        activation.common.subject = world.account.publicKey
        #expect(codes { try signer.sign(activation, exportedBy: account, under: strict, at: now) } == [.tokenContent])
        activation = world.activation
        for (subject, rules) in [("feed.*.>", [Rule.accountPosition]), ("feed.\(world.account2.publicKey).x", nil)] {
            activation.subject = try SubjectPattern(subject)
            #expect(codes { try signer.sign(activation, exportedBy: account, under: strict, at: now) } == rules)
        }
    }

    @Test("an importer whose activation was revoked gets a new one only when that is asked for")
    func revokedActivation() throws {
        let importer = world.account2.publicKey
        let revoking = try changed { $0.exports[0].revocations.revoke(importer, at: now) }
        let signer = TokenSigner(plainKey)
        #expect(
            codes { try signer.sign(world.activation, exportedBy: revoking, under: strict, at: now) }
                == [.activationRevoked])
        let again = try signer.sign(
            world.activation, exportedBy: revoking, under: strict, revoked: .readmitted, at: now)
        #expect(again.claims.common.issuedAt == now.advanced(by: 1))
    }
}
