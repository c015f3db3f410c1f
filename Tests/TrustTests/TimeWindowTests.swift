import Testing

@testable import Trust

/// Hours of the day.
@Suite struct TimeWindowTests {
    @Test(arguments: [
        ("00:00:00", 0), ("23:59:59", 86_399), ("9:05:07", 32_707), ("09:05:07", 32_707), ("0:00:01", 1),
        ("24:00:00", nil), ("00:60:00", nil), ("00:00:60", nil), ("", nil), ("::", nil), ("1:2:3", nil), ("01:02", nil),
        ("01:02:03:04", nil), ("001:02:03", nil), ("01:002:03", nil), ("-1:02:03", nil), ("+1:02:03", nil),
        (" 1:02:03", nil), ("01:02:03 ", nil), ("01:02:3a", nil), ("\u{661}\u{662}:00:00", nil), ("12:00:00Z", nil),
    ])
    func `a time of day is hours, minutes and seconds in digits`(text: String, seconds: Int?) {
        #expect(TimeWindow.seconds(text) == seconds)
        #expect((TimeWindow(start: text, end: "12:00:00") != nil) == (seconds != nil))
        #expect((TimeWindow(start: "12:00:00", end: text) != nil) == (seconds != nil))
    }

    @Test func `every second of the day is written and read again`() {
        for seconds in 0..<86_400 where TimeWindow.seconds(TimeWindow.text(seconds)) != seconds {
            Issue.record("\(seconds)")
        }
    }

    @Test func `a window holds what comes after its start and before its end, around the clock`() throws {
        let day = 86_400
        let moments = [0, 1, 2, 3_599, 3_600, 43_200, 86_397, 86_398, 86_399]
        for start in moments {
            for end in moments {
                let window = try #require(TimeWindow(start: TimeWindow.text(start), end: TimeWindow.text(end)))
                let length = (end - start + day) % day
                for second in moments {
                    let since = (second - start + day) % day
                    #expect(window.contains(second) == (since > 0 && since < length), "\(start) \(end) \(second)")
                }
            }
        }
    }
}
