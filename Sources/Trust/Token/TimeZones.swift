/// Where the rules of time zones come from. The trust model reads no files: a program hands it one of these.
///
/// The product `SystemTimeZones` reads the system's zone files.
public protocol TimeZones: Sendable {
    /// The offset from UTC, in seconds east, that holds in the IANA zone `name` at `unixTime`; nil when there is no
    /// such zone here.
    func secondsFromUTC(zone name: String, at unixTime: Int64) -> Int?
}

/// Knows UTC and nothing else. Tokens that name another zone are refused: a rule that cannot be judged fails.
public struct NoTimeZones: TimeZones {
    /// The zones of a program that brings none.
    public init() {}

    /// 0 for UTC, nil for every other name.
    public func secondsFromUTC(zone name: String, at unixTime: Int64) -> Int? { name == "UTC" ? 0 : nil }
}
