import Identity
import NKeys
import Subjects
import Trust

/// An operator with an account that has a plain signing key and a scoped one, and what issues users of it.
struct IssuingWorld: IssuingAccounts {
    static let now = UnixTime(1_800_000_000) ?? .zero

    let operatorKeys: KeyPair
    let accountKeys: KeyPair
    let plainKeys: KeyPair
    let scopedKeys: KeyPair
    var operatorToken: VerifiedToken<OperatorClaims>
    var accountToken: VerifiedToken<AccountClaims>
    var hasOperator = true

    init(scopeAllows subject: String = "orders.{{tag(team)}}.>", _ change: (inout AccountClaims) -> Void = { _ in })
        throws
    {
        operatorKeys = try KeyPair.generate(.operator)
        accountKeys = try KeyPair.generate(.account)
        plainKeys = try KeyPair.generate(.account)
        scopedKeys = try KeyPair.generate(.account)
        operatorToken = try TokenSigner(operatorKeys).sign(
            OperatorClaims(subject: operatorKeys.publicKey, name: "OP"), at: Self.now)
        var claims = AccountClaims(subject: accountKeys.publicKey, name: "ORDERS")
        var scope = UserScope(key: scopedKeys.publicKey)
        scope.permissions.publishAllow = [subject]
        claims.signingKeys = [.plain(plainKeys.publicKey), .scoped(scope)]
        change(&claims)
        accountToken = try TokenSigner(operatorKeys).sign(claims, under: operatorToken, at: Self.now)
    }

    var issuer: UserIssuer {
        UserIssuer([accountKeys, plainKeys, scopedKeys].map { TokenSigner($0) }, accounts: self)
    }

    var chain: ChainVerifier { ChainVerifier(anchors: TrustAnchors([operatorToken]), verifier: TokenVerifier()) }

    func order(_ key: PublicKey, expires: UnixTime = now.advanced(by: 600)) throws -> UserOrder {
        UserOrder(
            key: try KeyPair.generate(.user).publicKey, target: .account(accountKeys.publicKey), signingKey: key,
            name: "alice", expires: expires)
    }

    func account(_ key: PublicKey, at now: UnixTime) async -> VerifiedToken<AccountClaims>? {
        key == accountToken.subject ? accountToken : nil
    }

    func `operator`(at now: UnixTime) async -> VerifiedToken<OperatorClaims>? { hasOperator ? operatorToken : nil }
}
