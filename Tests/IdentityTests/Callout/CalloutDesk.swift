import NKeys
import Synchronization
import Trust

@testable import Identity

/// A server that asks, and a service that answers it, without a connection between.
struct CalloutDesk {
    let world: IssuingWorld
    let foreign: ForeignWorld
    let server: KeyPair
    let serverCurve: KeyPair
    let curve: KeyPair
    let user: PublicKey
    /// The account whose callout it is.
    let account: KeyPair
    var settings: CalloutSettings

    init(scopeAllows subject: String = "orders.{{tag(team)}}.>", withOperator: Bool = true) async throws {
        world = try IssuingWorld(scopeAllows: subject)
        foreign = try await ForeignWorld.shared
        (server, serverCurve) = (try KeyPair.generate(.server), try KeyPair.generate(.curve))
        (curve, user) = (try KeyPair.generate(.curve), try KeyPair.generate(.user).publicKey)
        account = try KeyPair.generate(.account)
        var role = Role(
            "reader", issuer: foreign.mint.issuer,
            target: withOperator ? .account(world.accountKeys.publicKey) : .named("APP"),
            signingKey: withOperator ? world.plainKeys.publicKey : account.publicKey)
        role.conditions = [ClaimCondition(path: ["groups"], oneOf: ["orders"])]
        let signers = [world.accountKeys, world.plainKeys, world.scopedKeys, account].map { TokenSigner($0) }
        settings = CalloutSettings(
            account: account.publicKey, signer: TokenSigner(account), verifier: foreign.verifier,
            roles: RoleTable([role]), issuer: UserIssuer(signers, accounts: world),
            accounts: withOperator ? world : nil)
        settings.timeLimit = .seconds(600)
    }

    /// What the server asks.
    func request(
        token: String? = nil, signedBy signer: KeyPair? = nil,
        _ change: (inout AuthorizationRequestClaims) throws -> Void = { _ in }
    ) throws -> [UInt8] {
        var claims = AuthorizationRequestClaims(
            common: CommonClaims(
                issuer: server.publicKey, subject: account.publicKey, audience: "nats-authorization-request",
                expires: IssuingWorld.now.advanced(by: 2)), userKey: user)
        claims.server.id = server.publicKey.text
        claims.server.sealingKey = serverCurve.publicKey
        claims.clientDetails.kind = "Client"
        claims.clientDetails.type = "nats"
        claims.clientDetails.host = "127.0.0.1"
        claims.clientDetails.name = "a\u{1b}[31mclient"
        claims.connectOptions.authToken = try token ?? foreign.mint.token(foreign.curve)
        try change(&claims)
        return Array(try TokenSigner(signer ?? server).sign(claims, at: IssuingWorld.now).text.utf8)
    }

    func answer(_ payload: [UInt8], serverKey: String? = nil, at times: [Int64] = [0]) async -> CalloutAnswer {
        let calls = Mutex(times)
        return await CalloutJudge(settings).answer(payload, serverKey: serverKey) {
            calls.withLock { times in
                let offset = times.count > 1 ? times.removeFirst() : times.first ?? 0
                return IssuingWorld.now.advanced(by: offset)
            }
        }
    }

    /// What a server reads in an answer; nil when it is none to it.
    func response(_ answer: CalloutAnswer, sealed: Bool = false) -> AuthorizationResponseClaims? {
        guard var payload = answer.payload else { return nil }
        if sealed {
            guard let opened = try? serverCurve.open(payload, from: curve.publicKey) else { return nil }
            payload = opened
        }
        let verdict = payload.withUnsafeBufferPointer {
            TokenVerifier().verify(utf8: $0, as: AuthorizationResponseClaims.self, at: IssuingWorld.now)
        }
        guard let claims = verdict.proof?.claims, claims.common.audience == server.publicKey.text,
            claims.common.subject == user
        else { return nil }
        return claims
    }
}

/// Accounts that never answer, until they are told to.
final class SilentAccounts: IssuingAccounts {
    private let gate = AsyncStream.makeStream(of: Void.self)

    func account(_ key: PublicKey, at now: UnixTime) async -> VerifiedToken<AccountClaims>? {
        for await _ in gate.stream { break }
        return nil
    }

    func `operator`(at now: UnixTime) async -> VerifiedToken<OperatorClaims>? { nil }

    deinit { gate.continuation.finish() }
}
