import Subjects

/// Why permissions decide as they do: the entry that decided, and where it was written.
public struct PermissionCause: Hashable, Sendable {
    /// What decided.
    public enum Kind: Hashable, Sendable {
        /// This entry of the allow list.
        case allow(PermissionEntry)
        /// This entry of the deny list.
        case deny(PermissionEntry)
        /// No entry: there is no allow list, and no deny matched.
        case noAllowList
        /// No entry: it answers a request that was received.
        case reply
        /// No entry of the allow list admits it.
        case notAllowed
    }

    /// What decided.
    public let kind: Kind
    /// The one source that applies to the user.
    public let source: EffectivePermissions.Source
    /// Where in the source's token the entry stands, for example `pub.allow[3]`, `default_permissions.sub.deny[0]` or
    /// `signing_keys[2].template.pub.allow[1]`. Where no entry decided, the allow list that admits nothing such, or
    /// the response permission that replaces it; nil when there is neither.
    public let place: Place?

    /// The entry that decided, if one did.
    public var entry: PermissionEntry? {
        switch kind {
        case .allow(let entry), .deny(let entry): entry
        case .noAllowList, .reply, .notAllowed: nil
        }
    }

    /// The list of the entry that decided, if one did.
    public var list: PermissionList? {
        switch kind {
        case .allow: .allow
        case .deny: .deny
        case .noAllowList, .reply, .notAllowed: nil
        }
    }
}

extension PermissionCause {
    /// One line for people: what decided, and where it was written.
    public var message: String {
        let place = place?.path ?? ""
        let source = source.named
        switch kind {
        case .allow(let entry): return "allowed by `\(entry.text)` at \(place) of \(source)"
        case .deny where !place.hasSuffix("]"):
            return "denied: no entry of \(place) in \(source) could be expanded for the user"
        case .deny(let entry): return "denied by `\(entry.text)` at \(place) of \(source)"
        case .noAllowList:
            return self.source == .unrestricted
                ? "neither the user nor its account has permissions, so everything is allowed"
                : "there is no allow list in \(source), and nothing denies it"
        case .reply: return "allowed as a reply to a request, by \(place) of \(source)"
        case .notAllowed:
            return place.hasSuffix("resp")
                ? "only replies to requests received are allowed, by \(place) of \(source)"
                : "nothing admits it in \(place) of \(source)"
        }
    }
}

extension EffectivePermissions.Source {
    /// Whose token the permissions stand in.
    fileprivate var named: String {
        switch self {
        case .template(_, let role):
            "the account's token, for the role \(role.isEmpty ? "of the user's signing key" : "`\(role)`")"
        case .user: "the user's token"
        case .accountDefaults: "the account's token"
        case .unrestricted: "no token"
        }
    }
}

extension EffectivePermissions {
    /// Names what decided in `decision`, which permissions compiled from these lists gave for `direction`.
    public func cause(of decision: Decision, in direction: PermissionEntry.Place) -> PermissionCause {
        let isPublish = direction == .publish
        let allow = isPublish ? lists.publishAllow : lists.subscribeAllow
        let deny = isPublish ? lists.publishDeny : lists.subscribeDeny
        let allowList: TemplateList = isPublish ? .publishAllow : .subscribeAllow
        let denyList: TemplateList = isPublish ? .publishDeny : .subscribeDeny
        let responses = lists.responses == nil ? nil : places.base.member("resp")
        func cause(_ kind: PermissionCause.Kind, _ place: Place?) -> PermissionCause {
            PermissionCause(kind: kind, source: source, place: place)
        }
        switch decision.cause {
        case .allow(let index):
            if let allow, allow.indices.contains(index) {
                return cause(.allow(allow[index]), places.place(of: index, in: allowList))
            }
        case .deny(let index):
            if let deny, deny.indices.contains(index) {
                return cause(.deny(deny[index]), places.place(of: index, in: denyList))
            }
        case .noAllowList: return cause(.noAllowList, nil)
        case .reply: return cause(.reply, responses)
        case .notAllowed: break
        }
        // A decision of other permissions ends here too: it names no entry of these.
        return cause(.notAllowed, allow == nil ? (isPublish ? responses : nil) : places.place(of: allowList))
    }

    /// See `CompiledPermissions.decide(publishAll:)`.
    func decide(publishAll pattern: SubjectPattern) -> (isAllowed: Bool, cause: PermissionCause) {
        func cause(_ kind: PermissionCause.Kind, _ place: Place?) -> PermissionCause {
            PermissionCause(kind: kind, source: source, place: place)
        }
        let deny = lists.publishDeny ?? []
        if let index = deny.firstIndex(where: { $0.pattern.overlaps(pattern) }) {
            return (false, cause(.deny(deny[index]), places.place(of: index, in: .publishDeny)))
        }
        guard let allow = lists.publishAllow else {
            if lists.responses != nil { return (false, cause(.notAllowed, places.base.member("resp"))) }
            return (true, cause(.noAllowList, nil))
        }
        if let index = allow.firstIndex(where: { $0.pattern.contains(pattern) }) {
            return (true, cause(.allow(allow[index]), places.place(of: index, in: .publishAllow)))
        }
        return (false, cause(.notAllowed, places.place(of: .publishAllow)))
    }

    /// The deny entries that stop some, but not all, deliveries under a subscription to `pattern` that is allowed, each
    /// with where it stands.
    public func denials(
        under pattern: SubjectPattern, queue: QueueName? = nil
    ) -> [(entry: PermissionEntry, place: Place)] {
        var found: [(PermissionEntry, Place)] = []
        for (index, entry) in (lists.subscribeDeny ?? []).enumerated() where entry.pattern.overlaps(pattern) {
            if let pattern = entry.queue {
                guard let queue, pattern.matches(queue) else { continue }
            }
            found.append((entry, places.place(of: index, in: .subscribeDeny)))
        }
        return found
    }
}
