import NKeys
import Subjects

extension ClaimsReader {
    private static let userMembers: MemberSet = [
        .pub, .sub, .resp, .src, .times, .timesLocation, .subs, .data, .payload, .bearerToken, .proxyRequired,
        .allowedConnectionTypes, .issuerAccount, .tags, .type, .version,
    ]

    /// The `nats` object of a user token.
    mutating func user(_ frame: inout Payload) throws(Fault) -> UserClaims {
        var user = UserClaims(common: .unread, limits: UserLimits())
        guard var scope = try json.beginObject(known: Self.userMembers) else { return user }
        while let member = try json.nextMember(&scope) {
            switch member {
            case .pub: (user.permissions.publishAllow, user.permissions.publishDeny) = try entries(.publish)
            case .sub: (user.permissions.subscribeAllow, user.permissions.subscribeDeny) = try entries(.subscribe)
            case .resp: user.permissions.responses = try responses()
            case .issuerAccount: user.issuerAccount = try key(.account)
            case .tags: user.tags = try strings()
            case .type: frame.contentType = try json.string()
            case .version: frame.version = try json.integer()
            case .unknown: try unknownMember(scope)
            default: try limitMember(member, &user.limits)
            }
        }
        return user
    }

    static let listMembers: MemberSet = [.allow, .deny]

    /// `resp`.
    mutating func responses() throws(Fault) -> ResponseClaims? {
        guard var scope = try json.beginObject(known: [.max, .ttl]) else { return nil }
        var responses = ResponseClaims()
        while let member = try json.nextMember(&scope) {
            switch member {
            case .max: responses.maximum = try integer()
            case .ttl: responses.timeToLive = try integer()
            default: try unknownMember(scope)
            }
        }
        return responses
    }

    /// `pub` or `sub`: the allow and the deny list, each nil when absent.
    mutating func entries(
        _ place: PermissionEntry.Place
    ) throws(Fault) -> (allow: [PermissionEntry]?, deny: [PermissionEntry]?) {
        var allow: [PermissionEntry]?
        var deny: [PermissionEntry]?
        guard var scope = try json.beginObject(known: Self.listMembers) else { return (nil, nil) }
        while let member = try json.nextMember(&scope) {
            switch member {
            case .allow: allow = try list { reader throws(Fault) in try reader.entry(place) }
            case .deny: deny = try list { reader throws(Fault) in try reader.entry(place) }
            default: try unknownMember(scope)
            }
        }
        return (allow, deny)
    }

    private mutating func entry(_ place: PermissionEntry.Place) throws(Fault) -> PermissionEntry? {
        let offset = json.index
        let result = try json.withString { text -> Result<PermissionEntry, SubjectError> in
            do throws(SubjectError) {
                return .success(try PermissionEntry(utf8: text, in: place))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let entry): return entry
        case .failure(let error):
            note(.tokenContent, at: offset, .subject(error))
            return nil
        case nil: return nil
        }
    }

    /// A member that user tokens and the templates of roles have in common.
    mutating func limitMember(_ member: MemberName, _ limits: inout UserLimits) throws(Fault) {
        switch member {
        case .subs: limits.subscriptions = try json.integer()
        case .data: limits.data = try json.integer()
        case .payload: limits.payload = try json.integer()
        case .bearerToken: limits.bearer = try flag()
        case .proxyRequired: limits.proxyRequired = try flag()
        case .src: limits.sources = try sources()
        case .times: limits.times = try list { reader throws(Fault) in try reader.timeWindow() }
        case .timesLocation: limits.timeZone = try timeZone()
        case .allowedConnectionTypes:
            let offset = json.index
            let types = try strings()
            if !types.isEmpty, !types.contains(where: { ConnectionType($0) != nil }) {
                note(.tokenContent, at: offset, .unknownConnectionTypes)
            }
            limits.connectionTypes = types
        default: try json.skipValue()
        }
    }

    /// `src`: a list of networks, or one text with commas between them.
    private mutating func sources() throws(Fault) -> [Network]? {
        let offset = json.index
        guard json.type == .string else {
            return try list { reader throws(Fault) in
                let offset = reader.json.index
                guard let text = try reader.json.string() else { return nil }
                guard let network = Network(text) else {
                    reader.note(.tokenContent, at: offset, .notANetwork)
                    return nil
                }
                return network
            }
        }
        guard let text = try json.string(), !text.isEmpty else { return nil }
        var networks: [Network] = []
        for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let blanks: Set<UInt8> = [0x20, 0x09]
            let end = part.lastIndex { !blanks.contains($0) }
            let trimmed = end.map { part[...$0].drop { blanks.contains($0) } }
            if let trimmed, let network = Network(String(decoding: trimmed, as: UTF8.self).lowercased()) {
                networks.append(network)
            } else {
                note(.tokenContent, at: offset, .notANetwork)
            }
        }
        return networks
    }

    private mutating func timeWindow() throws(Fault) -> TimeWindow? {
        let offset = json.index
        guard var scope = try json.beginObject(known: [.start, .end]) else { return nil }
        var start = ""
        var end = ""
        while let member = try json.nextMember(&scope) {
            switch member {
            case .start: start = try string()
            case .end: end = try string()
            default: try unknownMember(scope)
            }
        }
        guard let window = TimeWindow(start: start, end: end) else {
            note(.tokenContent, at: offset, .notATimeOfDay)
            return nil
        }
        return window
    }

    private mutating func timeZone() throws(Fault) -> String? {
        let offset = json.index
        guard let name = try json.string(), !name.isEmpty else { return nil }
        if zones.secondsFromUTC(zone: name, at: 0) == nil { note(.tokenContent, at: offset, .unknownTimeZone) }
        return name
    }
}
