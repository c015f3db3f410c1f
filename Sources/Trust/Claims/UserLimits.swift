/// The limits of a user, in its own token or in the template of a role.
public struct UserLimits: Hashable, Sendable {
    /// `src`: networks that the user may come from; nil when absent, none allowed from nowhere when empty.
    public var sources: [Network]?
    /// `times`: the hours of the day in which the user may be connected; nil when absent.
    public var times: [TimeWindow]?
    /// `times_location`: the IANA zone in which `times` are read; nil when absent or empty.
    public var timeZone: String?
    /// `subs`: subscriptions at once; nil when absent, negative for no limit.
    public var subscriptions: Int64?
    /// `data`: bytes; nil when absent, negative for no limit. Carried by the field and enforced by nobody.
    public var data: Int64?
    /// `payload`: bytes of one message; nil when absent, negative for no limit.
    public var payload: Int64?
    /// `bearer_token`: whether the user need not prove that it holds its key.
    public var bearer = false
    /// `proxy_required`: whether the user must come through a trusted proxy.
    public var proxyRequired = false
    /// `allowed_connection_types`, as received; nil when absent.
    public var connectionTypes: [String]?

    /// No limits at all, as a scoped user must have.
    public init() {}

    /// No limits, written as the field writes them for a user: -1 three times.
    public static let unlimited: UserLimits = {
        var limits = UserLimits()
        limits.subscriptions = -1
        limits.data = -1
        limits.payload = -1
        return limits
    }()

    /// Whether nothing is set: zero numbers count as absent, as the field reads them, empty lists do not.
    public var isEmpty: Bool {
        sources == nil && times == nil && timeZone == nil && (subscriptions ?? 0) == 0 && (data ?? 0) == 0
            && (payload ?? 0) == 0 && !bearer && !proxyRequired && connectionTypes == nil
    }
}

/// Hours of the day: later than `start` and earlier than `end`. When `end` is before `start` the window crosses
/// midnight; when they are equal it holds nothing.
public struct TimeWindow: Hashable, Sendable {
    /// Seconds since midnight, 0 to 86,399.
    public let start: Int
    /// Seconds since midnight, 0 to 86,399.
    public let end: Int

    /// Nil when either is no time of day, written `HH:MM:SS` (the hour may be one digit).
    public init?(start: String, end: String) {
        guard let start = Self.seconds(start), let end = Self.seconds(end) else { return nil }
        self.start = start
        self.end = end
    }

    /// Whether the moment `seconds` after midnight is inside.
    public func contains(_ seconds: Int) -> Bool {
        start < end ? start < seconds && seconds < end : start > end && (seconds > start || seconds < end)
    }

    static func seconds(_ text: String) -> Int? {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 3, (1...2).contains(parts[0].count), parts[1].count == 2, parts[2].count == 2 else {
            return nil
        }
        var values: [Int] = []
        for part in parts {
            guard part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            values.append(part.reduce(0) { $0 * 10 + Int($1 - 0x30) })
        }
        guard values[0] < 24, values[1] < 60, values[2] < 60 else { return nil }
        return values[0] * 3600 + values[1] * 60 + values[2]
    }

    /// The time of day `seconds` after midnight, as `HH:MM:SS`.
    static func text(_ seconds: Int) -> String {
        [seconds / 3600, seconds / 60 % 60, seconds % 60]
            .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}
