import NKeys
import Subjects
import Trust

/// Where an issuer of users finds the accounts that it issues for. A server's store is one, a folder another.
public protocol IssuingAccounts: Sendable {
    /// The account as it is in force; nil when it is unknown or no longer valid.
    func account(_ key: PublicKey, at now: UnixTime) async -> VerifiedToken<AccountClaims>?
    /// The operator of these accounts; nil where there is none.
    func `operator`(at now: UnixTime) async -> VerifiedToken<OperatorClaims>?
}

/// A user that is to be issued.
public struct UserOrder: Sendable {
    /// The key that the token is for.
    public var key: PublicKey
    /// Where the user is.
    public var target: Role.Target
    /// The key that signs.
    public var signingKey: PublicKey
    /// `name`.
    public var name: String
    /// `tags`.
    public var tags: [String] = []
    /// `aud`.
    public var audience: String?
    /// What the user may do; empty for a scoped key.
    public var permissions = PermissionClaims()
    /// The user's limits.
    public var limits = UserLimits.unlimited
    /// When the token ends.
    public var expires: UnixTime
    /// Who acts for the user (`act`, RFC 8693, section 4.1); it stands beside `iss`.
    public var actor: UnknownMember?

    /// A user with no permissions of its own.
    public init(
        key: PublicKey, target: Role.Target, signingKey: PublicKey, name: String, expires: UnixTime
    ) {
        (self.key, self.target, self.signingKey) = (key, target, signingKey)
        (self.name, self.expires) = (name, expires)
    }
}

/// Signs users by the rules of the trust model.
///
/// Nothing is handed out that a server by these rules would refuse: what was signed is judged once more, as a user of the
/// account as it is in force.
public struct UserIssuer: Sendable {
    private let signers: [PublicKey: TokenSigner]
    private let accounts: any IssuingAccounts
    let judged = JudgedAccounts()

    /// The keys that it signs with.
    var keys: Dictionary<PublicKey, TokenSigner>.Keys { signers.keys }

    /// An issuer with these keys.
    public init(_ signers: [TokenSigner], accounts: any IssuingAccounts) {
        self.signers = Dictionary(signers.map { ($0.key, $0) }) { first, _ in first }
        self.accounts = accounts
    }

    /// Signs the user: one signature and one check of it; two more where the account was not judged before.
    ///
    /// Refused by X-unavailable when the key, the account or its operator is not at hand, by X-audience when the audience
    /// is none, and by every T and C rule that stands against the user. No user is issued that need not prove its key.
    public func issue(_ order: UserOrder, at now: UnixTime) async -> IdentityVerdict<VerifiedToken<UserClaims>> {
        guard let signer = signers[order.signingKey] else {
            return Self.unavailable("the seed of the signing key `\(order.signingKey)` is not configured")
        }
        if order.limits.bearer { return Self.bearer }
        if let audience = order.audience {
            do throws(AudienceFault) { _ = try AudienceName(audience) } catch {
                return .refused(IdentityRefusal(.exchangeAudience, at: "audience", "\(error)"))
            }
        }
        switch order.target {
        case .account(let key): return await issue(order, in: key, with: signer, at: now)
        case .named(let name): return Self.issue(order, inAccountNamed: name, with: signer, at: now)
        }
    }

    // MARK: With an operator

    private func issue(
        _ order: UserOrder, in key: PublicKey, with signer: TokenSigner, at now: UnixTime
    ) async -> IdentityVerdict<VerifiedToken<UserClaims>> {
        guard let account = await accounts.account(key, at: now) else {
            return Self.unavailable("the account `\(key)` is not known, or not in force")
        }
        guard account.subject == key else {
            return Self.unavailable("another account than `\(key)` was found under its key")
        }
        guard let `operator` = await accounts.operator(at: now) else {
            return Self.unavailable("the operator's token is not known, or not in force")
        }
        let token: VerifiedToken<UserClaims>
        do throws(SigningError) {
            token = try signer.sign(Self.claims(of: order), for: account, under: `operator`, at: now)
        } catch {
            return Self.refusal(error)
        }
        var policy = signer.policy
        policy.audiences = order.audience.map { [$0] } ?? []
        let chain = ChainVerifier(
            anchors: TrustAnchors([`operator`]), verifier: TokenVerifier(policy: policy, zones: signer.zones))
        let trusted: TrustedAccount
        switch judged.account(account, under: `operator`, by: chain, at: now) {
        case .accepted(let account, _): trusted = account
        case .refused(let refusal): return Self.refused(refusal, in: "account")
        }
        switch chain.user(token, of: trusted, at: now) {
        case .accepted(let user, let warnings):
            // A role's template may say so, whatever the order says.
            guard !user.isBearer else { return Self.bearer }
            return .accepted(token, warnings: warnings.map { IdentityFinding($0, in: "user") })
        case .refused(let refusal): return Self.refused(refusal, in: "user")
        }
    }

    // MARK: Without an operator

    /// A server without operator knows one issuer, and finds a user's account by `aud`: its name there.
    private static func issue(
        _ order: UserOrder, inAccountNamed name: String, with signer: TokenSigner, at now: UnixTime
    ) -> IdentityVerdict<VerifiedToken<UserClaims>> {
        guard order.audience == nil else {
            return .refused(
                IdentityRefusal(
                    .exchangeAudience, at: "audience",
                    "a server without operator places users by their audience, so that they can have no other"))
        }
        guard signer.key.role == .account else {
            return unavailable("users are signed by the key of an account, and `\(signer.key)` is none")
        }
        var claims = claims(of: order)
        claims.common.audience = name
        do throws(SigningError) { return .accepted(try signer.sign(claims, at: now), warnings: []) } catch {
            return refusal(error)
        }
    }

    // MARK: Parts

    private static func claims(of order: UserOrder) -> UserClaims {
        var claims = UserClaims(subject: order.key, name: order.name)
        claims.common.audience = order.audience
        claims.common.expires = order.expires
        claims.permissions = order.permissions
        claims.limits = order.limits
        claims.tags = order.tags
        claims.unknown = order.actor.map { [$0] } ?? []
        return claims
    }

    private static func unavailable(_ message: String) -> IdentityVerdict<VerifiedToken<UserClaims>> {
        .refused(IdentityRefusal(.exchangeUnavailable, at: "", message))
    }

    private static let bearer: IdentityVerdict<VerifiedToken<UserClaims>> = .refused(
        IdentityRefusal(
            IdentityFinding(
                Finding(
                    .userBearer, at: "bearer_token", .text("a user that need not prove its key is not issued")),
                in: "user")))

    private static func refused(
        _ refusal: Refusal, in place: String
    ) -> IdentityVerdict<VerifiedToken<UserClaims>> {
        let findings = refusal.failures.map { IdentityFinding($0, in: place) }
        guard let first = findings.first else { return unavailable("the user was refused without a reason") }
        return .refused(
            IdentityRefusal(
                first, Array(findings.dropFirst()), warnings: refusal.warnings.map { IdentityFinding($0, in: place) }))
    }

    private static func refusal(_ error: SigningError) -> IdentityVerdict<VerifiedToken<UserClaims>> {
        guard case .refused(let refusal) = error else { return unavailable("the user could not be signed: \(error)") }
        return refused(refusal, in: "user")
    }
}
