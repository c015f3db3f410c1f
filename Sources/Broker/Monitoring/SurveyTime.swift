import Glibc

/// A moment in nanoseconds since 1970-01-01T00:00:00Z.
public struct SurveyTime: Hashable, Comparable, Sendable {
    /// Nanoseconds since the epoch, at least 0.
    public let nanoseconds: Int64

    /// A moment; before the epoch the epoch.
    public init(nanoseconds: Int64) { self.nanoseconds = max(0, nanoseconds) }

    /// Now.
    public static func now() -> SurveyTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let (seconds, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        return SurveyTime(nanoseconds: overflow ? .max : seconds &+ Int64(time.tv_nsec))
    }

    /// Earlier before later.
    public static func < (left: SurveyTime, right: SurveyTime) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Nanoseconds from an earlier moment; 0 from a later one.
    func since(_ earlier: SurveyTime) -> Int64 { max(0, nanoseconds &- earlier.nanoseconds) }

    /// As RFC 3339 has it, in UTC, with as much of the fraction as there is: `2026-11-20T22:13:00.25Z`.
    var text: String {
        let seconds = nanoseconds / 1_000_000_000
        let (year, month, day) = Self.date(ofDay: seconds / 86_400)
        let time = seconds % 86_400
        var text = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))T"
        text += "\(Self.padded(time / 3600, 2)):\(Self.padded(time / 60 % 60, 2)):\(Self.padded(time % 60, 2))"
        let fraction = nanoseconds % 1_000_000_000
        if fraction > 0 {
            var digits = Self.padded(fraction, 9)
            while digits.hasSuffix("0") { digits.removeLast() }
            text += ".\(digits)"
        }
        return text + "Z"
    }

    /// The date of a day counted from 1970-01-01: years counted in spans of four hundred, months from March, so that the
    /// leap day is a year's last.
    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let fromMarch = day + 719_468
        let (span, inSpan) = fromMarch.quotientAndRemainder(dividingBy: 146_097)
        let year = (inSpan - inSpan / 1460 + inSpan / 36_524 - inSpan / 146_096) / 365
        let inYear = inSpan - (365 * year + year / 4 - year / 100)
        let month = (5 * inYear + 2) / 153
        let isAfterNewYear = month >= 10
        return (
            span * 400 + year + (isAfterNewYear ? 1 : 0), isAfterNewYear ? month - 9 : month + 3,
            inYear - (153 * month + 2) / 5 + 1
        )
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

/// Lengths of time as the field's pages show them.
enum SurveySpan {
    /// Years, days, hours, minutes and seconds, from the largest that is not 0 on: `3d0h12m7s`.
    static func uptime(_ nanoseconds: Int64) -> String {
        var rest = max(0, nanoseconds) / 1_000_000_000
        let parts: [(String, Int64)] = [("y", 31_536_000), ("d", 86_400), ("h", 3600), ("m", 60)]
        var text = ""
        for (unit, seconds) in parts {
            if !text.isEmpty || rest >= seconds { text += "\(rest / seconds)\(unit)" }
            rest %= seconds
        }
        return "\(text)\(rest)s"
    }

    /// With the unit that leaves a number from 1 on, and all of its fraction: `7.003575ms`.
    static func exact(_ nanoseconds: Int64) -> String {
        let length = max(0, nanoseconds)
        let (unit, scale): (String, Int64) =
            switch length {
            case 0: ("s", 1_000_000_000)
            case ..<1000: ("ns", 1)
            case ..<1_000_000: ("µs", 1000)
            case ..<1_000_000_000: ("ms", 1_000_000)
            default: ("s", 1_000_000_000)
            }
        var text = String(length / scale)
        var fraction = length % scale
        guard fraction > 0 else { return text + unit }
        text += "."
        var place = scale / 10
        while fraction > 0, place > 0 {
            text += String(fraction / place)
            fraction %= place
            place /= 10
        }
        return text + unit
    }
}
