/// What one user may publish and subscribe to, compiled: an immutable value that decides in one walk over the
/// bytes, without a lock and without allocating.
///
/// ```swift
/// let permissions = try Permissions(
///     publish: PermissionLists(allow: ["orders.>"], deny: ["orders.secret"], in: .publish),
///     subscribe: PermissionLists(allow: ["_INBOX.>"], in: .subscribe))
/// permissions.decide(publish: try Subject("orders.eu")).isAllowed  // true
/// ```
/// The rules are those of the design, "P: permissions": deny wins; a subscription is allowed when one allow entry
/// contains it as a set and no deny entry does; a deny that only overlaps filters deliveries.
public struct Permissions: Sendable {
    /// The compiled lists, shared by copies and by what a `PermissionsTable` makes of equal lists.
    final class Storage: Sendable {
        let publish: DirectionRules
        let subscribe: DirectionRules
        let responses: ResponsePermission?

        init(publish: consuming DirectionRules, subscribe: consuming DirectionRules, responses: ResponsePermission?) {
            self.publish = publish
            self.subscribe = subscribe
            self.responses = responses
        }
    }

    var storage: Storage

    init(_ storage: Storage) { self.storage = storage }

    /// Compiles lists.
    ///
    /// With `responses`, an absent publish allow list allows nothing: replies are then admitted one by one by a
    /// `ReplyLedger`.
    /// - Throws: `PermissionsError.tooMany`.
    /// - Complexity: proportional to the text of the lists, within the budgets of the compiler.
    public init(
        publish: PermissionLists = PermissionLists(), subscribe: PermissionLists = PermissionLists(),
        responses: ResponsePermission? = nil
    ) throws(PermissionsError) {
        try Self.check(publish.allow?.count ?? 0, publish.deny.count, .publish)
        try Self.check(subscribe.allow?.count ?? 0, subscribe.deny.count, .subscribe)
        var publishing = DirectionRules.Builder(.publish)
        publishing.add(publish.allow, as: .allow)
        publishing.add(publish.deny, as: .deny)
        var subscribing = DirectionRules.Builder(.subscribe)
        subscribing.add(subscribe.allow, as: .allow)
        subscribing.add(subscribe.deny, as: .deny)
        storage = try Self.storage(publishing, subscribing, responses, seed: nil)
    }

    /// Compiles lists of texts, as they stand in a token; quicker for long lists than to make entries first.
    ///
    /// - Throws: `PermissionsError`, naming the first entry that is not valid; it refuses the whole value.
    public init(
        publishAllow: [String]?, publishDeny: [String], subscribeAllow: [String]?, subscribeDeny: [String],
        responses: ResponsePermission? = nil
    ) throws(PermissionsError) {
        try self.init(
            publishAllow: publishAllow, publishDeny: publishDeny, subscribeAllow: subscribeAllow,
            subscribeDeny: subscribeDeny, responses: responses, seed: nil)
    }

    /// The same with a hash of the caller's choice, for tests of collisions.
    init(
        publishAllow: [String]?, publishDeny: [String], subscribeAllow: [String]?, subscribeDeny: [String],
        responses: ResponsePermission?, seed: TokenTable.Seed?
    ) throws(PermissionsError) {
        try Self.check(publishAllow?.count ?? 0, publishDeny.count, .publish)
        try Self.check(subscribeAllow?.count ?? 0, subscribeDeny.count, .subscribe)
        var publishing = DirectionRules.Builder(.publish)
        try publishing.add(publishAllow, as: .allow)
        try publishing.add(publishDeny, as: .deny)
        var subscribing = DirectionRules.Builder(.subscribe)
        try subscribing.add(subscribeAllow, as: .allow)
        try subscribing.add(subscribeDeny, as: .deny)
        storage = try Self.storage(publishing, subscribing, responses, seed: seed)
    }

    private static func check(
        _ allow: Int, _ deny: Int, _ place: PermissionEntry.Place
    ) throws(PermissionsError) {
        if allow > SubjectLimits.rules || deny > SubjectLimits.rules &- allow { throw .tooMany(place) }
    }

    private static func storage(
        _ publish: consuming DirectionRules.Builder, _ subscribe: consuming DirectionRules.Builder,
        _ responses: ResponsePermission?, seed: TokenTable.Seed?
    ) throws(PermissionsError) -> Storage {
        if publish.textCount > SubjectLimits.ruleText { throw .tooMany(.publish) }
        if subscribe.textCount > SubjectLimits.ruleText { throw .tooMany(.subscribe) }
        return Storage(
            publish: publish.compile(standard: responses == nil ? .byDefault : .none, seed: seed),
            subscribe: subscribe.compile(standard: .byDefault, seed: seed), responses: responses)
    }

    /// Whether a message may be published on `subject`. Replies are a `ReplyLedger`'s to decide, beside this.
    public func decide(publish subject: Subject) -> Decision {
        Decision(storage.publish.plain(subject.bytes.span.bytes, mode: .literal))
    }

    /// Whether a message may be published on the subject in `utf8`, which is validated first.
    ///
    /// - Throws: `SubjectError` when it is no literal subject.
    public func decide(publish utf8: Span<UInt8>) throws(SubjectError) -> Decision {
        _ = try SubjectScan(utf8, wildcards: .refused)
        return Decision(storage.publish.plain(utf8.bytes, mode: .literal))
    }

    /// Whether a message may be published on a subject that is known to be valid: the bytes of a `Subject`.
    package func decide(publishValid utf8: UnsafeBufferPointer<UInt8>) -> Decision {
        Decision(storage.publish.plain(utf8.span.bytes, mode: .literal))
    }

    /// Whether a plain subscription to `pattern` is allowed.
    public func decide(subscribe pattern: SubjectPattern) -> Decision {
        Decision(storage.subscribe.plain(pattern.bytes.span.bytes, mode: .pattern))
    }

    /// Whether a subscription to `pattern` in a queue group is allowed.
    public func decide(subscribe pattern: SubjectPattern, queue: QueueName) -> Decision {
        Decision(storage.subscribe.subscribing(pattern.bytes.span.bytes, queue: queue))
    }

    /// Whether a message on `subject` is delivered under a subscription that was allowed, in a queue group or
    /// not. Only a deny entry stops it; see `filtersDeliveries`.
    public func delivers(_ subject: Subject, queue: QueueName? = nil) -> Bool {
        !storage.subscribe.delivering(subject.bytes.span.bytes, queue: queue).isDeny
    }

    /// Whether any delivery may be stopped; when not, `delivers` need not be asked.
    public var filtersDeliveries: Bool { storage.subscribe.denies }

    /// The response permission, if there is one.
    public var responses: ResponsePermission? { storage.responses }

    /// The bytes that the compiled lists hold.
    public var byteCount: Int { storage.publish.byteCount &+ storage.subscribe.byteCount }

    /// Whether both are one value in memory, as equal lists of one `PermissionsTable` are.
    public func isShared(with other: Permissions) -> Bool { storage === other.storage }
}
