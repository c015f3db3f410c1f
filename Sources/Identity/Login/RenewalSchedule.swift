import Trust

/// When creds are renewed: at two thirds of their life, and after a failure again, at growing intervals.
public struct RenewalSchedule: Hashable, Sendable {
    /// The first and the longest wait after a failure, in seconds.
    static let firstWait: Int64 = 1
    static let longestWait: Int64 = 60

    /// When to renew next.
    public private(set) var next: UnixTime
    private var wait = firstWait

    /// A schedule for creds that were issued now and end then.
    public init(issuedAt: UnixTime, expires: UnixTime) {
        next = issuedAt.advanced(by: 1)
        renewed(issuedAt: issuedAt, expires: expires)
    }

    /// New creds have come.
    public mutating func renewed(issuedAt: UnixTime, expires: UnixTime) {
        let life = max(0, expires.seconds - issuedAt.seconds)
        // A second at least: whoever issues creds that are over already is not asked in a circle.
        next = issuedAt.advanced(by: max(1, life - life / 3))
        wait = Self.firstWait
    }

    /// None have come.
    public mutating func failed(at now: UnixTime) {
        next = now.advanced(by: wait)
        wait = min(wait * 2, Self.longestWait)
    }
}
