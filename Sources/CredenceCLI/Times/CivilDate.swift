/// A day of the proleptic Gregorian calendar, years 0 to 9999.
struct CivilDate: Hashable {
    var year: Int
    var month: Int
    var day: Int

    /// Nil when there is no such day.
    init?(year: Int, month: Int, day: Int) {
        guard (0...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.days(inMonth: month, of: year)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day that is this many days after 1970-01-01; nil outside the years 0 to 9999.
    init?(daysSinceEpoch days: Int64) {
        guard (-719_528...2_932_896).contains(days) else { return nil }
        // Years are counted from March, so that the leap day ends a year, in cycles of 400 years of 146,097 days.
        let shifted = Int(days) + 719_468 + 146_097
        let cycle = shifted / 146_097 - 1
        let dayOfCycle = shifted % 146_097
        let yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01; negative before.
    var daysSinceEpoch: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let cycle = (shiftedYear + 400) / 400 - 1
        let yearOfCycle = shiftedYear - cycle * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
        return Int64(cycle * 146_097 + dayOfCycle - 719_468)
    }

    /// The same day so many months later, or the days beyond the end of the month it falls in: a month after
    /// January 31 is March 3, or March 2 in a leap year, as nsc has it. Nil after the year 9999.
    func adding(months: Int) -> CivilDate? {
        let (sum, overflow) = (year * 12 + month - 1).addingReportingOverflow(months)
        guard !overflow, sum >= 0, let first = CivilDate(year: sum / 12, month: sum % 12 + 1, day: 1) else {
            return nil
        }
        return CivilDate(daysSinceEpoch: first.daysSinceEpoch + Int64(day - 1))
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
