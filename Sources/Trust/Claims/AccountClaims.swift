import NKeys
import Subjects

/// What an account token says.
public struct AccountClaims: TokenClaims, Hashable {
    /// The account type.
    public static var type: TokenType { .account }
    /// What every token states.
    public var common: CommonClaims
    /// `imports`: what the account takes from others.
    public var imports: [Import] = []
    /// `exports`: what the account offers.
    public var exports: [Export] = []
    /// `limits`.
    public var limits = AccountLimits()
    /// `signing_keys`: further keys that sign for this account.
    public var signingKeys: [SigningKey] = []
    /// `revocations` of users.
    public var revocations = Revocations()
    /// `default_permissions`, for users that have none of their own.
    public var defaultPermissions = PermissionClaims()
    /// `mappings`, in the order of the token: the first that matches applies.
    public var mappings: [AccountMapping] = []
    /// `authorization`: who decides about users from outside; nil when absent or empty.
    public var authorization: ExternalAuthorization?
    /// `trace`; nil when absent.
    public var trace: MessageTrace?
    /// `cluster_traffic`: empty, `system` or `owner`.
    public var clusterTraffic = ""
    /// `description`; empty when absent.
    public var description = ""
    /// `info_url`; empty when absent.
    public var infoURL = ""
    /// `tags`.
    public var tags: [String] = []
    /// Members that this library does not know.
    public var unknown: [UnknownMember] = []

    /// An account without exports, imports or limits set.
    public init(common: CommonClaims) { self.common = common }

    /// The signing key `key`, if the account lists it.
    public func signingKey(_ key: PublicKey) -> SigningKey? { signingKeys.first { $0.key == key } }
}

/// A key that signs for an account.
public enum SigningKey: Hashable, Sendable {
    /// Signs users and activations.
    case plain(PublicKey)
    /// Signs users only, each of whom gets the role's template.
    case scoped(UserScope)

    /// The key.
    public var key: PublicKey {
        switch self {
        case .plain(let key): key
        case .scoped(let scope): scope.key
        }
    }

    /// The role, for a scoped key.
    public var scope: UserScope? {
        if case .scoped(let scope) = self { scope } else { nil }
    }
}

/// A role: the template that every user gets whom the scoped key signs.
public struct UserScope: Hashable, Sendable {
    /// `key`.
    public var key: PublicKey
    /// `role`: what people call it.
    public var role = ""
    /// The permissions of `template`.
    public var permissions = TemplatePermissions()
    /// The limits of `template`; numbers that are absent are unlimited.
    public var limits = UserLimits()
    /// What is wrong in the template: users of this scope are refused for it (C-template).
    public internal(set) var faults: [Finding] = []
    /// `description`.
    public var description = ""

    /// A role without permissions or limits.
    public init(key: PublicKey) { self.key = key }
}

/// A mapping of subjects inside one account.
public struct AccountMapping: Hashable, Sendable {
    /// Where a mapped subject goes, with what share.
    public struct Destination: Hashable, Sendable {
        /// `subject`: may hold `$1` and functions such as `{{wildcard(1)}}`.
        public var subject: String
        /// `weight` in percent; 0 means 100.
        public var weight: Int
        /// `cluster`: where this applies; empty for everywhere.
        public var cluster: String

        /// A destination.
        public init(subject: String, weight: Int = 100, cluster: String = "") {
            self.subject = subject
            self.weight = weight
            self.cluster = cluster
        }
    }

    /// The subjects that are mapped.
    public var source: SubjectPattern
    /// Where they go.
    public var destinations: [Destination]

    /// A mapping.
    public init(source: SubjectPattern, destinations: [Destination]) {
        self.source = source
        self.destinations = destinations
    }
}

/// `authorization`: an outside service decides about the users of this account.
public struct ExternalAuthorization: Hashable, Sendable {
    /// `auth_users`: users that the service itself connects as.
    public var users: [PublicKey] = []
    /// `allowed_accounts`: accounts that the service may place users in.
    public var accounts: [PublicKey] = []
    /// Whether `allowed_accounts` is `*`: any account.
    public var allowsAnyAccount = false
    /// `xkey`: the curve key that requests are sealed to.
    public var sealingKey: PublicKey?

    /// No service.
    public init() {}
}

/// `trace`: where traces of messages go.
public struct MessageTrace: Hashable, Sendable {
    /// `dest`: a literal subject.
    public var destination: Subject
    /// `sampling` in percent; 0 means 100.
    public var sampling: Int

    /// A trace destination.
    public init(destination: Subject, sampling: Int = 0) {
        self.destination = destination
        self.sampling = sampling
    }
}
