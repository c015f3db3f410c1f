import ArgumentParser
import Trust

/// A moment as nsc's `--expiry` and `--start` take it: `0` for none, a day (`2027-01-31`, from its first second in
/// UTC), a time (RFC 3339), or a number and a unit counted from now: `30m`inutes, `12h`ours, `3d`ays, `2w`eeks,
/// `6M`onths, `1y`ears.
enum Deadline: Hashable, ExpressibleByArgument {
    case none
    case at(UnixTime)
    case afterSeconds(Int64)
    case afterMonths(Int)

    init?(argument: String) {
        if argument == "0" {
            self = .none
        } else if let time = RFC3339.parseDay(argument) ?? RFC3339.parse(argument) {
            self = .at(time)
        } else if let unit = argument.last, let count = Int(argument.dropLast()), (1...1_000_000).contains(count),
            argument.first != "+"
        {
            switch unit {
            case "m": self = .afterSeconds(Int64(count) * 60)
            case "h": self = .afterSeconds(Int64(count) * 3600)
            case "d": self = .afterSeconds(Int64(count) * 86_400)
            case "w": self = .afterSeconds(Int64(count) * 604_800)
            case "M": self = .afterMonths(count)
            case "y": self = .afterMonths(count * 12)
            default: return nil
            }
        } else {
            return nil
        }
    }

    /// The moment, counted from `now`; nil for none. `CommandFailure` when it lies beyond the year 9999.
    func time(from now: UnixTime) throws(CommandFailure) -> UnixTime? {
        switch self {
        case .none: return nil
        case .at(let time): return time
        case .afterSeconds(let seconds): return now.advanced(by: seconds)
        case .afterMonths(let months):
            guard let day = CivilDate(daysSinceEpoch: now.seconds / 86_400)?.adding(months: months) else {
                throw CommandFailure(.usage, "\(months) months from now is beyond the year 9999")
            }
            return UnixTime(day.daysSinceEpoch * 86_400 + now.seconds % 86_400)
        }
    }
}
