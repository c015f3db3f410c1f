import NKeys

/// A user that a trusted account stands for: its token holds by the T rules and it by every C rule that was asked,
/// at the time it was judged. Only `ChainVerifier.user` makes one.
public struct TrustedUser: Sendable {
    /// What the token says.
    public let claims: UserClaims
    /// The token as received.
    public let text: String
    /// The account that the user acts in.
    public let account: TrustedAccount
    /// The role, for a user of a scoped key.
    public let scope: UserScope?
    /// From this second on the user must not be connected: its token is expired, or the window of the day in which it
    /// connected is over. Nil for never. The account's expiry is the account's own.
    public let expires: UnixTime?

    fileprivate init(
        claims: UserClaims, text: String, account: TrustedAccount, scope: UserScope?, expires: UnixTime?
    ) {
        self.claims = claims
        self.text = text
        self.account = account
        self.scope = scope
        self.expires = expires
    }

    /// The user's key.
    public var key: PublicKey { claims.common.subject }
    /// Whether the user need not prove that it holds its key.
    public var isBearer: Bool { (scope?.limits ?? claims.limits).bearer }
    /// The limits that hold: the smaller of the user's (or its role's) and the account's.
    public var limits: EffectiveLimits {
        EffectiveLimits(scope?.limits ?? claims.limits, isRole: scope != nil, account: account.claims.limits)
    }
    /// What the user may do. Made anew at every call: a role's template is expanded here, so keep the answer.
    public var permissions: EffectivePermissions {
        EffectivePermissions(of: claims, in: account.claims, scope: scope)
    }
}

extension ChainVerifier {
    /// Judges a user of `account` at rest, as in a store: the T rules, and who signed it, its role, revocation, bearer
    /// and audience. What only a connection can show is not asked.
    public func user(_ token: String, of account: TrustedAccount, at now: UnixTime) -> Verdict<TrustedUser> {
        judge(token, in: .given(account), nil, at: now)
    }

    /// Judges the bytes of a user token at rest, as above.
    public func user(
        utf8 token: UnsafeBufferPointer<UInt8>, of account: TrustedAccount, at now: UnixTime
    ) -> Verdict<TrustedUser> {
        judge(token, in: .given(account), nil, at: now)
    }

    /// Judges a user of `account` at rest whose token has been verified; its signature is not checked twice.
    public func user(
        _ token: VerifiedToken<UserClaims>, of account: TrustedAccount, at now: UnixTime
    ) -> Verdict<TrustedUser> {
        var text = token.text
        return text.withUTF8 { judge($0, in: .given(account), nil, at: now, signature: .valid) }
    }

    /// Judges a user of `account` who wants to connect: as at rest, and by every rule of the connection.
    public func user(
        _ token: String, of account: TrustedAccount, connection: ConnectionContext, at now: UnixTime
    ) -> Verdict<TrustedUser> {
        judge(token, in: .given(account), connection, at: now)
    }

    /// Judges a user who wants to connect: its account is the one that `issuer_account`, or else `iss`, names, as the
    /// resolver knows it.
    ///
    /// The resolver is asked only about a token that is signed by whom it names.
    public func user(
        _ token: String, resolver: some AccountResolver, connection: ConnectionContext, at now: UnixTime
    ) -> Verdict<TrustedUser> {
        judge(token, in: .resolver(resolver), connection, at: now)
    }

    /// The same for a token whose signature is not checked again: only for a text that is byte for byte one whose
    /// signature was found valid before. Whoever calls this vouches for that. Everything else is judged as ever, the
    /// connection's proof included.
    public func user(
        unsafeTokenWithKnownSignature token: String, resolver: some AccountResolver, connection: ConnectionContext,
        at now: UnixTime
    ) -> Verdict<TrustedUser> {
        var token = token
        return token.withUTF8 { judge($0, in: .resolver(resolver), connection, at: now, signature: .valid) }
    }

    /// Judges a user at rest, in the account that the resolver knows.
    public func user(_ token: String, resolver: some AccountResolver, at now: UnixTime) -> Verdict<TrustedUser> {
        judge(token, in: .resolver(resolver), nil, at: now)
    }
}

extension ChainVerifier {
    /// Judges a connected user again, because its account's token is another: as at rest, without a signature check,
    /// because what it signed has not changed.
    ///
    /// What only its connection could show was judged when it came, and its end for the hours of the day stays.
    public func user(
        _ user: TrustedUser, movedTo account: TrustedAccount, at now: UnixTime
    ) -> Verdict<TrustedUser> {
        var judgement = Judgement(verifier.policy)
        if account.key != user.account.key {
            judgement.fail(.accountMismatch, at: "account.sub", .otherAccountReturned(account.key))
        }
        if let expires = user.expires, now >= expires {
            judgement.fail(.tokenExpired, at: "exp", .expired(at: expires, now: now))
        }
        judgeAgain(account, &judgement, at: now)
        var judge = UserJudge(user.claims, in: account.standing, verifier: verifier, now: now, judgement)
        judge.judge(nil)
        if let refusal = judge.judgement.refusal { return .refused(refusal) }
        return judge.judgement.verdict(
            TrustedUser(
                claims: user.claims, text: user.text, account: account, scope: judge.scope, expires: user.expires))
    }
}

extension ChainVerifier {
    private enum AccountSource {
        case given(TrustedAccount)
        case resolver(any AccountResolver)
    }

    private static let restRules: [Rule] = [
        .userSigner, .userScope, .template, .templateValue, .userRevoked, .userBearer, .userAudience,
    ]
    private static let connectionRules: [Rule] = [
        .accountLimit, .userProof, .userSource, .userHours, .userConnection, .userProxy,
    ]
    private static let accountRules: [Rule] = [
        .accountSigner, .accountUnknown, .accountPinned, .accountMismatch, .localSubject, .accountLimits,
    ]

    private func judge(
        _ token: String, in source: AccountSource, _ connection: ConnectionContext?, at now: UnixTime
    ) -> Verdict<TrustedUser> {
        var token = token
        return token.withUTF8 { judge($0, in: source, connection, at: now) }
    }

    private func judge(
        _ token: UnsafeBufferPointer<UInt8>, in source: AccountSource, _ connection: ConnectionContext?,
        at now: UnixTime, signature: KnownSignature = .notChecked
    ) -> Verdict<TrustedUser> {
        var tokenJudge = TokenJudge(verifier: verifier, expected: .type(.user), now: now, signature: signature)
        tokenJudge.judge(token)
        var judgement = tokenJudge.judgement
        let userRules = connection == nil ? Self.restRules : Self.restRules + Self.connectionRules
        guard let claims = tokenJudge.read?.claims(as: UserClaims.self) else {
            judgement.couldNotJudge(userRules)
            if case .resolver = source { judgement.couldNotJudge(Self.accountRules) }
            return .refused(judgement.refusal ?? Refusal(Self.unread))
        }
        let (account, standing) = account(of: claims, from: source, &judgement, at: now)
        guard let standing else {
            judgement.couldNotJudge(userRules)
            return .refused(judgement.refusal ?? Refusal(Self.unread))
        }
        var judge = UserJudge(claims, in: standing, verifier: verifier, now: now, judgement)
        judge.judge(connection)
        guard let account, !judge.judgement.hasFailed else {
            return .refused(judge.judgement.refusal ?? Refusal(Self.unread))
        }
        let expires = [claims.common.expires, judge.hoursEnd].compactMap { $0 }.min()
        let user = TrustedUser(
            claims: claims, text: String(decoding: token, as: UTF8.self), account: account, scope: judge.scope,
            expires: expires)
        return judge.judgement.verdict(user)
    }

    /// The account of a user. What stands against it goes to the judgement, at places that begin with `account`.
    private func account(
        of user: UserClaims, from source: AccountSource, _ judgement: inout Judgement, at now: UnixTime
    ) -> (TrustedAccount?, AccountStanding?) {
        switch source {
        case .given(let account):
            judgeAgain(account, &judgement, at: now)
            return (account, account.standing)
        case .resolver(let resolver):
            // A forged token must not make the resolver look for accounts.
            if judgement.failures.contains(where: { $0.rule == .tokenSignature }) {
                judgement.couldNotJudge(Self.accountRules)
                return (nil, nil)
            }
            return resolve(user, with: resolver, &judgement, at: now)
        }
    }

    private func resolve(
        _ user: UserClaims, with resolver: any AccountResolver, _ judgement: inout Judgement, at now: UnixTime
    ) -> (TrustedAccount?, AccountStanding?) {
        let key = user.issuerAccount ?? user.common.issuer
        let place: Place = user.issuerAccount == nil ? "iss" : "issuer_account"
        let resolved: ResolvedAccount?
        do throws(AccountResolverError) {
            resolved = try resolver.account(for: key)
            if resolved == nil { judgement.refuse(.accountUnknown, at: place, .accountNotKnown(key)) }
        } catch {
            judgement.refuse(.accountUnknown, at: place, .text("the account resolver failed: \(error)"))
            resolved = nil
        }
        switch resolved {
        case .token(var text)?, .unsafeTokenWithKnownSignature(var text)?:
            var signature = KnownSignature.notChecked
            if case .unsafeTokenWithKnownSignature? = resolved { signature = .valid }
            let (verdict, standing) = text.withUTF8 {
                judgeAccount($0, for: key, at: now, signature: &signature)
            }
            judgement.merge(verdict.atPlacesOfAccount())
            return (verdict.proof, standing)
        case .trusted(let account)?:
            if account.key != key {
                judgement.fail(.accountMismatch, at: "account.sub", .otherAccountReturned(account.key))
            }
            judgeAgain(account, &judgement, at: now)
            return (account, account.standing)
        case nil:
            if !isAdmitted(key) { judgement.fail(.accountPinned, at: place, .accountNotPinned) }
            judgement.couldNotJudge([.accountSigner, .accountMismatch, .localSubject, .accountLimits])
            return (nil, nil)
        }
    }

    /// What time and configuration can have changed since the account was judged.
    private func judgeAgain(_ account: TrustedAccount, _ judgement: inout Judgement, at now: UnixTime) {
        if let expires = account.claims.common.expires, now >= expires {
            judgement.fail(.tokenExpired, at: "account.exp", .expired(at: expires, now: now))
        }
        if let expires = account.operatorExpires, now >= expires {
            judgement.fail(.tokenExpired, at: "operator.exp", .expired(at: expires, now: now))
        }
        if !isAdmitted(account.key) { judgement.fail(.accountPinned, at: "account.sub", .accountNotPinned) }
    }
}

extension Verdict {
    /// The verdict on an account as part of the verdict on its user.
    fileprivate func atPlacesOfAccount() -> Verdict {
        func moved(_ findings: [Finding]) -> [Finding] {
            findings.map { finding in
                let path = finding.place.path
                if path.hasPrefix("operator.") { return finding }
                return finding.moved(to: path.isEmpty ? "account" : Place("account.\(path)"))
            }
        }
        switch self {
        case .accepted(let proof, let warnings): return .accepted(proof, warnings: moved(warnings))
        case .refused(let refusal):
            let failures = moved(refusal.failures)
            guard let first = failures.first else { return self }
            return .refused(
                Refusal(
                    first, Array(failures.dropFirst()), warnings: moved(refusal.warnings), notJudged: refusal.notJudged)
            )
        }
    }
}
