import NKeys
import Subjects

/// Whether a subject that was revoked may be signed for again: the new token would be newer than its revocation.
public enum RevokedSubjects: Hashable, Sendable {
    /// Signing is refused.
    case refused
    /// The new token is made newer than the revocation, so that it counts.
    case readmitted
}

extension TokenSigner {
    /// Signs an account for the operator: by its identity key, unless it demands signing keys, or by a signing key
    /// (C-account-signer).
    public func sign(
        _ account: AccountClaims, under operator: VerifiedToken<OperatorClaims>, replacing previous: UnixTime? = nil,
        at now: UnixTime
    ) throws(SigningError) -> VerifiedToken<AccountClaims> {
        var judgement = Judgement(policy)
        let isIdentity = key == `operator`.subject
        if isIdentity, `operator`.claims.strictSigningKeys {
            judgement.fail(.accountSigner, at: "iss", .accountSignerIsIdentity)
        } else if !isIdentity, !`operator`.claims.signingKeys.contains(key) {
            judgement.fail(.accountSigner, at: "iss", .accountSignerUnknown)
        }
        if let refusal = judgement.refusal { throw .refused(refusal) }
        return try sign(account, replacing: previous, at: now)
    }

    /// Signs a user of the account: by its identity key, unless the operator demands signing keys, or by a signing
    /// key, and then `issuer_account` is set (C-user-signer).
    ///
    /// A scoped key gives the user the role's permissions and limits. Limits that only say that there are none are
    /// taken out; every other permission or limit of the user's own is refused (C-user-scope). Without `operator`,
    /// which an account's owner may not have, it is taken to allow identity keys.
    public func sign(
        _ user: UserClaims, for account: VerifiedToken<AccountClaims>, under operator: VerifiedToken<OperatorClaims>?,
        replacing previous: UnixTime? = nil, revoked: RevokedSubjects = .refused, at now: UnixTime
    ) throws(SigningError) -> VerifiedToken<UserClaims> {
        var user = user
        var judgement = Judgement(policy)
        let isBearer: Bool
        switch authority(over: account, under: `operator`) {
        case .identity(let isAllowed):
            if !isAllowed { judgement.fail(.userSigner, at: "iss", .userSignerIsIdentity) }
            isBearer = user.limits.bearer
        case .plain:
            isBearer = user.limits.bearer
        case .scoped(let scope):
            if user.limits == .unlimited { user.limits = UserLimits() }
            if user.permissions.isEmpty { user.permissions = PermissionClaims() }
            if !user.permissions.isEmpty || !user.limits.isEmpty {
                judgement.fail(.userScope, at: .whole, .scopedUserNotEmpty)
            }
            for fault in scope.faults { judgement.add(fault) }
            user.issuerAccount = user.issuerAccount ?? account.subject
            judgeTemplate(of: scope, for: user, in: account.claims, &judgement)
            isBearer = scope.limits.bearer
        case .none:
            judgement.fail(.userSigner, at: "iss", .userSignerUnknown)
            isBearer = user.limits.bearer
        }
        if let named = user.issuerAccount, named != account.subject {
            judgement.fail(.userSigner, at: "issuer_account", .issuerAccountMismatch)
        }
        if isBearer, account.claims.limits.disallowsBearer {
            judgement.fail(.userBearer, at: "bearer_token", .bearerNotAllowed)
        }
        let others = account.claims.revocations
        let after = readmission(
            of: user.common.subject, from: [others], as: .userRevoked, revoked, previous, now, &judgement)
        if let refusal = judgement.refusal { throw .refused(refusal) }
        if key != account.subject { user.issuerAccount = account.subject }
        return try sign(user, replacing: after, at: now)
    }

    /// Signs an activation of what the account exports: by its identity key, unless the operator demands signing
    /// keys, or by a signing key without a role (B-exporter, B-scoped-signer).
    ///
    /// What could never bind is refused: a subject outside every export of the kind, an importer that is not at the
    /// export's account position, an audience that is not the importer.
    public func sign(
        _ activation: ActivationClaims, exportedBy account: VerifiedToken<AccountClaims>,
        under operator: VerifiedToken<OperatorClaims>?, replacing previous: UnixTime? = nil,
        revoked: RevokedSubjects = .refused, at now: UnixTime
    ) throws(SigningError) -> VerifiedToken<ActivationClaims> {
        var activation = activation
        var judgement = Judgement(policy)
        switch authority(over: account, under: `operator`) {
        case .identity(let isAllowed):
            if !isAllowed { judgement.fail(.activationExporter, at: "iss", .exporterKeyIsIdentity) }
        case .plain: break
        case .scoped: judgement.fail(.activationScopedSigner, at: "iss", .scopedKeySigned)
        case .none: judgement.fail(.activationExporter, at: "iss", .exporterKeyUnknown)
        }
        if let named = activation.issuerAccount, named != account.subject {
            judgement.fail(.activationExporter, at: "issuer_account", .exporterIssuerAccountMismatch)
        }
        let importer = activation.common.subject
        if importer == account.subject { judgement.fail(.tokenContent, at: "sub", .importFromSelf) }
        if let audience = activation.common.audience, audience != "*", audience != importer.text {
            judgement.fail(.activationAudience, at: "aud", .audienceNotImporter)
        }
        let exports = exports(of: account.claims, for: activation, &judgement)
        for export in exports {
            let position = export.accountTokenPosition
            if position > 0, activation.subject.token(at: position - 1) != importer.text {
                judgement.fail(.accountPosition, at: "subject", .positionNotImporter(position))
            }
        }
        let after = readmission(
            of: importer, from: exports.map(\.revocations), as: .activationRevoked, revoked, previous, now, &judgement)
        if let refusal = judgement.refusal { throw .refused(refusal) }
        if key != account.subject { activation.issuerAccount = account.subject }
        return try sign(activation, replacing: after, at: now)
    }

    // MARK: What the key is to an account

    private enum Authority {
        case identity(isAllowed: Bool)
        case plain
        case scoped(UserScope)
        case none
    }

    private func authority(
        over account: VerifiedToken<AccountClaims>, under operator: VerifiedToken<OperatorClaims>?
    ) -> Authority {
        // The identity key stays one even where the account lists it as a signing key.
        if key == account.subject { return .identity(isAllowed: `operator`?.claims.strictSigningKeys != true) }
        switch account.claims.signingKey(key) {
        case .plain: return .plain
        case .scoped(let scope): return .scoped(scope)
        case nil: return .none
        }
    }

    /// C-template and C-template-value: what the user's values make of the role's template, as a login will ask.
    private func judgeTemplate(
        of scope: UserScope, for user: UserClaims, in account: AccountClaims, _ judgement: inout Judgement
    ) {
        let index = account.signingKeys.firstIndex { $0.key == scope.key } ?? 0
        let values = TemplateValues(user: user, account: account)
        var expansion = TemplateExpansion(
            values, for: .judging, at: Place("signing_keys").element(index), policy: policy)
        expansion.judge(scope.permissions)
        judgement.merge(expansion.judgement.verdict(values))
    }

    /// The exports that decide about the activation (B-export-choice): the one of the same pattern, else all of its
    /// kind that contain it.
    private func exports(
        of account: AccountClaims, for activation: ActivationClaims, _ judgement: inout Judgement
    ) -> [Export] {
        let containing = account.exports.filter { $0.subject.contains(activation.subject) }
        let exports = containing.filter { $0.kind == activation.kind }
        if let exact = exports.first(where: { $0.subject == activation.subject }) { return [exact] }
        if exports.isEmpty {
            judgement.fail(.exportMissing, at: "subject", containing.isEmpty ? .notExported : .otherKindExported)
        }
        return exports
    }

    /// The time that the new token's `iat` must be after, for it not to be revoked from the start. Whoever was
    /// revoked comes back only when that is asked for; someone new is not held to be revoked with everyone.
    private func readmission(
        of subject: PublicKey, from revocations: [Revocations], as rule: Rule, _ revoked: RevokedSubjects,
        _ previous: UnixTime?, _ now: UnixTime, _ judgement: inout Judgement
    ) -> UnixTime? {
        var after = previous
        for revocation in revocations {
            let own = revocation.keys[subject].flatMap { time in previous.map { $0 > time } == true ? nil : time }
            let everyone = revocation.everyone.flatMap { time in previous.map { $0 <= time } == true ? time : nil }
            if revoked == .refused, let time = own ?? everyone {
                judgement.fail(rule, at: "sub", revokedDetail(rule, at: time, issuedAt: previous))
            }
            let latest = max(revocation.keys[subject] ?? .zero, revocation.everyone ?? .zero)
            if latest > now.advanced(by: policy.issuedAtLeeway - 1) {
                judgement.fail(rule, at: "sub", revokedDetail(rule, at: latest, issuedAt: now))
            }
            if latest > .zero { after = max(after ?? .zero, latest) }
        }
        return after
    }

    private func revokedDetail(_ rule: Rule, at time: UnixTime, issuedAt: UnixTime?) -> Detail {
        rule == .userRevoked
            ? .revoked(at: time, issuedAt: issuedAt) : .activationRevoked(at: time, issuedAt: issuedAt)
    }
}
