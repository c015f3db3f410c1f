/// The allow and deny lists for one direction.
///
/// An allow list that is absent allows everything that is not denied; one that is present and empty allows
/// nothing.
public struct PermissionLists: Hashable, Sendable {
    /// What is allowed; nothing when there is no list.
    public var allow: [PermissionEntry]?
    /// What is denied, whatever is allowed.
    public var deny: [PermissionEntry]

    /// Lists of entries.
    public init(allow: [PermissionEntry]? = nil, deny: [PermissionEntry] = []) {
        self.allow = allow
        self.deny = deny
    }

    /// Reads lists for `place`.
    ///
    /// - Throws: `PermissionsError`, naming the first entry that is not valid. No entry is skipped.
    public init(allow: [String]?, deny: [String] = [], in place: PermissionEntry.Place) throws(PermissionsError) {
        func read(_ texts: [String], _ list: PermissionList) throws(PermissionsError) -> [PermissionEntry] {
            var entries: [PermissionEntry] = []
            entries.reserveCapacity(texts.count)
            for (index, text) in texts.enumerated() {
                do {
                    entries.append(try PermissionEntry(text, in: place))
                } catch {
                    throw .entry(place, list, index: index, error)
                }
            }
            return entries
        }
        if let allow { self.allow = try read(allow, .allow) } else { self.allow = nil }
        self.deny = try read(deny, .deny)
    }
}

/// One of the two lists of a direction.
public enum PermissionList: Hashable, Sendable {
    /// What is allowed.
    case allow
    /// What is denied.
    case deny
}

/// Why permissions are refused as a whole.
public enum PermissionsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The entry at `index` of a list is no valid one.
    case entry(PermissionEntry.Place, PermissionList, index: Int, SubjectError)
    /// More entries in one direction than `SubjectLimits.rules`, or more text than `SubjectLimits.ruleText`.
    case tooMany(PermissionEntry.Place)

    /// The fault in one lower-case line.
    public var description: String {
        switch self {
        case .entry(let place, let list, let index, let error):
            "\(place == .publish ? "publish" : "subscribe") \(list == .allow ? "allow" : "deny")[\(index)]: \(error)"
        case .tooMany(let place):
            "more \(place == .publish ? "publish" : "subscribe") entries than can be compiled"
        }
    }
}
