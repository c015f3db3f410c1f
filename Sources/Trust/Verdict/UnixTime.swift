/// A moment in whole seconds since 1970-01-01T00:00:00Z, never negative: a time that could not be written in a
/// token cannot be held.
public struct UnixTime: Hashable, Comparable, Sendable {
    /// Seconds since the epoch, at least 0.
    public let seconds: Int64

    /// The epoch.
    public static let zero = UnixTime(unchecked: 0)
    /// The last moment that can be held.
    public static let max = UnixTime(unchecked: .max)

    /// Nil when `seconds` is negative.
    public init?(_ seconds: Int64) {
        guard seconds >= 0 else { return nil }
        self.seconds = seconds
    }

    private init(unchecked seconds: Int64) { self.seconds = seconds }

    /// The moment `seconds` later (or earlier, when negative), held between the epoch and the last moment.
    public func advanced(by seconds: Int64) -> UnixTime {
        let (sum, overflow) = self.seconds.addingReportingOverflow(seconds)
        if overflow { return seconds > 0 ? .max : .zero }
        return UnixTime(unchecked: Swift.max(0, sum))
    }

    /// Earlier before later.
    public static func < (left: UnixTime, right: UnixTime) -> Bool { left.seconds < right.seconds }
}
