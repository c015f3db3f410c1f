import NKeys

/// Judges what a user is in its account, and whether it may connect, rule by rule in the order of the catalogue.
struct UserJudge {
    let user: UserClaims
    let account: AccountStanding
    let verifier: TokenVerifier
    let now: UnixTime
    var judgement: Judgement

    /// The index of the scoped key that signed the user, and its role.
    let scopeIndex: Int?
    let scope: UserScope?
    /// The limits that hold: the role's for a user of a scoped key, else its own.
    let limits: UserLimits
    /// When the window ends in which the user may be connected; nil without windows.
    private(set) var hoursEnd: UnixTime?

    init(
        _ user: UserClaims, in account: AccountStanding, verifier: TokenVerifier, now: UnixTime, _ judgement: Judgement
    ) {
        self.user = user
        self.account = account
        self.verifier = verifier
        self.now = now
        self.judgement = judgement
        let index = account.signingKeyIndex(user.common.issuer)
        scope = index.flatMap { account.claims.signingKeys[$0].scope }
        scopeIndex = scope == nil ? nil : index
        limits = scope?.limits ?? user.limits
    }

    /// Judges the user; with a connection also what can be told of that alone.
    mutating func judge(_ connection: ConnectionContext?) {
        if let usage = connection?.usage { judgeUsage(usage, isLeaf: connection?.kind.isLeaf ?? false) }
        judgeSigner()
        judgeScope()
        judgeRevocation()
        if let connection { judgeProof(connection) }
        judgeBearer()
        if let connection { judgeConnection(connection) }
        judgeAudience()
    }

    /// C-account-limit: one more connection.
    private mutating func judgeUsage(_ usage: ConnectionContext.Usage, isLeaf: Bool) {
        let limits = account.claims.limits
        let limit = isLeaf ? limits.leafConnections : limits.connections
        let used = isLeaf ? usage.leafConnections : usage.connections
        guard let limit = limit.asLimit, Int64(used) >= limit else { return }
        let what = isLeaf ? "leaf connections" : "connections"
        judgement.fail(
            .accountLimit, at: isLeaf ? "account.limits.leaf" : "account.limits.conn",
            .limitReached(what: what, limit: limit))
    }

    /// C-user-signer: the account's identity key, or one of its signing keys together with `issuer_account`.
    private mutating func judgeSigner() {
        let issuer = user.common.issuer
        let named = user.issuerAccount
        if issuer == account.key {
            // Listed as a signing key as well, the identity key still signs nothing under strict signing keys.
            if account.strictSigningKeys { judgement.fail(.userSigner, at: "iss", .userSignerIsIdentity) }
        } else if account.signingKeyIndex(issuer) == nil {
            judgement.fail(.userSigner, at: "iss", .userSignerUnknown)
        } else if named == nil {
            judgement.fail(.userSigner, at: "issuer_account", .issuerAccountMissing)
        }
        if let named, named != account.key {
            judgement.fail(.userSigner, at: "issuer_account", .issuerAccountMismatch)
        }
    }

    /// C-user-scope, C-template and C-template-value.
    private mutating func judgeScope() {
        guard let scope, let scopeIndex else { return }
        if let member = user.memberOfItsOwn { judgement.fail(.userScope, at: Place(member), .scopedUserNotEmpty) }
        for fault in scope.faults { judgement.refuse(fault.rule, at: fault.place, fault.detail) }
        let values = TemplateValues(user: user, account: account.claims)
        let place = Place("signing_keys").element(scopeIndex)
        var expansion = TemplateExpansion(values, for: .judging, at: place, policy: verifier.policy)
        expansion.judge(scope.permissions)
        judgement.merge(expansion.judgement.verdict(values))
    }

    /// C-user-revoked.
    private mutating func judgeRevocation() {
        let issuedAt = user.common.issuedAt
        guard let time = account.claims.revocations.time(covering: user.common.subject, issuedAt: issuedAt) else {
            return
        }
        judgement.fail(.userRevoked, at: "sub", .revoked(at: time, issuedAt: issuedAt))
    }

    /// C-user-proof: a bearer user's signature is not looked at.
    private mutating func judgeProof(_ connection: ConnectionContext) {
        guard !limits.bearer else { return }
        let fault = NonceSignature.fault(in: connection.signature, by: user.common.subject, over: connection.nonce)
        if let fault { judgement.fail(.userProof, at: "connection.sig", fault) }
    }

    /// C-user-bearer.
    private mutating func judgeBearer() {
        guard limits.bearer, account.claims.limits.disallowsBearer else { return }
        judgement.fail(.userBearer, at: place("bearer_token"), .bearerNotAllowed)
    }

    /// C-user-source, C-user-hours, C-user-connection and C-user-proxy.
    private mutating func judgeConnection(_ connection: ConnectionContext) {
        if let sources = limits.sources, !sources.isEmpty {
            if let address = connection.address {
                if !sources.contains(where: { $0.contains(address) }) {
                    judgement.fail(.userSource, at: place("src"), .sourceNotAllowed)
                }
            } else {
                judgement.fail(.userSource, at: place("src"), .sourceUnknown)
            }
        }
        if let windows = limits.times, !windows.isEmpty {
            let zone = limits.timeZone ?? verifier.policy.defaultTimeZone
            switch ConnectionHours(zone: zone, zones: verifier.zones).answer(windows, at: now) {
            case .inside(let end): hoursEnd = end
            case .outside: judgement.fail(.userHours, at: place("times"), .outsideHours)
            case .unknownZone: judgement.fail(.userHours, at: place("times_location"), .unknownTimeZone)
            }
        }
        if let types = limits.connectionTypes, !types.isEmpty, !types.contains(where: connection.kind.isNamed) {
            judgement.fail(.userConnection, at: place("allowed_connection_types"), .connectionTypeNotAllowed)
        }
        if limits.proxyRequired, connection.proxy != .trusted {
            judgement.fail(.userProxy, at: place("proxy_required"), .proxyRequired)
        }
    }

    /// C-user-audience.
    private mutating func judgeAudience() {
        let policy = verifier.policy
        guard let audience = user.common.audience else {
            if policy.audienceDemand == .required { judgement.fail(.userAudience, at: "aud", .audienceMissing) }
            return
        }
        if audience == "*" {
            judgement.fail(.userAudience, at: "aud", .audienceWildcard)
        } else if !policy.audiences.contains(audience) {
            judgement.fail(.userAudience, at: "aud", .audienceOther)
        }
    }

    /// Where a limit stands: in the user's token or in its role.
    private func place(_ member: String) -> Place {
        guard let scopeIndex else { return Place(member) }
        return Place("signing_keys").element(scopeIndex).member("template").member(member)
    }
}

extension UserClaims {
    /// A permission or limit that the user carries itself; nil when there is none. An empty list is one, an empty
    /// `pub` or `sub` is none.
    fileprivate var memberOfItsOwn: String? {
        if permissions.publishAllow != nil || permissions.publishDeny != nil { return "pub" }
        if permissions.subscribeAllow != nil || permissions.subscribeDeny != nil { return "sub" }
        if permissions.responses != nil { return "resp" }
        guard !limits.isEmpty else { return nil }
        if limits.sources != nil { return "src" }
        if limits.times != nil { return "times" }
        if limits.timeZone != nil { return "times_location" }
        if limits.bearer { return "bearer_token" }
        if limits.proxyRequired { return "proxy_required" }
        if limits.connectionTypes != nil { return "allowed_connection_types" }
        return (limits.subscriptions ?? 0) != 0 ? "subs" : (limits.data ?? 0) != 0 ? "data" : "payload"
    }
}
