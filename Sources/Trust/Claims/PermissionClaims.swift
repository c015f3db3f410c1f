import Subjects

/// What a token says that its holder may publish and subscribe to.
///
/// A list that is absent and one that is present and empty differ: without an allow list everything not denied is
/// allowed, with an empty one nothing is.
public struct PermissionClaims: Hashable, Sendable {
    /// `pub.allow`; nil when absent.
    public var publishAllow: [PermissionEntry]?
    /// `pub.deny`; nil when absent.
    public var publishDeny: [PermissionEntry]?
    /// `sub.allow`; nil when absent. An entry may name a queue.
    public var subscribeAllow: [PermissionEntry]?
    /// `sub.deny`; nil when absent. An entry may name a queue.
    public var subscribeDeny: [PermissionEntry]?
    /// `resp`: permission to answer requests received.
    public var responses: ResponseClaims?

    /// No permissions at all: another source decides.
    public init() {}

    /// Whether there is neither an entry nor a response permission. An empty list without any entry beside it is
    /// nothing, as the field reads it.
    public var isEmpty: Bool {
        responses == nil && (publishAllow ?? []).isEmpty && (publishDeny ?? []).isEmpty
            && (subscribeAllow ?? []).isEmpty && (subscribeDeny ?? []).isEmpty
    }
}

/// `resp`: how many replies to a request, and for how long.
public struct ResponseClaims: Hashable, Sendable {
    /// `max`: replies to one request; 0 means the field's default of 1, negative means no limit.
    public var maximum: Int64
    /// `ttl`: nanoseconds; 0 means the field's default of two minutes, negative means no limit.
    public var timeToLive: Int64

    /// A response permission.
    public init(maximum: Int64 = 0, timeToLive: Int64 = 0) {
        self.maximum = maximum
        self.timeToLive = timeToLive
    }
}

/// The permissions of a role: subjects that may hold templates such as `{{name()}}`, expanded for each user.
public struct TemplatePermissions: Hashable, Sendable {
    /// `pub.allow`; nil when absent.
    public var publishAllow: [String]?
    /// `pub.deny`; nil when absent.
    public var publishDeny: [String]?
    /// `sub.allow`; nil when absent.
    public var subscribeAllow: [String]?
    /// `sub.deny`; nil when absent.
    public var subscribeDeny: [String]?
    /// `resp`.
    public var responses: ResponseClaims?

    /// No permissions.
    public init() {}
}
