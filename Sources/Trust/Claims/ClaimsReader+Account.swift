import NKeys
import Subjects

extension ClaimsReader {
    private static let accountMembers: MemberSet = [
        .imports, .exports, .limits, .signingKeys, .revocations, .defaultPermissions, .mappings, .authorization,
        .trace, .clusterTraffic, .description, .infoURL, .tags, .type, .version,
    ]

    /// The `nats` object of an account token.
    mutating func account(_ frame: inout Payload) throws(Fault) -> AccountClaims {
        var account = AccountClaims(common: .unread)
        guard var scope = try json.beginObject(known: Self.accountMembers) else { return account }
        while let member = try json.nextMember(&scope) {
            switch member {
            case .imports: account.imports = try list { reader throws(Fault) in try reader.import() } ?? []
            case .exports: account.exports = try list { reader throws(Fault) in try reader.export() } ?? []
            case .limits: account.limits = try accountLimits()
            case .signingKeys: account.signingKeys = try list { reader throws(Fault) in try reader.signingKey() } ?? []
            case .revocations: account.revocations = try revocations(of: .user)
            case .defaultPermissions: account.defaultPermissions = try permissions()
            case .mappings: account.mappings = try mappings()
            case .authorization: account.authorization = try authorization()
            case .trace: account.trace = try trace()
            case .clusterTraffic:
                let offset = json.index
                account.clusterTraffic = try string()
                if !["", "system", "owner"].contains(account.clusterTraffic) {
                    note(.tokenContent, at: offset, .unknownValue(expected: "`system`, `owner`"))
                }
            case .description: account.description = try text(limit: ContentLimits.description)
            case .infoURL: account.infoURL = try infoURL()
            case .tags: account.tags = try strings()
            case .type: frame.contentType = try json.string()
            case .version: frame.version = try json.integer()
            default: try unknownMember(scope)
            }
        }
        return account
    }

    private static let permissionMembers: MemberSet = [.pub, .sub, .resp]

    private mutating func permissions() throws(Fault) -> PermissionClaims {
        var permissions = PermissionClaims()
        guard var scope = try json.beginObject(known: Self.permissionMembers) else { return permissions }
        while let member = try json.nextMember(&scope) {
            switch member {
            case .pub: (permissions.publishAllow, permissions.publishDeny) = try entries(.publish)
            case .sub: (permissions.subscribeAllow, permissions.subscribeDeny) = try entries(.subscribe)
            case .resp: permissions.responses = try responses()
            default: try unknownMember(scope)
            }
        }
        return permissions
    }

    private mutating func accountLimits() throws(Fault) -> AccountLimits {
        var limits = AccountLimits()
        guard var scope = try json.beginObject(known: Self.limitMembers) else { return limits }
        while let member = try json.nextMember(&scope) {
            switch member {
            case .subs: limits.subscriptions = try integer()
            case .data: limits.data = try integer()
            case .payload: limits.payload = try integer()
            case .imports: limits.imports = try integer()
            case .exports: limits.exports = try integer()
            case .wildcards: limits.wildcardExports = try flag()
            case .disallowBearer: limits.disallowsBearer = try flag()
            case .conn: limits.connections = try integer()
            case .leaf: limits.leafConnections = try integer()
            case .tieredLimits: limits.tiers = try tiers()
            case .unknown: try unknownMember(scope)
            default: try streamMember(member, &limits.streams)
            }
        }
        return limits
    }

    private static let limitMembers = streamMembers.union([
        .subs, .data, .payload, .imports, .exports, .wildcards, .disallowBearer, .conn, .leaf, .tieredLimits,
    ])

    private static let streamMembers: MemberSet = [
        .memStorage, .diskStorage, .streams, .consumer, .maxAckPending, .memMaxStreamBytes, .diskMaxStreamBytes,
        .maxBytesRequired,
    ]

    private mutating func tiers() throws(Fault) -> [String: StreamLimits] {
        var tiers: [String: StreamLimits] = [:]
        guard var scope = try json.beginObject() else { return tiers }
        while let name = try json.nextFreeName(&scope) {
            if name.isEmpty { note(.tokenContent, at: scope.nameOffset, .tierWithoutName) }
            var limits = StreamLimits()
            guard var tier = try json.beginObject(known: Self.streamMembers) else { continue }
            while let member = try json.nextMember(&tier) {
                if member == .unknown {
                    try unknownMember(tier)
                } else {
                    try streamMember(member, &limits)
                }
            }
            tiers[String(decoding: name, as: UTF8.self)] = limits
        }
        return tiers
    }

    private mutating func streamMember(_ member: MemberName, _ limits: inout StreamLimits) throws(Fault) {
        switch member {
        case .memStorage: limits.memoryStorage = try integer()
        case .diskStorage: limits.diskStorage = try integer()
        case .streams: limits.streams = try integer()
        case .consumer: limits.consumers = try integer()
        case .maxAckPending: limits.maximumAckPending = try integer()
        case .memMaxStreamBytes: limits.memoryMaximumStreamBytes = try integer()
        case .diskMaxStreamBytes: limits.diskMaximumStreamBytes = try integer()
        case .maxBytesRequired: limits.maximumBytesRequired = try flag()
        default: try json.skipValue()
        }
    }

    private mutating func mappings() throws(Fault) -> [AccountMapping] {
        var mappings: [AccountMapping] = []
        guard var scope = try json.beginObject() else { return mappings }
        while let name = try json.nextFreeName(&scope) {
            let offset = scope.nameOffset
            var source: SubjectPattern?
            do throws(SubjectError) {
                source = try name.withUnsafeBufferPointer { text throws(SubjectError) in try SubjectPattern(utf8: text)
                }
            } catch {
                note(.tokenContent, at: offset, .subject(error))
            }
            let destinations = try list { reader throws(Fault) in try reader.destination() } ?? []
            guard let source else { continue }
            do throws(WeightedMapping.Fault) {
                _ = try WeightedMapping(
                    source: source,
                    destinations: destinations.map {
                        .init(subject: $0.subject, weight: UInt8(clamping: $0.weight), cluster: $0.cluster)
                    })
            } catch {
                note(.tokenContent, at: offset, .mapping(error))
            }
            mappings.append(AccountMapping(source: source, destinations: destinations))
        }
        return mappings
    }

    private mutating func destination() throws(Fault) -> AccountMapping.Destination? {
        guard var scope = try json.beginObject(known: [.subject, .weight, .cluster]) else { return nil }
        var destination = AccountMapping.Destination(subject: "", weight: 0)
        while let member = try json.nextMember(&scope) {
            switch member {
            case .subject: destination.subject = try string()
            case .weight: destination.weight = Int(try json.integer(in: 0...255) ?? 0)
            case .cluster: destination.cluster = try string()
            default: try unknownMember(scope)
            }
        }
        return destination
    }

    private mutating func authorization() throws(Fault) -> ExternalAuthorization? {
        var authorization = ExternalAuthorization()
        let offset = json.index
        guard var scope = try json.beginObject(known: [.authUsers, .allowedAccounts, .xkey]) else { return nil }
        var entries = 0
        while let member = try json.nextMember(&scope) {
            switch member {
            case .authUsers: authorization.users = try keys(.user)
            case .allowedAccounts:
                guard try json.beginList() else { continue }
                var isFirst = true
                while try json.nextElement(&isFirst) {
                    entries += 1
                    if try isStar() {
                        authorization.allowsAnyAccount = true
                    } else if let account = try key(.account) {
                        authorization.accounts.append(account)
                    }
                }
            case .xkey: authorization.sealingKey = try key(.curve)
            default: try unknownMember(scope)
            }
        }
        if authorization.allowsAnyAccount, entries > 1 { note(.tokenContent, at: offset, .anyAccountBesideOthers) }
        if entries > 0, authorization.users.isEmpty { note(.tokenContent, at: offset, .accountsWithoutUsers) }
        return authorization == ExternalAuthorization() ? nil : authorization
    }

    /// Whether `"*"` comes next; if so it is read.
    private mutating func isStar() throws(Fault) -> Bool {
        let start = json.index
        guard json.bytes.slice(start..<start &+ 3).elementsEqual("\"*\"".utf8) else { return false }
        try json.skipValue()
        return true
    }

    private mutating func trace() throws(Fault) -> MessageTrace? {
        let offset = json.index
        guard var scope = try json.beginObject(known: [.dest, .sampling]) else { return nil }
        var destination: Subject?
        var sampling = 0
        while let member = try json.nextMember(&scope) {
            switch member {
            case .dest: destination = try literal()
            case .sampling:
                let start = json.index
                sampling = Int(clamping: try integer())
                if !(0...100).contains(sampling) { note(.tokenContent, at: start, .outOfRange("from 1 to 100")) }
            default: try unknownMember(scope)
            }
        }
        if !scope.has(.dest) { note(.tokenContent, at: offset, .claimMissing("dest")) }
        return destination.map { MessageTrace(destination: $0, sampling: sampling) }
    }

    // MARK: Signing keys

    private mutating func signingKey() throws(Fault) -> SigningKey? {
        guard json.type == .object else { return try key(.account).map(SigningKey.plain) }
        guard var scope = try json.beginObject(known: [.kind, .key, .role, .template, .description]) else { return nil }
        let offset = json.index
        var kind: String?
        var found: PublicKey?
        var role = ""
        var description = ""
        var template = (permissions: TemplatePermissions(), limits: UserLimits())
        var faults: [Finding] = []
        while let member = try json.nextMember(&scope) {
            switch member {
            case .kind:
                let start = json.index
                kind = try string()
                if kind != "user_scope" { note(.tokenContent, at: start, .unknownValue(expected: "`user_scope`")) }
            case .key: found = try key(.account)
            case .role: role = try string()
            case .template:
                let first = noteCount
                template = try self.template()
                faults = demoteContent(from: first, to: .template)
            case .description: description = try text(limit: ContentLimits.description)
            default: try unknownMember(scope)
            }
        }
        if kind == nil { note(.tokenContent, at: offset, .claimMissing("kind")) }
        guard let found else {
            if !scope.has(.key) { note(.tokenKey, at: offset, .claimMissing("key")) }
            return nil
        }
        var result = UserScope(key: found)
        result.role = role
        result.description = description
        result.permissions = template.permissions
        result.limits = template.limits
        result.faults = faults
        return .scoped(result)
    }

    private static let templateMembers: MemberSet = [
        .pub, .sub, .resp, .src, .times, .timesLocation, .subs, .data, .payload, .bearerToken, .proxyRequired,
        .allowedConnectionTypes,
    ]

    private mutating func template() throws(Fault) -> (permissions: TemplatePermissions, limits: UserLimits) {
        var permissions = TemplatePermissions()
        var limits = UserLimits()
        guard var scope = try json.beginObject(known: Self.templateMembers) else { return (permissions, limits) }
        while let member = try json.nextMember(&scope) {
            switch member {
            case .pub: (permissions.publishAllow, permissions.publishDeny) = try templates(.publish)
            case .sub: (permissions.subscribeAllow, permissions.subscribeDeny) = try templates(.subscribe)
            case .resp: permissions.responses = try responses()
            case .unknown: try unknownMember(scope)
            default: try limitMember(member, &limits)
            }
        }
        return (permissions, limits)
    }

    private mutating func templates(
        _ place: PermissionEntry.Place
    ) throws(Fault) -> (allow: [String]?, deny: [String]?) {
        var allow: [String]?
        var deny: [String]?
        guard var scope = try json.beginObject(known: Self.listMembers) else { return (nil, nil) }
        while let member = try json.nextMember(&scope) {
            switch member {
            case .allow: allow = try list { reader throws(Fault) in try reader.templateEntry(place) }
            case .deny: deny = try list { reader throws(Fault) in try reader.templateEntry(place) }
            default: try unknownMember(scope)
            }
        }
        return (allow, deny)
    }

    /// An entry of a role's list. One that holds no template is judged here; the others when they are expanded.
    private mutating func templateEntry(_ place: PermissionEntry.Place) throws(Fault) -> String? {
        let offset = json.index
        guard let text = try json.string() else { return nil }
        if let detail = TemplateText.fault(in: text, place) { note(.tokenContent, at: offset, detail) }
        return text
    }
}
