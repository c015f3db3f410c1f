import NKeys
import Subjects
import Trust

/// One account and its users, judged by their T and C rules, and what the checks need to know of them. The tokens of
/// users are not kept.
public struct AccountSurvey: Sendable {
    /// What the account is, for its imports and for those who import from it.
    enum Standing: Sendable {
        case trusted(TrustedAccount)
        /// Refused; with what its token says, if it says anything.
        case refused(Refusal, AccountClaims?)
        case unread
    }

    /// A user of the account.
    struct User: Sendable {
        let name: String
        let origin: Origin
        let key: PublicKey?
        /// Who signed it, where the account lists no such key.
        let unknownSigner: PublicKey?
        let isAccepted: Bool
        let isBearer: Bool
        let neverExpires: Bool
        /// Whom its token is meant for.
        let audience: String?
        /// Whether it may subscribe to the inboxes of others.
        let readsInboxes: Bool
    }

    let entryName: String
    let filedUnder: PublicKey?
    let origin: Origin
    let standing: Standing
    /// Nil when the source knows no users.
    let users: [User]?
    /// What stands against the account and its users by themselves.
    let findings: [AuditFinding]
    /// The token, where the advisory's checks need it.
    let token: [UInt8]?

    /// What the token says; nil when it cannot be read.
    var claims: AccountClaims? {
        switch standing {
        case .trusted(let account): account.claims
        case .refused(_, let claims): claims
        case .unread: nil
        }
    }

    var trusted: TrustedAccount? {
        if case .trusted(let account) = standing { account } else { nil }
    }

    /// The account's key as its token states it.
    var key: PublicKey? {
        guard let key = claims?.common.subject, key.role == .account else { return nil }
        return key
    }

    var subject: AuditFinding.Subject {
        AuditFinding.Subject(key: key ?? filedUnder, name: Wording.name(claims?.common.name, or: entryName))
    }
}

extension Auditor {
    /// Judges an account and its users. Any thread.
    ///
    /// - Complexity: two signature checks at most a token.
    public func survey(_ entry: AuditEntry) -> AccountSurvey {
        let verdict = entry.token.map { token in
            token.withUnsafeBufferPointer { chain.account(utf8: $0, for: entry.filedUnder, at: now) }
        }
        let standing: AccountSurvey.Standing =
            switch verdict {
            case .accepted(let account, _)?: .trusted(account)
            case .refused(let refusal)?: .refused(refusal, entry.token.flatMap { report($0).claims as? AccountClaims })
            case nil: .unread
            }
        var survey = AccountSurvey(
            entryName: entry.name, filedUnder: entry.filedUnder, origin: entry.origin, standing: standing, users: nil,
            findings: [], token: extent.hasAdvisory ? entry.token : nil)
        let subject = survey.subject
        var findings = entry.faults.map { $0.finding(of: subject) }
        guard extent.isFull else { return survey.with(nil, findings) }
        if let verdict {
            // What stands against the operator is told once, with the operator.
            findings += Grading.findings(of: verdict, subject: subject, at: .whole, in: entry.origin) {
                $0.place.path.hasPrefix("operator.")
            }
        }
        let users = entry.users.map { users in
            users.map { self.user($0, of: survey, token: entry.token, &findings) }
        }
        survey = survey.with(users, findings)
        return survey.with(users, findings + deletedUsers(entry.credentials, of: survey))
    }

    private func user(
        _ stored: StoredToken, of account: AccountSurvey, token: [UInt8]?, _ findings: inout [AuditFinding]
    ) -> AccountSurvey.User {
        let verdict = verdict(on: stored, of: account, token: token)
        let place = Place(Wording.place(ofUser: stored.name))
        findings += Grading.findings(of: verdict, subject: account.subject, at: place, in: stored.origin) {
            $0.place.path.hasPrefix("account") || $0.place.path.hasPrefix("operator.")
        }
        if let user = verdict.proof {
            findings += outlived(user.claims, in: account, at: place, stored.origin)
            return AccountSurvey.User(
                name: stored.name, origin: stored.origin, key: user.key, unknownSigner: nil, isAccepted: true,
                isBearer: user.isBearer, neverExpires: user.claims.common.expires == nil,
                audience: user.claims.common.audience,
                readsInboxes: SharedInbox.isRead(by: user.permissions.lists))
        }
        let claims = report(stored.token).claims as? UserClaims
        if let claims { findings += outlived(claims, in: account, at: place, stored.origin) }
        let isUnknown = verdict.failures.contains { $0.rule == .userSigner && $0.detail == .userSignerUnknown }
        return AccountSurvey.User(
            name: stored.name, origin: stored.origin, key: claims?.common.subject,
            unknownSigner: isUnknown ? claims?.common.issuer : nil, isAccepted: false, isBearer: false,
            neverExpires: false, audience: claims?.common.audience, readsInboxes: false)
    }

    private func verdict(on user: StoredToken, of account: AccountSurvey, token: [UInt8]?) -> Verdict<TrustedUser> {
        if let trusted = account.trusted {
            return user.token.withUnsafeBufferPointer { chain.user(utf8: $0, of: trusted, at: now) }
        }
        // A user of a refused account is told its own faults too.
        let resolver = OneAccount(token: token.map { String(decoding: $0, as: UTF8.self) })
        return chain.user(String(decoding: user.token, as: UTF8.self), resolver: resolver, at: now)
    }

    /// Creds that still let a user in whose token is gone from the store.
    private func deletedUsers(_ credentials: [StoredToken], of account: AccountSurvey) -> [AuditFinding] {
        guard let trusted = account.trusted, let users = account.users else { return [] }
        let known = Set(users.compactMap(\.key))
        return credentials.compactMap { creds in
            let verdict = creds.token.withUnsafeBufferPointer { chain.user(utf8: $0, of: trusted, at: now) }
            guard let user = verdict.proof, !known.contains(user.key) else { return nil }
            return AuditFinding(
                .audit(.userDeleted), of: account.subject, at: Place(Wording.place(ofUser: creds.name)),
                in: creds.origin,
                "`\(user.key.text)` has creds that still let it in, and no token in the store")
        }
    }

    /// Whether a user token is dated ahead of the clock, and so of a revocation that is there for it.
    private func outlived(
        _ user: UserClaims, in account: AccountSurvey, at place: Place, _ origin: Origin
    ) -> [AuditFinding] {
        guard let revocations = account.claims?.revocations,
            let times = FutureDate.outliving(revocations, user.common, at: now)
        else { return [] }
        return [
            AuditFinding(
                .audit(.revocationOutlived), of: account.subject, at: place.member("iat"), in: origin,
                "revoked at \(times.revoked), and the token says that it was issued at "
                    + "\(times.issued), ahead of now, \(now)")
        ]
    }
}

/// Tokens that are dated ahead of the clock.
enum FutureDate {
    /// The revocation that a token from the future outlives, and the token's date; nil when there is none.
    static func outliving(
        _ revocations: Revocations, _ common: CommonClaims, at now: UnixTime
    ) -> (revoked: UnixTime, issued: UnixTime)? {
        guard let issued = common.issuedAt, issued > now,
            revocations.time(covering: common.subject, issuedAt: issued) == nil,
            let revoked = revocations.time(covering: common.subject, issuedAt: nil)
        else { return nil }
        return (revoked, issued)
    }
}

extension AccountSurvey {
    fileprivate func with(_ users: [User]?, _ findings: [AuditFinding]) -> AccountSurvey {
        AccountSurvey(
            entryName: entryName, filedUnder: filedUnder, origin: origin, standing: standing, users: users,
            findings: findings, token: token)
    }
}

/// Knows the one account that a user is kept with, whatever key it is asked for.
private struct OneAccount: AccountResolver {
    let token: String?

    func account(for key: PublicKey) throws(AccountResolverError) -> ResolvedAccount? {
        token.map { .token($0) }
    }
}
