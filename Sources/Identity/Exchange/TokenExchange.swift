import NKeys
import Subjects
import Trust

/// Exchanges a token for a user token (RFC 8693): short-lived, for one audience, bound to the key of whoever asks, and
/// never wider or longer than the token it is issued for.
///
/// ```swift
/// let exchange = TokenExchange(configuration, foreign: verifier, issuer: issuer, accounts: accounts, proofs: proofs)
/// switch await exchange.exchange(form: body, at: now) {
/// case .issued(let user): …                 // written down first, handed out then
/// case .refused(let refusal, let party): …  // `ExchangeError(refusal)`, `refusal.failures`
/// }
/// ```
/// The rules are judged in this order: the form; the proof; the subject token; the actor; the audience; what is asked
/// for; and the user that was signed, as a server would judge it. The first step that refuses ends it, and names all
/// that failed in it.
public final class TokenExchange: Sendable {
    /// For how long a user of one of our user tokens is issued unless another time is asked for, in seconds.
    public static let usualLifetime: Int64 = 600

    private let configuration: IdentityConfiguration
    private let foreign: ForeignTokenVerifier
    private let issuer: UserIssuer
    let accounts: any IssuingAccounts
    private let proofs: ProofMemory
    let tokens: TokenVerifier

    /// An exchange by these parts.
    ///
    /// - Parameters:
    ///   - configuration: the service's names, its audiences, roles and longest lifetime.
    ///   - foreign: verifies tokens of its foreign issuers.
    ///   - issuer: signs users.
    ///   - accounts: the accounts whose users our user tokens are.
    ///   - proofs: which proofs were taken; one for as long as the process lives, whatever is configured anew.
    ///   - tokens: how tokens of our own are judged. Its audiences are set to the service's names.
    public init(
        _ configuration: IdentityConfiguration, foreign: ForeignTokenVerifier, issuer: UserIssuer,
        accounts: any IssuingAccounts, proofs: ProofMemory, tokens: TokenVerifier = TokenVerifier()
    ) {
        (self.configuration, self.foreign, self.issuer) = (configuration, foreign, issuer)
        (self.accounts, self.proofs) = (accounts, proofs)
        var tokens = tokens
        tokens.policy.audiences = Set(configuration.names.map(\.text))
        self.tokens = tokens
    }

    /// The audiences that users may be asked for.
    public var audiences: AudienceRegistry { configuration.audiences }

    /// Judges a request by its form, and signs what it asks for.
    public func exchange(form bytes: [UInt8], at now: UnixTime) async -> ExchangeOutcome {
        do throws(ExchangeForm.Fault) { return await exchange(try ExchangeForm(bytes), at: now) } catch {
            return .refused(IdentityRefusal(.exchangeRequest, at: "body", "\(error)"), about: ExchangeParty())
        }
    }

    /// Judges a request, and signs what it asks for.
    public func exchange(_ form: ExchangeForm, at now: UnixTime) async -> ExchangeOutcome {
        var party = ExchangeParty()
        do throws(IdentityRefusal) {
            return .issued(try await exchange(form, at: now, &party))
        } catch {
            return .refused(error, about: party)
        }
    }

    private func exchange(
        _ form: ExchangeForm, at now: UnixTime, _ party: inout ExchangeParty
    ) async throws(IdentityRefusal) -> IssuedUser {
        let request = try ExchangeRequest(form, audiences: configuration.audiences)
        let proof = try Self.proved(
            ExchangeProof.judge(
                request.proof, for: request.subjectToken, audience: request.audience, names: configuration.names,
                verifier: tokens, at: now)
        ).proof
        let subject = try await subject(of: request, at: now)
        party = subject.party
        let actor = try await actor(of: request, for: subject, proof, at: now)
        try take(proof, at: now)
        var order = try order(for: subject, request, proof.key, at: now)
        order.audience = request.audience.text
        order.expires = try expiry(of: subject, request, at: now)
        order.actor = try ExchangeActor.member(actor, before: subject.actors)
        let scope = try await narrow(&order, for: subject, to: request.permissions, at: now)
        let issued = try Self.proved(await issuer.issue(order, at: now))
        return IssuedUser(
            token: issued.proof, party: party, lifetime: order.expires.seconds - now.seconds, scope: scope,
            warnings: subject.warnings + issued.warnings)
    }

    // MARK: Subjects

    /// What a subject token turned out to be.
    struct Subject {
        enum Kind {
            case foreign(VerifiedForeignToken, RoleGrant)
            case user(TrustedUser)
        }

        let kind: Kind
        /// Those who acted already.
        let actors: ExchangeActor.Chain
        let warnings: [IdentityFinding]

        var party: ExchangeParty {
            switch kind {
            case .user(let user): return ExchangeParty(account: user.account.key.text)
            case .foreign(_, let grant):
                let account: String
                switch grant.role.target {
                case .account(let key): account = key.text
                case .named(let name): account = name
                }
                return ExchangeParty(account: account, role: grant.role.name)
            }
        }
    }

    private func subject(of request: ExchangeRequest, at now: UnixTime) async throws(IdentityRefusal) -> Subject {
        if request.subjectType == .jwt, let named = Self.named(in: request.subjectToken) {
            let (user, warnings) = try await user(request.subjectToken, in: named, at: now, at: "subject_token")
            guard !user.isBearer else {
                throw IdentityRefusal(
                    .exchangeSubject, at: "subject_token",
                    "it is a bearer token: who holds it need not be whom it was issued to")
            }
            return Subject(kind: .user(user), actors: try .init(of: user.claims), warnings: warnings)
        }
        let (token, warnings) = try Self.proved(await foreign.verify(request.subjectToken, at: now))
        if let issuer = configuration.issuers.first(where: { $0.issuer == token.issuer }) {
            let isMeant = request.subjectType == .jwt || (request.subjectType == .id) == (issuer.kind == .id)
            guard isMeant else {
                throw IdentityRefusal(
                    .exchangeTokenType, at: "subject_token_type", "tokens of this issuer are of another type")
            }
        }
        let grant = try Self.proved(configuration.roles.grant(token, for: request.audience)).proof
        return Subject(kind: .foreign(token, grant), actors: try .init(of: token.claims), warnings: warnings)
    }

    /// The account that a token of one of our users names; nil for a token of others.
    private static func named(in token: String) -> PublicKey? {
        var token = token
        return token.withUTF8 { UnverifiedSubject.unsafeUser(utf8: $0) }?.account
    }

    /// One of our users, judged as at rest: the T rules, and every C rule but those of a connection.
    private func user(
        _ token: String, in account: PublicKey, at now: UnixTime, at place: String
    ) async throws(IdentityRefusal) -> (TrustedUser, [IdentityFinding]) {
        guard let operatorToken = await accounts.operator(at: now) else {
            throw IdentityRefusal(
                .exchangeUnavailable, at: place, "the operator's token is not known, or not in force")
        }
        guard let accountToken = await accounts.account(account, at: now) else {
            throw IdentityRefusal(
                IdentityFinding(Finding(.accountUnknown, at: "account", .accountNotKnown(account)), in: place))
        }
        guard accountToken.subject == account else {
            let finding = Finding(.accountMismatch, at: "account.sub", .otherAccountReturned(accountToken.subject))
            throw IdentityRefusal(IdentityFinding(finding, in: place))
        }
        let chain = ChainVerifier(anchors: TrustAnchors([operatorToken]), verifier: tokens)
        let trusted = try Self.proved(
            issuer.judged.account(accountToken, under: operatorToken, by: chain, at: now), at: place)
        let (user, warnings) = try Self.proved(chain.user(token, of: trusted.proof, at: now), at: place)
        return (user, warnings)
    }

    // MARK: Who asks

    /// Whoever acts for the subject; nil where the subject asks for itself.
    private func actor(
        of request: ExchangeRequest, for subject: Subject, _ proof: ExchangeProof, at now: UnixTime
    ) async throws(IdentityRefusal) -> TrustedUser? {
        if case .foreign(let token, _) = subject.kind { try KeyConfirmation.check(token.claims, key: proof.key) }
        guard let token = request.actorToken else {
            if case .user(let user) = subject.kind, user.key != proof.key {
                throw IdentityRefusal(
                    .exchangeProof, at: ExchangeProof.place,
                    "the proof is of another key than the one that the subject token was issued to")
            }
            return nil
        }
        guard let account = Self.named(in: token) else {
            throw IdentityRefusal(.exchangeActor, at: "actor_token", "it is no token of a user of ours")
        }
        let (actor, _) = try await user(token, in: account, at: now, at: "actor_token")
        guard !actor.isBearer, actor.key == proof.key else {
            throw IdentityRefusal(
                .exchangeActor, at: "actor_token",
                "it has to be the token of the key that is proved, and no bearer token")
        }
        let isNamed =
            switch subject.kind {
            case .user(let user): ExchangeActor.isNamed(actor, in: user.claims)
            case .foreign(let token, let grant):
                grant.role.delegates.contains(actor.key) || ExchangeActor.isNamed(actor, in: token.claims)
            }
        guard isNamed else {
            throw IdentityRefusal(
                .exchangeActor, at: "actor_token", "neither the subject token nor a role lets this user act for it")
        }
        return actor
    }

    private func take(_ proof: ExchangeProof, at now: UnixTime) throws(IdentityRefusal) {
        switch proofs.take(proof, at: now) {
        case .taken: return
        case .replayed:
            throw IdentityRefusal(
                .exchangeProof, at: ExchangeProof.place, "the proof has been taken before: make a new one")
        case .older:
            throw IdentityRefusal(
                .exchangeProof, at: ExchangeProof.place,
                "the proof was made before this service began to remember proofs: make a new one")
        case .full:
            throw IdentityRefusal(
                .exchangeUnavailable, at: ExchangeProof.place, "too many proofs are remembered: try again later")
        }
    }

    // MARK: What is issued

    /// What the subject's user is, before anything is narrowed: where, by which key, and what it is called.
    private func order(
        for subject: Subject, _ request: ExchangeRequest, _ key: PublicKey, at now: UnixTime
    ) throws(IdentityRefusal) -> UserOrder {
        switch subject.kind {
        case .foreign(_, let grant):
            return grant.order(for: key, at: now, atMost: configuration.maximumLifetime)
        case .user(let user):
            try admit(user, to: request.audience)
            guard let signingKey = plainKey(of: user.account) else {
                throw IdentityRefusal(
                    .exchangeUnavailable, at: "", "no signing key without a role of the user's account is configured")
            }
            var order = UserOrder(
                key: key, target: .account(user.account.key), signingKey: signingKey, name: user.claims.common.name,
                expires: now)
            order.tags = user.claims.tags
            order.limits =
                user.scope.map { $0.limits.explicit(asRole: true) } ?? user.claims.limits.explicit(asRole: false)
            return order
        }
    }

    /// Whether an audience takes users of this account: where keys of accounts stand beside its name, one of them is of
    /// this account.
    private func admit(_ user: TrustedUser, to audience: AudienceName) throws(IdentityRefusal) {
        let keys =
            configuration.audiences.entries.first { $0.name == audience }?.keys.filter { $0.role == .account } ?? []
        let own = [user.account.key] + user.account.claims.signingKeys.map(\.key)
        guard keys.isEmpty || !Set(keys).isDisjoint(with: own) else {
            throw IdentityRefusal(
                .exchangeAudience, at: "audience", "the audience `\(audience)` is not one for users of this account")
        }
    }

    /// A configured key that signs users of the account who carry their permissions themselves.
    private func plainKey(of account: TrustedAccount) -> PublicKey? {
        for key in account.claims.signingKeys {
            if case .plain(let key) = key, issuer.keys.contains(key) { return key }
        }
        return !account.strictSigningKeys && issuer.keys.contains(account.key) ? account.key : nil
    }

    /// When the new token ends (X-lifetime): never after its source.
    private func expiry(
        of subject: Subject, _ request: ExchangeRequest, at now: UnixTime
    ) throws(IdentityRefusal) -> UnixTime {
        let most: Int64
        let usual: Int64
        let source: UnixTime?
        switch subject.kind {
        case .foreign(let token, let grant):
            most = min(grant.role.lifetime, configuration.maximumLifetime)
            usual = most
            source = token.expires
        case .user(let user):
            most = configuration.maximumLifetime
            usual = min(Self.usualLifetime, most)
            source = [user.expires, user.account.expires].compactMap { $0 }.min()
        }
        let remaining = source.map { $0.seconds - now.seconds } ?? .max
        guard let asked = request.lifetime else { return now.advanced(by: min(usual, remaining)) }
        guard asked <= most else {
            throw IdentityRefusal(
                .exchangeLifetime, at: "credence_lifetime", "at most \(most) seconds can be asked for")
        }
        guard asked <= remaining else {
            throw IdentityRefusal(
                .exchangeLifetime, at: "credence_lifetime",
                "the subject token ends in \(remaining) seconds, and nothing is issued that ends after it")
        }
        return now.advanced(by: asked)
    }
}
