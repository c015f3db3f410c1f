import Testing

@testable import SystemTimeZones

@Suite("Rules of time zones")
struct FooterRuleTests {
    @Test("a rule may give the days of change in each of the three ways")
    func daysOfChange() throws {
        // 1 March and 1 April of 2023 and of the leap year 2024.
        let newYears: [Int64] = [1_672_531_200, 1_704_067_200]
        for (newYear, leapDays) in zip(newYears, [0, 1] as [Int64]) {
            let march = newYear + (59 + leapDays) * 86_400
            let counted = try #require(rule("AAA0BBB,J60/0,J91/1"))
            #expect(counted.secondsFromUTC(at: march - 1) == 0)
            #expect(counted.secondsFromUTC(at: march) == 3_600)
            #expect(counted.secondsFromUTC(at: march + 31 * 86_400 - 1) == 3_600)
            #expect(counted.secondsFromUTC(at: march + 31 * 86_400) == 0)
            let plain = try #require(rule("AAA0BBB,\(59 + leapDays)/0,\(90 + leapDays)/1"))
            #expect(plain.secondsFromUTC(at: march - 1) == 0)
            #expect(plain.secondsFromUTC(at: march) == 3_600)
        }
    }

    @Test("daylight saving time may last all year")
    func allYear() throws {
        let always = try #require(rule("XXX3EDT4,0/0,J365/23"))
        for day in 0..<1_500 as Range<Int64> {
            #expect(always.secondsFromUTC(at: day * 86_400 + 14_400) == -14_400)
            #expect(always.secondsFromUTC(at: day * 86_400 + 10_799) == -14_400)
        }
    }

    @Test("no time is out of range")
    func extremes() throws {
        let berlin = try #require(rule("CET-1CEST,M3.5.0,M10.5.0/3"))
        for time in [Int64.min, Int64.min + 1, -1, 0, Int64.max] {
            #expect([3_600, 7_200].contains(berlin.secondsFromUTC(at: time)))
        }
    }

    @Test(
        "a rule that is not wholly well formed is refused",
        arguments: [
            "", "A", "AB1", "ABC", "ABC25", "ABC1:60", "ABC1:00:60", "ABC1x", "ABC1DEF", "ABC1DEF,M3.5.0",
            "ABC1DEF,M3.5.0,", "ABC1DEF,M3.5.0,M13.1.0", "ABC1DEF,M3.5.0,M0.1.0", "ABC1DEF,M3.6.0,M4.1.0",
            "ABC1DEF,M3.5.7,M4.1.0", "ABC1DEF,J0,J1", "ABC1DEF,J366,J1", "ABC1DEF,366,1", "ABC1DEF,1/168,2",
            "ABC1DEF,1,2,3", "<AB>1", "<ABC1", "ABC1DEF,0001,2", "ABC--1", "ABC1DEF,M3.5.0/,M4.1.0", " ABC1",
            "ABC99999999999999999999",
        ])
    func refused(text: String) {
        #expect(rule(text) == nil)
    }

    @Test("times of day outside the day need version 3")
    func versions() {
        let text = "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"
        #expect(rule(text) != nil)
        #expect(FooterRule(ArraySlice(text.utf8), extended: false) == nil)
        #expect(FooterRule(ArraySlice("ABC1DEF,M3.5.0/24,M10.5.0".utf8), extended: false) != nil)
    }

    private func rule(_ text: String) -> FooterRule? {
        FooterRule(ArraySlice(text.utf8), extended: true)
    }
}
