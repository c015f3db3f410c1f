import Synchronization
import Trust

/// The value of the header `Date` (RFC 9110 section 5.6.7), made once a second.
final class HTTPDate: Sendable {
    private let clock: ServerClock
    private let latest = Mutex<(second: Int64, text: String)>((-1, ""))

    init(_ clock: ServerClock) { self.clock = clock }

    /// Now, for example `Sun, 06 Nov 1994 08:49:37 GMT`.
    var text: String {
        let second = clock.now().seconds
        return latest.withLock { latest in
            if latest.second != second { latest = (second, Self.text(of: second)) }
            return latest.text
        }
    }

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    /// The end of the year 9999, beyond which the form has no room.
    private static let last: Int64 = 253_402_300_799

    static func text(of seconds: Int64) -> String {
        let seconds = min(max(0, seconds), last)
        let day = seconds / 86_400
        let (year, month, dayOfMonth) = date(ofDay: day)
        let time = seconds % 86_400
        let clock = [time / 3600, time / 60 % 60, time % 60].map(two).joined(separator: ":")
        return "\(days[Int(day % 7)]), \(two(dayOfMonth)) \(months[Int(month - 1)]) \(four(year)) \(clock) GMT"
    }

    /// The civil date of a day counted from 1970-01-01, by periods of 400 years that begin on the first of March.
    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let period = shifted / 146_097
        let dayOfPeriod = shifted % 146_097
        let yearOfPeriod =
            (dayOfPeriod - dayOfPeriod / 1460 + dayOfPeriod / 36_524 - dayOfPeriod / 146_096) / 365
        let dayOfYear = dayOfPeriod - (365 * yearOfPeriod + yearOfPeriod / 4 - yearOfPeriod / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfPeriod + period * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    private static func four(_ number: Int64) -> String {
        String(repeating: "0", count: max(0, 4 - "\(number)".count)) + "\(number)"
    }
}
