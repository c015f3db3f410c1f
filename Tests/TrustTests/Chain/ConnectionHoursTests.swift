import Testing

@testable import Trust

/// Windows of the day, as moments.
@Suite struct ConnectionHoursTests {
    /// Zones with the changes of 2027, in seconds since 1970.
    private struct Zones2027: TimeZones {
        func secondsFromUTC(zone name: String, at unixTime: Int64) -> Int? {
            switch name {
            case "Europe/Berlin": (1_806_195_600..<1_824_944_400).contains(unixTime) ? 7200 : 3600
            case "America/New_York": (1_805_007_600..<1_825_567_200).contains(unixTime) ? -14_400 : -18_000
            case "Broken": .max
            default: nil
            }
        }
    }

    private func isInside(_ start: String, _ end: String, _ zone: String, _ seconds: Int64) throws -> Bool {
        let window = try #require(TimeWindow(start: start, end: end))
        let hours = ConnectionHours(zone: zone, zones: Zones2027())
        if case .inside = hours.answer([window], at: ChainWorld.moment(seconds)) { return true }
        return false
    }

    @Test func `in UTC a window holds what its times of day hold`() throws {
        let texts = ["00:00:00", "00:00:01", "06:00:00", "12:34:56", "18:00:00", "23:59:59"]
        let moments = texts.flatMap { text in (TimeWindow.seconds(text)).map { [$0 - 1, $0, $0 + 1] } ?? [] }
        for start in texts {
            for end in texts {
                let window = try #require(TimeWindow(start: start, end: end))
                for moment in moments where (0..<86_400).contains(moment) {
                    let seconds = 1_800_403_200 + Int64(moment)
                    #expect(
                        try isInside(start, end, "UTC", seconds) == window.contains(moment),
                        "\(start) to \(end) at \(moment)")
                }
            }
        }
    }

    @Test func `a window ends when it says, also over midnight and on the first day there is`() throws {
        let night = try #require(TimeWindow(start: "22:00:00", end: "06:00:00"))
        let hours = ConnectionHours(zone: "UTC", zones: NoTimeZones())
        #expect(hours.answer([night], at: ChainWorld.moment(3600)) == .inside(until: ChainWorld.moment(21_600)))
        #expect(hours.answer([night], at: ChainWorld.moment(82_800)) == .inside(until: ChainWorld.moment(108_000)))
        #expect(hours.answer([night], at: .max) == .outside)
        #expect(hours.answer([], at: .zero) == .outside)
    }

    @Test func `in the missing hour of spring the ends of a window are moved by that hour`() throws {
        // At 01:00 UTC on 2027-03-28 the clocks of Berlin go from 02:00 to 03:00.
        #expect(try !isInside("02:30:00", "03:30:00", "Europe/Berlin", 1_806_196_500))
        #expect(try isInside("01:30:00", "03:30:00", "Europe/Berlin", 1_806_196_500))
        #expect(try isInside("02:10:00", "02:50:00", "Europe/Berlin", 1_806_196_500))
        // At 07:00 UTC on 2027-03-14 those of New York do; west of UTC the guess errs to the other side.
        #expect(try isInside("02:30:00", "03:30:00", "America/New_York", 1_805_007_600 + 900))
    }

    @Test func `in the doubled hour of autumn a window is open the second time`() throws {
        // At 01:00 UTC on 2027-10-31 the clocks of Berlin go from 03:00 back to 02:00.
        #expect(try !isInside("02:15:00", "02:45:00", "Europe/Berlin", 1_824_942_600))
        #expect(try isInside("02:15:00", "02:45:00", "Europe/Berlin", 1_824_946_200))
        #expect(try isInside("01:15:00", "02:45:00", "Europe/Berlin", 1_824_942_600))
    }

    @Test func `a zone that is not known, or answers nonsense, is not guessed`() throws {
        let window = try #require(TimeWindow(start: "00:00:00", end: "23:59:59"))
        for zone in ["Mars/Olympus", "Broken", ""] {
            let hours = ConnectionHours(zone: zone, zones: Zones2027())
            #expect(hours.answer([window], at: ChainWorld.moment(1_800_000_000)) == .unknownZone)
        }
    }

    @Test func `hours are read in the user's zone, else in the policy's`() throws {
        let world = ChainWorld()
        // 08:00 UTC is 09:00 in Berlin and 03:00 in New York.
        let window = #""times":[{"start":"08:30:00","end":"09:30:00"}]"#
        var policy = Policy.strict
        #expect(try !world.login(world.userToken(window)).isAccepted)
        policy.defaultTimeZone = "Europe/Berlin"
        let berlin = try world.chain(policy: policy, zones: Zones2027())
        #expect(try world.login(world.userToken(window), chain: berlin).isAccepted)
        let stated = try world.userToken(window + #","times_location":"America/New_York""#)
        #expect(try world.login(stated, chain: berlin).codes == ["C-user-hours at times"])
        policy.defaultTimeZone = "Mars/Olympus"
        let nowhere = try world.chain(policy: policy, zones: Zones2027())
        #expect(try world.login(world.userToken(window), chain: nowhere).codes == ["C-user-hours at times_location"])
    }
}
