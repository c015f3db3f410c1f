import NKeys
import Subjects
import Trust

extension TokenExchange {
    /// Gives the order the permissions that are asked for, or all that the subject has (X-scope).
    ///
    /// - Returns: what is issued, as a scope.
    func narrow(
        _ order: inout UserOrder, for subject: Subject, to request: PermissionClaims?, at now: UnixTime
    ) async throws(IdentityRefusal) -> String {
        switch subject.kind {
        case .user(let user):
            order.permissions = try Self.issued(user.permissions.lists, asked: request)
            return ExchangeScope.text(of: order.permissions)
        case .foreign(_, let grant):
            guard case .account(let key) = order.target, let account = await accounts.account(key, at: now) else {
                // Without an operator, or without the account: nothing but the role says what the user may do.
                order.permissions = try Self.issued(order.permissions, asked: request)
                return ExchangeScope.text(of: order.permissions)
            }
            return try narrow(&order, by: grant.role, in: account.claims, to: request)
        }
    }

    private func narrow(
        _ order: inout UserOrder, by role: Role, in account: AccountClaims, to request: PermissionClaims?
    ) throws(IdentityRefusal) -> String {
        guard case .scoped(let scope)? = account.signingKey(order.signingKey) else {
            let lists = Self.permissions(of: order, in: account, scope: nil)
            order.permissions = try Self.issued(request == nil ? order.permissions : lists, asked: request)
            return ExchangeScope.text(of: request == nil ? lists : order.permissions)
        }
        order.permissions = PermissionClaims()
        let lists = Self.permissions(of: order, in: account, scope: scope)
        guard let request else { return ExchangeScope.text(of: lists) }
        let issued = try Self.issued(lists, asked: request)
        guard let narrowing = Self.narrowingKey(of: role, in: account) else {
            throw IdentityRefusal(
                .exchangeScope, at: "scope",
                "the role's users are those of a scoped key, which cannot sign for less, and no `narrowing_key` that can"
                    + " is configured: ask without a scope")
        }
        order.signingKey = narrowing
        order.permissions = issued
        order.limits = scope.limits.explicit(asRole: true)
        return ExchangeScope.text(of: issued)
    }

    /// The key that the role names for less than its template gives, when it can sign so.
    private static func narrowingKey(of role: Role, in account: AccountClaims) -> PublicKey? {
        guard let key = role.narrowingKey else { return nil }
        if key == account.common.subject { return key }
        if case .plain? = account.signingKey(key) { return key }
        return nil
    }

    /// What a user of this order may do in the account.
    private static func permissions(
        of order: UserOrder, in account: AccountClaims, scope: UserScope?
    ) -> PermissionClaims {
        var user = UserClaims(subject: order.key, name: order.name)
        user.tags = order.tags
        user.permissions = order.permissions
        user.issuerAccount = account.common.subject
        return EffectivePermissions(of: user, in: account, scope: scope).lists
    }

    /// What is issued of a source's permissions.
    private static func issued(
        _ source: PermissionClaims, asked request: PermissionClaims?
    ) throws(IdentityRefusal) -> PermissionClaims {
        guard let request else { return PermissionContainment.explicit(source) }
        switch PermissionContainment.judge(request, within: source) {
        case .contained: return PermissionContainment.narrowed(source, to: request)
        case .outside(let witness):
            throw IdentityRefusal(.exchangeScope, at: "scope", "\(witness) is asked for, and the subject may not")
        case .exhausted:
            throw IdentityRefusal(
                .exchangeScope, at: "scope", "it has too many patterns to compare with the subject's: ask for fewer")
        }
    }
}

extension UserLimits {
    /// The same limits for a token that carries them itself, where a number that is absent admits nothing; in a role it
    /// is no limit.
    func explicit(asRole isRole: Bool) -> UserLimits {
        var limits = self
        let absent: Int64 = isRole ? -1 : 0
        limits.subscriptions = subscriptions ?? absent
        limits.data = data ?? absent
        limits.payload = payload ?? absent
        // Below -1 a number admits nothing, as 0 does.
        if limits.subscriptions ?? 0 < -1 { limits.subscriptions = 0 }
        if limits.data ?? 0 < -1 { limits.data = 0 }
        if limits.payload ?? 0 < -1 { limits.payload = 0 }
        return limits
    }
}
