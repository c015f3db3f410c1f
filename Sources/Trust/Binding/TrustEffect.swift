import NKeys

/// What an embedder has to do after a change of a `TrustStore`, in the order given.
public enum TrustEffect: Sendable {
    /// Ask the resolver for this account, and hand its answer to `TrustStore.receive`. It is asked for once, however
    /// many wait for it.
    case load(PublicKey)
    /// The account is in force, for the first time or as another value; the snapshot holds it.
    case inForce(AccountInForce)
    /// The account is no longer in force.
    case outOfForce(PublicKey, OutOfForce)
    /// A binding holds that did not, or held otherwise.
    case gained(Binding)
    /// A binding no longer holds; or another takes its place, which then follows.
    case lost(Binding)
    /// Connected users of this account must go, or be judged again, which comes to the same for those whose token still
    /// holds.
    case disconnect(account: PublicKey, UserSelection)
    /// What connected users of this account may do has changed: compile their permissions again, and judge their
    /// subscriptions by them.
    case permissions(account: PublicKey, UserSelection)
    /// The account's limits, mappings or exports have changed for those connected.
    case settings(account: PublicKey)
}

/// Why an account is not in force.
public enum OutOfForce: Sendable {
    /// Its token is refused.
    case refused(Refusal)
    /// The resolver does not know it, or could not tell.
    case unknown
    /// It was forgotten to make room.
    case evicted
}

/// Some of an account's users.
public enum UserSelection: Hashable, Sendable {
    case all
    /// Those whose tokens one of these keys signed.
    case signed(by: Set<PublicKey>)
    /// Those whom the revocations cover.
    case revoked(Revocations)
    /// Those who need not prove that they hold their key.
    case bearers
    /// Those who bring no permissions of their own.
    case withDefaultPermissions

    /// Whether `user` is one of them.
    public func contains(_ user: TrustedUser) -> Bool {
        let common = user.claims.common
        return switch self {
        case .all: true
        case .signed(let keys): keys.contains(common.issuer)
        case .revoked(let revocations):
            revocations.time(covering: common.subject, issuedAt: common.issuedAt) != nil
        case .bearers: user.isBearer
        case .withDefaultPermissions: [.accountDefaults, .unrestricted].contains(user.permissions.source)
        }
    }

    /// The users of `old` who do not belong to `new` any more, as far as it depends on the account.
    static func leaving(_ old: TrustedAccount, _ new: TrustedAccount) -> [UserSelection] {
        var selections: [UserSelection] = []
        let (before, after) = (old.claims, new.claims)
        let removed = before.signingKeys.filter { key in after.signingKey(key.key) != key }.map(\.key)
        var signers = Set(removed)
        if new.strictSigningKeys, !old.strictSigningKeys { signers.insert(new.key) }
        if !signers.isEmpty { selections.append(.signed(by: signers)) }
        if before.revocations != after.revocations, !after.revocations.isEmpty {
            selections.append(.revoked(after.revocations))
        }
        if after.limits.disallowsBearer, !before.limits.disallowsBearer { selections.append(.bearers) }
        return selections
    }
}
