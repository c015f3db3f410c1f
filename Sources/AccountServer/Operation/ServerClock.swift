import Glibc
import Trust

/// The clocks that a server goes by, so that tests can bring their own.
public struct ServerClock: Sendable {
    /// The time of day: what expires is held to it.
    public var now: @Sendable () -> UnixTime
    /// Nanoseconds since some moment, never set back: what is rationed or timed is held to it.
    public var uptime: @Sendable () -> UInt64

    /// Clocks.
    public init(now: @escaping @Sendable () -> UnixTime, uptime: @escaping @Sendable () -> UInt64) {
        (self.now, self.uptime) = (now, uptime)
    }

    /// The clocks of the system.
    public static let system = ServerClock(
        now: { UnixTime(Int64(time(nil))) ?? .zero },
        uptime: {
            var reading = timespec()
            clock_gettime(CLOCK_MONOTONIC, &reading)
            return UInt64(max(0, reading.tv_sec)) &* 1_000_000_000 &+ UInt64(max(0, reading.tv_nsec))
        })
}
