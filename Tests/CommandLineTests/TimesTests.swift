import RealServers
import Testing
import Trust

@testable import CredenceCLI

@Suite("Times on a command line", .onOwnThread)
struct TimesTests {
    @Test(
        "RFC 3339 times are read as they are written",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-20T22:13:00Z", 1_795_212_780),
            ("2026-11-20t22:13:00z", 1_795_212_780),
            ("2026-11-20T23:13:00+01:00", 1_795_212_780), ("2026-11-20T16:43:00.999-05:30", 1_795_212_780),
            ("2000-02-29T12:00:00Z", 951_825_600), ("9999-12-31T23:59:59Z", 253_402_300_799),
        ])
    func reads(_ text: String, _ seconds: Int64) {
        #expect(RFC3339.parse(text)?.seconds == seconds)
    }

    @Test(
        "What is no RFC 3339 time is refused",
        arguments: [
            "", "now", "2026-11-20", "2026-11-20T22:13:00", "2026-13-20T22:13:00Z", "2026-02-29T22:13:00Z",
            "2026-11-20T24:00:00Z", "2026-11-20T22:60:00Z", "2026-11-20T22:13:61Z", "2026-11-20T22:13:00.Z",
            "2026-11-20T22:13:00+1:00", "2026-11-20T22:13:00Zx", "1969-12-31T23:59:59Z", "+026-11-20T22:13:00Z",
        ])
    func refuses(_ text: String) {
        #expect(RFC3339.parse(text) == nil)
    }

    @Test("A time that is printed is read back")
    func printed() {
        for seconds in stride(from: Int64(0), to: 8_000_000_000, by: 86_399 * 31) {
            #expect(UnixTime(seconds).flatMap { RFC3339.parse("\($0)") }?.seconds == seconds)
        }
    }

    @Test("Every day of four centuries has one number", .timeLimit(.minutes(1)))
    func days() throws {
        for number in Int64(-200_000)..<(-200_000 + 2 * 146_097) {
            let day = try #require(CivilDate(daysSinceEpoch: number))
            #expect(day.daysSinceEpoch == number)
        }
    }

    @Test(
        "A deadline is counted from now",
        arguments: [
            ("30m", "2026-01-31T12:30:00Z"), ("12h", "2026-02-01T00:00:00Z"), ("3d", "2026-02-03T12:00:00Z"),
            ("2w", "2026-02-14T12:00:00Z"), ("1M", "2026-03-03T12:00:00Z"), ("11M", "2026-12-31T12:00:00Z"),
            ("1y", "2027-01-31T12:00:00Z"), ("2027-01-31", "2027-01-31T00:00:00Z"),
            ("2027-01-31T01:00:00Z", "2027-01-31T01:00:00Z"),
        ])
    func deadlines(_ text: String, _ expected: String) throws {
        let now = try #require(RFC3339.parse("2026-01-31T12:00:00Z"))
        #expect(try Deadline(argument: text)?.time(from: now)?.description == expected)
    }

    @Test("A deadline of 0 is none")
    func none() throws {
        #expect(Deadline(argument: "0") == Deadline.none)
        #expect(try Deadline.none.time(from: .zero) == nil)
    }

    @Test(
        "What is no deadline is refused",
        arguments: ["", "d", "-1d", "+1d", "1", "1s", "1.5h", "0d", "99999999d", "1dd"])
    func noDeadlines(_ text: String) {
        #expect(Deadline(argument: text) == nil)
    }

    @Test(
        "Lengths of time have a unit",
        arguments: [
            ("500ms", 500_000_000), ("5s", 5_000_000_000), ("2m", 120_000_000_000), ("1h", 3_600_000_000_000),
        ])
    func spans(_ text: String, _ nanoseconds: Int64) {
        #expect(TimeSpan(argument: text)?.nanoseconds == nanoseconds)
        #expect(TimeSpan(argument: String(text.prefix { $0.isNumber })) == nil)
        #expect(TimeSpan(argument: "9223372036854775807" + text.drop { $0.isNumber }) == nil)
    }
}
