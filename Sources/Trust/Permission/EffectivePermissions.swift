import NKeys
import Subjects

/// What a user may do: the lists of the one source that applies to it, and which source that is.
///
/// Exactly one source applies, never a union: the template of a scoped key, else the user's own permissions; if
/// that has no entry and no response permission, the account's default permissions; if those have none, everything
/// is allowed.
public struct EffectivePermissions: Hashable, Sendable {
    /// Where permissions come from.
    public enum Source: Hashable, Sendable {
        /// The template of the scoped key that signed the user.
        case template(key: PublicKey, role: String)
        /// The user's own token.
        case user
        /// The account's `default_permissions`.
        case accountDefaults
        /// No source has any: everything is allowed.
        case unrestricted
    }

    /// The lists, and the response permission. Empty when unrestricted.
    public let lists: PermissionClaims
    /// Where they come from.
    public let source: Source
    /// Where each entry stands in that source.
    let places: PermissionPlaces

    /// The permissions of a user that carries `own` (or whose role was expanded to it), which stands at `places`, in
    /// an account with these defaults.
    init(own: PermissionClaims, source: Source, places: PermissionPlaces, accountDefaults: PermissionClaims) {
        if !own.isEmpty {
            self.init(lists: own, source: source, places: places)
        } else if !accountDefaults.isEmpty {
            self.init(
                lists: accountDefaults, source: .accountDefaults,
                places: PermissionPlaces(base: "default_permissions"))
        } else {
            self.init(lists: PermissionClaims(), source: .unrestricted, places: PermissionPlaces(base: .whole))
        }
    }

    private init(lists: PermissionClaims, source: Source, places: PermissionPlaces) {
        self.lists = lists
        self.source = source
        self.places = places
    }

    /// The permissions of `user` in `account`, under the role `scope` if a scoped key signed it.
    ///
    /// A template that the user's values cannot be put into allows nothing; such a user is refused before anyone
    /// asks.
    package init(of user: UserClaims, in account: AccountClaims, scope: UserScope?) {
        guard let scope else {
            self.init(
                own: user.permissions, source: .user, places: PermissionPlaces(base: .whole),
                accountDefaults: account.defaultPermissions)
            return
        }
        let values = TemplateValues(user: user, account: account)
        let index = account.signingKeys.firstIndex { $0.key == scope.key }
        let keys: Place = "signing_keys"
        let key = index.map(keys.element) ?? keys
        var expansion = TemplateExpansion(values, for: .expanding, at: key, policy: .strict)
        let lists = expansion.permissions(scope.permissions)
        let source = Source.template(key: scope.key, role: scope.role)
        if expansion.judgement.failures.contains(where: { $0.rule == .template }) {
            var places = PermissionPlaces(base: key.member("template"))
            places.appendDenial(to: .publishDeny, holding: 0)
            places.appendDenial(to: .subscribeDeny, holding: 0)
            self.init(lists: .nothing, source: source, places: places)
        } else {
            self.init(
                own: lists, source: source, places: expansion.places, accountDefaults: account.defaultPermissions)
        }
    }
}

extension PermissionClaims {
    /// Everything is denied.
    fileprivate static let nothing: PermissionClaims = {
        var nothing = PermissionClaims()
        nothing.publishDeny = [PermissionEntry(pattern: .all)]
        nothing.subscribeDeny = [PermissionEntry(pattern: .all)]
        return nothing
    }()
}
