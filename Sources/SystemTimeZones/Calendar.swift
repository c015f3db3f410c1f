/// The Gregorian calendar, as far as the rules of time zones need it. Days are counted from 1 January 1970.
enum Calendar {
    static let secondsInDay: Int64 = 86_400
    static let secondsIn400Years: Int64 = 146_097 * secondsInDay

    static func isLeap(_ year: Int64) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// The day of 1 January of a year from 1 on.
    static func firstDay(of year: Int64) -> Int64 {
        let past = year - 1
        return past * 365 + past / 4 - past / 100 + past / 400 - 719_162
    }

    /// The year of a day from 1970 on.
    static func year(ofDay day: Int64) -> Int64 {
        // Too early by at most a year in each 500.
        var year = 1_970 + day / 366
        while firstDay(of: year + 1) <= day { year += 1 }
        return year
    }

    /// How many days of the year lie before a month, from 1 to 12.
    static func daysBefore(month: Int, isLeap: Bool) -> Int64 {
        (1..<month).reduce(0) { $0 + days(inMonth: $1, isLeap: isLeap) }
    }

    static func days(inMonth month: Int, isLeap: Bool) -> Int64 {
        switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
