import Testing

@testable import Broker

@Suite struct SurveyTimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_399_999_999_999, "2000-02-28T23:59:59.999999999Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00Z"), (951_868_800_500_000_000, "2000-03-01T00:00:00.5Z"),
            (1_795_292_916_975_135_037, "2026-11-21T20:28:36.975135037Z"), (-7, "1970-01-01T00:00:00Z"),
            (4_107_542_399_000_000_001, "2100-02-28T23:59:59.000000001Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00Z"), (.max, "2262-04-11T23:47:16.854775807Z"),
        ] as [(Int64, String)])
    func `a moment is written as RFC 3339 has it`(nanoseconds: Int64, text: String) {
        #expect(SurveyTime(nanoseconds: nanoseconds).text == text)
    }

    @Test(
        arguments: [
            (0, "0s"), (999_999_999, "0s"), (59_000_000_000, "59s"), (60_000_000_000, "1m0s"),
            (3_600_000_000_000, "1h0m0s"), (259_927_000_000_000, "3d0h12m7s"), (31_536_000_000_000_000, "1y0d0h0m0s"),
            (.max, "292y171d23h47m16s"), (.min, "0s"),
        ] as [(Int64, String)])
    func `a length of time begins with its largest unit`(nanoseconds: Int64, text: String) {
        #expect(SurveySpan.uptime(nanoseconds) == text)
    }

    @Test(
        arguments: [
            (0, "0s"), (999, "999ns"), (1000, "1µs"), (1_050, "1.05µs"), (7_003_575, "7.003575ms"),
            (1_000_000_000, "1s"), (1_500_000_001, "1.500000001s"), (-1, "0s"),
        ] as [(Int64, String)])
    func `a round trip keeps all of its fraction`(nanoseconds: Int64, text: String) {
        #expect(SurveySpan.exact(nanoseconds) == text)
    }

    @Test func `moments that lie the wrong way round are no time apart`() {
        let (early, late) = (SurveyTime(nanoseconds: 5), SurveyTime(nanoseconds: .max))
        #expect(late.since(early) == .max - 5 && early.since(late) == 0)
    }
}
