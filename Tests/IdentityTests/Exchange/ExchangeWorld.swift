import NKeys
import Subjects
import Testing
import Trust

@testable import Identity

/// A token endpoint without its network: an operator's account, roles for the tokens of a foreign issuer, and a user who
/// asks.
struct ExchangeWorld {
    static let now = IssuingWorld.now
    static let service = "https://accounts.example.com"

    let issuing: IssuingWorld
    let foreign: ForeignWorld
    let accounts: ChangingAccounts
    let proofs: ProofMemory
    /// The key of whoever asks.
    let caller: KeyPair
    var configuration: IdentityConfiguration

    init(_ change: (inout AccountClaims) -> Void = { _ in }) async throws {
        issuing = try IssuingWorld { account in
            change(&account)
        }
        foreign = try await ForeignWorld.shared
        accounts = ChangingAccounts(issuing)
        proofs = ProofMemory(since: Self.now.advanced(by: -600))
        caller = try KeyPair.generate(.user)
        configuration = IdentityConfiguration()
        configuration.names = [try AudienceName(Self.service)]
        configuration.audiences = AudienceRegistry([
            .init(name: try AudienceName("orders"), description: "orders"),
            .init(name: try AudienceName("billing"), description: "billing"),
            .init(
                name: try AudienceName("elsewhere"), description: "another account's",
                keys: [try KeyPair.generate(.account).publicKey]),
        ])
        configuration.issuers = [foreign.issuer]
        configuration.roles = RoleTable([try plainRole(), try scopedRole()])
    }

    /// Who is in `orders` gets a user of the plain key, with permissions of the role's.
    func plainRole() throws -> Role {
        var role = Role(
            "reader", issuer: foreign.mint.issuer, target: .account(issuing.accountKeys.publicKey),
            signingKey: issuing.plainKeys.publicKey)
        role.conditions = [ClaimCondition(path: ["groups"], oneOf: ["orders"])]
        role.audiences = [try AudienceName("orders")]
        role.permissions = try ExchangeScope.permissions(
            "pub:orders.> sub:orders.> sub:work.*@crew !pub:orders.secret !sub:orders.*.secret")
        return role
    }

    /// Who asks for `billing` gets a user of the scoped key.
    func scopedRole() throws -> Role {
        var role = Role(
            "clerk", issuer: foreign.mint.issuer, target: .account(issuing.accountKeys.publicKey),
            signingKey: issuing.scopedKeys.publicKey)
        role.audiences = [try AudienceName("billing")]
        role.tags = [try ClaimTemplate("team:red")]
        return role
    }

    func exchange() -> TokenExchange {
        TokenExchange(
            configuration, foreign: ForeignTokenVerifier(configuration.issuers),
            issuer: UserIssuer(
                [issuing.accountKeys, issuing.plainKeys, issuing.scopedKeys].map { TokenSigner($0) },
                accounts: accounts),
            accounts: accounts, proofs: proofs)
    }

    /// A foreign token with changed claims.
    func foreignToken(_ claims: [String: String?] = [:]) throws -> String {
        try foreign.mint.token(foreign.curve, claims: claims)
    }

    /// One of our own user tokens, of the caller's key unless another is given.
    func userToken(
        of key: PublicKey? = nil, signedBy signer: KeyPair? = nil, scope: String? = "pub:orders.> sub:orders.*",
        at moment: UnixTime = now, _ change: (inout UserClaims) throws -> Void = { _ in }
    ) throws -> String {
        var claims = UserClaims(subject: key ?? caller.publicKey, name: "bob")
        claims.common.expires = Self.now.advanced(by: 1800)
        if let scope { claims.permissions = try ExchangeScope.permissions(scope) }
        try change(&claims)
        return try TokenSigner(signer ?? issuing.plainKeys).sign(
            claims, for: issuing.accountToken, under: issuing.operatorToken, at: moment
        ).text
    }

    /// The form by which the caller asks, with the proof that belongs to it.
    func form(
        for token: String, type: String = "jwt", audience: String = "orders", scope: String? = nil,
        provedBy key: KeyPair? = nil, _ more: [String: String] = [:]
    ) throws -> ExchangeForm {
        var form = ExchangeForm()
        form["grant_type"] = "urn:ietf:params:oauth:grant-type:token-exchange"
        form["subject_token"] = token
        form["subject_token_type"] = "urn:ietf:params:oauth:token-type:\(type)"
        form["audience"] = audience
        form["scope"] = scope
        form["credence_proof"] = try proof(for: token, audience: audience, by: key)
        for (name, value) in more { form[name] = value }
        return form
    }

    func proof(
        for token: String, audience: String = "orders", service: String = service, by key: KeyPair? = nil,
        at moment: UnixTime = now
    ) throws -> String {
        try ExchangeProof.text(
            for: token, audience: (try? AudienceName(audience)) ?? AudienceName("orders"),
            service: AudienceName(service), signer: TokenSigner(key ?? caller), at: moment)
    }

    /// What comes of a form.
    func ask(_ form: ExchangeForm, at moment: UnixTime = now) async -> Came {
        switch await exchange().exchange(form, at: moment) {
        case .issued(let user): Came(user: user, codes: [], error: nil, messages: [])
        case .refused(let refusal, _):
            Came(
                user: nil, codes: refusal.failures.map(\.code), error: ExchangeError(refusal).rawValue,
                messages: refusal.failures.map(\.message))
        }
    }

    /// What came of a form.
    struct Came {
        let user: IssuedUser?
        let codes: [String]
        let error: String?
        let messages: [String]

        var claims: UserClaims? { user?.token.claims }
    }
}
