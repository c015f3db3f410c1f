/// The hours of the day in which a user may be connected (C-user-hours), in a time zone.
///
/// Windows are not compared with the reading of a wall clock: their ends are moments, those at which the wall clock of
/// that day shows them. That matters on the days that clocks change: an end in the hour that such a day lacks is moved
/// by that hour, and of an hour that comes twice one counts.
struct ConnectionHours {
    private static let day: Int64 = 86_400
    /// The end of the year 9999. Later moments have no calendar.
    private static let lastSecond: Int64 = 253_402_300_799

    let zone: String
    let zones: any TimeZones

    /// What the windows say of a moment.
    enum Answer: Equatable {
        /// Inside; the latest end of the windows that hold the moment.
        case inside(until: UnixTime)
        case outside
        case unknownZone
    }

    func answer(_ windows: [TimeWindow], at now: UnixTime) -> Answer {
        guard let offset = offset(at: now.seconds) else { return .unknownZone }
        guard now.seconds <= Self.lastSecond else { return .outside }
        let local = now.seconds + offset
        let today = (local >= 0 ? local : local - Self.day + 1) / Self.day
        var latest: Int64?
        for window in windows where window.start != window.end {
            let crossesMidnight = window.start > window.end
            for first in crossesMidnight ? [today - 1, today] : [today] {
                guard let start = moment(window.start, of: first),
                    let end = moment(window.end, of: crossesMidnight ? first + 1 : first)
                else { return .unknownZone }
                if start < now.seconds, now.seconds < end { latest = max(latest ?? end, end) }
            }
        }
        return latest.flatMap(UnixTime.init).map(Answer.inside) ?? .outside
    }

    /// When the wall clock shows `seconds` after midnight on the day counted from 1970-01-01.
    ///
    /// The offset that holds at that reading taken as UTC is a first guess, and the one that holds at the moment so
    /// found decides. In a gap that gives a reading an hour off, in an overlap one of the two; the field does the same.
    private func moment(_ seconds: Int, of day: Int64) -> Int64? {
        let wall = day * Self.day + Int64(seconds)
        guard let guess = offset(at: wall), let decided = offset(at: wall - guess) else { return nil }
        return wall - decided
    }

    private func offset(at moment: Int64) -> Int64? {
        if zone == "UTC" { return 0 }
        guard let offset = zones.secondsFromUTC(zone: zone, at: moment) else { return nil }
        // No zone was ever more than a day away; anything else is a fault of the zones, and could overflow.
        return (-86_400...86_400).contains(offset) ? Int64(offset) : nil
    }
}
