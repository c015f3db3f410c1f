import Glibc
import Trust

/// A clock that only goes forward, for measuring.
enum MonotonicClock {
    /// Nanoseconds since some moment.
    static func nanoseconds() -> UInt64 { clock_gettime_nsec(CLOCK_MONOTONIC) }

    /// Nanoseconds that this thread has computed; what other processes do does not count.
    static func threadNanoseconds() -> UInt64 { clock_gettime_nsec(CLOCK_THREAD_CPUTIME_ID) }

    private static func clock_gettime_nsec(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(max(0, time.tv_sec)) &* 1_000_000_000 &+ UInt64(max(0, time.tv_nsec))
    }
}

/// The clock on the wall: the one place where a command asks what time it is.
enum WallClock {
    /// Now, in whole seconds.
    static func now() -> UnixTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UnixTime(Int64(time.tv_sec)) ?? .zero
    }
}
