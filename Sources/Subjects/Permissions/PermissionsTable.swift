/// Shares compiled permissions between users with equal lists: a million users of one role cost one set.
///
/// A value with one owner; what it hands out is shared and immutable.
public struct PermissionsTable: Sendable {
    private struct Key: Hashable {
        let publish: PermissionLists
        let subscribe: PermissionLists
        let responses: ResponsePermission?
    }

    private var sets: [Key: Permissions] = [:]

    /// An empty table.
    public init() {}

    /// The number of different sets.
    public var count: Int { sets.count }

    /// The compiled form of these lists, made when it is not there yet. Lists are equal when they hold the same
    /// entries in the same order.
    ///
    /// - Throws: `PermissionsError.tooMany`.
    public mutating func permissions(
        publish: PermissionLists, subscribe: PermissionLists, responses: ResponsePermission? = nil
    ) throws(PermissionsError) -> Permissions {
        let key = Key(publish: publish, subscribe: subscribe, responses: responses)
        if let known = sets[key] { return known }
        let made = try Permissions(publish: publish, subscribe: subscribe, responses: responses)
        sets[key] = made
        return made
    }

    /// Forgets the sets that nothing outside the table holds.
    ///
    /// - Complexity: proportional to the number of sets.
    public mutating func removeUnused() {
        for key in Array(sets.keys) {
            guard var set = sets.removeValue(forKey: key) else { continue }
            if !set.isOnlyReference() { sets[key] = set }
        }
    }
}

extension Permissions {
    fileprivate mutating func isOnlyReference() -> Bool { isKnownUniquelyReferenced(&storage) }
}
