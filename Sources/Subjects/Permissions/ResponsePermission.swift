/// A permission to answer requests: how often, and for how long after each was received.
///
/// Zero stands for the field's defaults, once within two minutes; a negative number for no limit.
public struct ResponsePermission: Hashable, Sendable {
    /// Replies to one request; nothing when they are not limited.
    public let limit: Int?
    /// How long a request may be answered, in nanoseconds; nothing when it never lapses.
    public let nanoseconds: UInt64?

    /// A permission from the numbers of a token: `max` replies within `ttl` nanoseconds.
    public init(max: Int, ttl: Int) {
        limit = max < 0 ? nil : max == 0 ? 1 : max
        nanoseconds = ttl < 0 ? nil : ttl == 0 ? 120_000_000_000 : UInt64(ttl)
    }
}
