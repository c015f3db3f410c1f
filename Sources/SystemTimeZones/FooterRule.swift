/// The rule at the end of a zone file, such as `CET-1CEST,M3.5.0,M10.5.0/3`: a standard offset, and a daylight
/// saving offset that begins and ends on the same days of every year.
///
/// RFC 9636, section 3.3; the form is that of the variable `TZ` in POSIX.1-2017, section 8.3.
struct FooterRule: Sendable, Equatable {
    /// Seconds east of UTC.
    private(set) var standardOffset: Int32
    private(set) var daylight: Daylight?

    struct Daylight: Sendable, Equatable {
        /// Seconds east of UTC.
        var offset: Int32
        /// In standard time.
        var start: Change
        /// In daylight saving time.
        var end: Change
    }

    struct Change: Sendable, Equatable {
        var day: Day
        /// Counted from midnight at the start of the day; may be negative or more than a day.
        var seconds: Int32
    }

    enum Day: Sendable, Equatable {
        /// `J1` to `J365`; 29 February has no number.
        case numberedWithoutLeapDay(Int64)
        /// `0` to `365`; 29 February counts.
        case numbered(Int64)
        /// `M3.5.0`: month 1 to 12, week 1 to 5 (5 is the last), weekday 0 (Sunday) to 6.
        case weekday(month: Int, week: Int64, weekday: Int64)
    }

    /// The rule that a footer spells, or nil when it is not wholly well formed.
    ///
    /// With `extended`, as from version 3 of the file on, times of day range over plus and minus a week.
    init?(_ footer: ArraySlice<UInt8>, extended: Bool) {
        var text = RuleText(footer)
        guard text.skipName(), let west = text.clock(hours: 24, signed: true) else { return nil }
        standardOffset = -west
        if text.isAtEnd { return }
        guard text.skipName() else { return nil }
        var offset = standardOffset + 3_600
        if !text.isAt(",") {
            guard let west = text.clock(hours: 24, signed: true) else { return nil }
            offset = -west
        }
        guard text.take(","), let start = text.change(extended), text.take(","), let end = text.change(extended),
            text.isAtEnd
        else { return nil }
        daylight = Daylight(offset: offset, start: start, end: end)
    }

    /// The offset that holds at a time, in seconds since 1970.
    func secondsFromUTC(at unixTime: Int64) -> Int32 {
        guard let daylight else { return standardOffset }
        // The calendar, weekdays included, repeats after 400 years: so no time is out of range.
        var time = unixTime % Calendar.secondsIn400Years
        if time < 0 { time += Calendar.secondsIn400Years }
        let year = Calendar.year(ofDay: time / Calendar.secondsInDay)

        // The latest change decides. Changes may lie up to a week outside their year; and where one year's end
        // coincides with the next year's start, there is daylight saving all the time.
        var latest = Int64.min
        var offset = standardOffset
        for year in year - 2...year + 1 {
            let end = daylight.end.time(in: year) - Int64(daylight.offset)
            if end <= time, end > latest { (latest, offset) = (end, standardOffset) }
            let start = daylight.start.time(in: year) - Int64(standardOffset)
            if start <= time, start >= latest { (latest, offset) = (start, daylight.offset) }
        }
        return offset
    }
}

extension FooterRule.Change {
    /// When the change happens in a year, in seconds of local time since 1970.
    fileprivate func time(in year: Int64) -> Int64 {
        let newYear = Calendar.firstDay(of: year)
        let isLeap = Calendar.isLeap(year)
        let number: Int64
        switch day {
        case .numberedWithoutLeapDay(let day): number = newYear + day - (isLeap && day >= 60 ? 0 : 1)
        case .numbered(let day): number = newYear + day
        case .weekday(let month, let week, let weekday):
            let firstOfMonth = newYear + Calendar.daysBefore(month: month, isLeap: isLeap)
            // Day 0, 1 January 1970, was a Thursday.
            let firstWeekday = (((firstOfMonth + 4) % 7) + 7) % 7
            var inMonth = (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
            if inMonth >= Calendar.days(inMonth: month, isLeap: isLeap) { inMonth -= 7 }
            number = firstOfMonth + inMonth
        }
        return number * Calendar.secondsInDay + Int64(seconds)
    }
}

/// Reads a footer front to back.
private struct RuleText {
    private var rest: ArraySlice<UInt8>

    init(_ footer: ArraySlice<UInt8>) {
        rest = footer
    }

    var isAtEnd: Bool { rest.isEmpty }

    func isAt(_ character: Unicode.Scalar) -> Bool {
        rest.first == UInt8(ascii: character)
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard isAt(character) else { return false }
        rest.removeFirst()
        return true
    }

    /// An abbreviation of at least three characters: letters, or within `<>` letters, digits and signs.
    mutating func skipName() -> Bool {
        let isQuoted = take("<")
        let name = rest.prefix { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"): isQuoted
            default: false
            }
        }
        rest = rest[name.endIndex...]
        return name.count >= 3 && (!isQuoted || take(">"))
    }

    /// `hh[:mm[:ss]]` in seconds.
    mutating func clock(hours: Int32, signed: Bool) -> Int32? {
        var sign: Int32 = 1
        if signed, take("-") { sign = -1 } else if signed { _ = take("+") }
        guard var seconds = number(0...hours).map({ $0 * 3_600 }) else { return nil }
        if take(":") {
            guard let minutes = number(0...59) else { return nil }
            seconds += minutes * 60
            if take(":") {
                guard let more = number(0...59) else { return nil }
                seconds += more
            }
        }
        return sign * seconds
    }

    mutating func change(_ extended: Bool) -> FooterRule.Change? {
        let day: FooterRule.Day
        if take("J") {
            guard let number = number(1...365) else { return nil }
            day = .numberedWithoutLeapDay(Int64(number))
        } else if take("M") {
            guard let month = number(1...12), take("."), let week = number(1...5), take("."),
                let weekday = number(0...6)
            else { return nil }
            day = .weekday(month: Int(month), week: Int64(week), weekday: Int64(weekday))
        } else {
            guard let number = number(0...365) else { return nil }
            day = .numbered(Int64(number))
        }
        guard take("/") else { return FooterRule.Change(day: day, seconds: 7_200) }
        guard let seconds = clock(hours: extended ? 167 : 24, signed: extended) else { return nil }
        return FooterRule.Change(day: day, seconds: seconds)
    }

    /// One to three digits.
    private mutating func number(_ range: ClosedRange<Int32>) -> Int32? {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...3).contains(digits.count) else { return nil }
        rest = rest[digits.endIndex...]
        let value = digits.reduce(0) { $0 * 10 + Int32($1 - UInt8(ascii: "0")) }
        return range.contains(value) ? value : nil
    }
}
