import Subjects

/// The four lists of a role's permissions.
enum TemplateList: CaseIterable {
    case publishAllow
    case publishDeny
    case subscribeAllow
    case subscribeDeny

    /// Whether its entries forbid.
    var isDeny: Bool { self == .publishDeny || self == .subscribeDeny }

    /// Whether an entry may name a queue.
    var takesQueues: Bool { self == .subscribeAllow || self == .subscribeDeny }

    /// The entries; nil when the list is absent.
    func entries(of permissions: TemplatePermissions) -> [String]? {
        switch self {
        case .publishAllow: permissions.publishAllow
        case .publishDeny: permissions.publishDeny
        case .subscribeAllow: permissions.subscribeAllow
        case .subscribeDeny: permissions.subscribeDeny
        }
    }

    /// Reads an entry that holds no call.
    func entry(_ text: String) -> Result<PermissionEntry, SubjectError> {
        Result { () throws(SubjectError) in try PermissionEntry(text, in: takesQueues ? .subscribe : .publish) }
    }

    /// Where the list stands in the signing key at `key`.
    func place(in key: Place) -> Place { place(below: key.member("template")) }

    /// Where the list stands in the object at `base` that holds `pub` and `sub`.
    func place(below base: Place) -> Place {
        switch self {
        case .publishAllow: base.member("pub").member("allow")
        case .publishDeny: base.member("pub").member("deny")
        case .subscribeAllow: base.member("sub").member("allow")
        case .subscribeDeny: base.member("sub").member("deny")
        }
    }
}
