import Trust

/// Times as people and programs write them: `2026-11-20T22:13:00Z` (RFC 3339).
enum RFC3339 {
    /// The moment, without its fraction of a second; nil when the text is none, or lies before 1970.
    ///
    /// `T` and `Z` may be lower case, and a blank may stand for `T`, as the standard allows. A leap second is read as
    /// the second after it.
    static func parse(_ text: String) -> UnixTime? {
        var rest = Digits(text)
        guard let year = rest.number(4), rest.skip("-"), let month = rest.number(2), rest.skip("-"),
            let day = rest.number(2), let date = CivilDate(year: year, month: month, day: day),
            rest.skip("T") || rest.skip("t") || rest.skip(" "),
            let hour = rest.number(2), hour < 24, rest.skip(":"), let minute = rest.number(2), minute < 60,
            rest.skip(":"), let second = rest.number(2), second <= 60
        else { return nil }
        if rest.skip(".") {
            guard rest.skipDigits() else { return nil }
        }
        guard let offset = zone(&rest), rest.isAtEnd else { return nil }
        return UnixTime(date.daysSinceEpoch * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset))
    }

    /// The first moment of a day, `2026-11-20`, in UTC; nil when the text is none.
    static func parseDay(_ text: String) -> UnixTime? {
        var rest = Digits(text)
        guard let year = rest.number(4), rest.skip("-"), let month = rest.number(2), rest.skip("-"),
            let day = rest.number(2), rest.isAtEnd, let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        return UnixTime(date.daysSinceEpoch * 86_400)
    }

    /// Seconds east of UTC.
    private static func zone(_ rest: inout Digits) -> Int? {
        if rest.skip("Z") || rest.skip("z") { return 0 }
        let sign = rest.skip("+") ? 1 : -1
        guard sign == 1 || rest.skip("-"), let hour = rest.number(2), hour < 24, rest.skip(":"),
            let minute = rest.number(2), minute < 60
        else { return nil }
        return sign * (hour * 3600 + minute * 60)
    }
}

/// Reads numbers of a fixed width, and what stands between them.
private struct Digits {
    private var rest: ArraySlice<UInt8>

    init(_ text: String) { rest = Array(text.utf8)[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func number(_ count: Int) -> Int? {
        guard rest.count >= count else { return nil }
        var value = 0
        for byte in rest.prefix(count) {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        rest = rest.dropFirst(count)
        return value
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func skipDigits() -> Bool {
        let count = rest.prefix { (0x30...0x39).contains($0) }.count
        rest = rest.dropFirst(count)
        return count > 0
    }
}
