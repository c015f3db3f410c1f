import NATSWire
import Subjects
import Trust

/// What a user is told of itself: never its token.
enum UserReport {
    /// What `$SYS.REQ.USER.INFO` says.
    static func members(of session: Session, _ user: TrustedUser, _ core: BrokerCore) -> [WireJSON.Member] {
        let account = user.account.claims.common
        var members: [WireJSON.Member] = [
            .init("user", .string(session.assignedName ?? user.key.text)),
            .init("account", .string(account.subject.text)),
            .init("account_name", .string(account.name.isEmpty ? account.subject.text : account.name)),
        ]
        if !user.claims.common.name.isEmpty { members.append(.init("user_name", .string(user.claims.common.name))) }
        if let lists = session.permissions?.effective.lists, !lists.isEmpty {
            members.append(.init("permissions", permissions(lists)))
        }
        if let expires = user.expires {
            let seconds = core.remaining(until: expires) / 1_000_000_000
            members.append(.init("expires", WireJSON(seconds &* 1_000_000_000)))
        }
        return members
    }

    /// What a request about capabilities says beside.
    static func details(of session: Session, _ user: TrustedUser, _ core: BrokerCore) -> [WireJSON.Member] {
        var members: [WireJSON.Member] = []
        if let source = session.permissions?.effective.source {
            members.append(.init("source", Self.source(source)))
        }
        var limits: [WireJSON.Member] = [.init("payload", WireJSON(session.limits.payload))]
        if let count = session.limits.subscriptions { limits.append(.init("subscriptions", WireJSON(count))) }
        members.append(.init("limits", .object(limits)))
        members.append(.init("bearer", .bool(user.isBearer)))
        if let inForce = session.space?.inForce { members.append(.init("imports", imports(of: inForce))) }
        return members
    }

    private static func permissions(_ lists: PermissionClaims) -> WireJSON {
        var members: [WireJSON.Member] = [
            .init("publish", direction(lists.publishAllow, lists.publishDeny)),
            .init("subscribe", direction(lists.subscribeAllow, lists.subscribeDeny)),
        ]
        if let responses = lists.responses.map(ResponsePermission.init) {
            var parts: [WireJSON.Member] = [.init("max", WireJSON(responses.limit ?? -1))]
            parts.append(.init("ttl", responses.nanoseconds.map { WireJSON($0) } ?? WireJSON(-1)))
            members.append(.init("responses", .object(parts)))
        }
        return .object(members)
    }

    private static func direction(_ allow: [PermissionEntry]?, _ deny: [PermissionEntry]?) -> WireJSON {
        var members: [WireJSON.Member] = []
        if let allow { members.append(.init("allow", .array(allow.map { .string($0.text) }))) }
        if let deny, !deny.isEmpty { members.append(.init("deny", .array(deny.map { .string($0.text) }))) }
        return .object(members)
    }

    private static func source(_ source: EffectivePermissions.Source) -> WireJSON {
        switch source {
        case .template(let key, let role): ["kind": "template", "key": .string(key.text), "role": .string(role)]
        case .user: ["kind": "user"]
        case .accountDefaults: ["kind": "account defaults"]
        case .unrestricted: ["kind": "unrestricted"]
        }
    }

    /// An account's imports, and why those do not hold that do not.
    static func imports(of account: AccountInForce) -> WireJSON {
        .array(
            account.account.claims.imports.enumerated().map { index, item in
                var members: [WireJSON.Member] = [
                    .init("subject", .string(item.exporterSubject.text)),
                    .init("type", .string(item.kind.rawValue)), .init("account", .string(item.account.text)),
                ]
                let binding = account.binding(at: index)
                if let local = binding?.localPattern ?? item.localPattern {
                    members.append(.init("local_subject", .string(local.text)))
                }
                members.append(.init("in_force", .bool(binding != nil)))
                let failures = account.imports.indices.contains(index) ? account.imports[index].failures : []
                if !failures.isEmpty { members.append(.init("failures", Self.findings(failures))) }
                return .object(members)
            })
    }

    /// Rules that failed, as every interface of this project writes them.
    static func findings(_ findings: [Finding]) -> WireJSON {
        .array(
            findings.map {
                [
                    "rule": .string($0.rule.code), "at": .string($0.place.path), "message": .string($0.message),
                ]
            })
    }
}
