import Subjects

/// What a user may do, compiled: decides in one walk over the bytes, and names what decided and where it was written.
///
/// ```swift
/// var sets = CompiledPermissionSets()
/// let permissions = try sets.permissions(user.permissions)
/// let decision = permissions.rules.decide(publish: subject)
/// if !decision.isAllowed { log(permissions.cause(of: decision, in: .publish).place) }
/// ```
/// Immutable; a reference, so that users of equal permissions share it.
public final class CompiledPermissions: Sendable {
    /// The lists, and the one source that they come from.
    public let effective: EffectivePermissions
    /// The compiled lists. Users whose lists are equal share them, even where the sources differ.
    public let rules: Permissions

    fileprivate init(_ effective: EffectivePermissions, rules: Permissions) {
        self.effective = effective
        self.rules = rules
    }

    /// Names what decided in a decision of `rules` for `direction`.
    public func cause(of decision: Decision, in direction: PermissionEntry.Place) -> PermissionCause {
        effective.cause(of: decision, in: direction)
    }
}

/// Shares compiled permissions between users: a million users of one role, or of one account's defaults, cost one set,
/// and so do equal lists of different sources.
///
/// A value with one owner; what it hands out is shared and immutable.
public struct CompiledPermissionSets: Sendable {
    private var table = PermissionsTable()
    private var known: [EffectivePermissions: CompiledPermissions] = [:]

    /// An empty collection.
    public init() {}

    /// The number of different compiled sets.
    public var count: Int { table.count }

    /// The compiled form of a user's permissions, made when it is not there yet.
    ///
    /// - Throws: `PermissionsError.tooMany`.
    /// - Complexity: proportional to the text of the lists.
    public mutating func permissions(
        _ effective: EffectivePermissions
    ) throws(PermissionsError) -> CompiledPermissions {
        if let known = known[effective] { return known }
        let lists = effective.lists
        let rules = try table.permissions(
            publish: PermissionLists(allow: lists.publishAllow, deny: lists.publishDeny ?? []),
            subscribe: PermissionLists(allow: lists.subscribeAllow, deny: lists.subscribeDeny ?? []),
            responses: lists.responses.map(ResponsePermission.init))
        let made = CompiledPermissions(effective, rules: rules)
        known[effective] = made
        return made
    }

    /// Forgets the sets that nobody holds any more.
    ///
    /// - Complexity: proportional to the number of sets.
    public mutating func removeUnused() {
        for key in Array(known.keys) {
            guard var set = known.removeValue(forKey: key) else { continue }
            if !isKnownUniquelyReferenced(&set) { known[key] = set }
        }
        table.removeUnused()
    }
}

extension ResponsePermission {
    /// The permission that a token's `resp` gives.
    public init(_ claims: ResponseClaims) {
        self.init(max: Int(clamping: claims.maximum), ttl: Int(clamping: claims.timeToLive))
    }
}
