import Foundation
import Testing

@testable import Trust

/// Moments, their arithmetic and their text.
@Suite struct UnixTimeTests {
    @Test func `no moment is before the epoch, and arithmetic stays between the first and the last`() {
        let edges: [Int64] = [.min, .min + 1, -1, 0, 1, 60, .max - 1, .max]
        #expect(edges.compactMap { UnixTime($0)?.seconds } == edges.filter { $0 >= 0 })
        for start in edges.compactMap(UnixTime.init) {
            for step in edges {
                let (sum, overflows) = start.seconds.addingReportingOverflow(step)
                let expected = overflows ? .max : max(0, sum)
                #expect(start.advanced(by: step).seconds == expected)
            }
        }
        #expect(UnixTime.zero < UnixTime.max && !(UnixTime.max < UnixTime.max))
    }

    @Test func `the text of a moment is the one that Foundation writes`() throws {
        let formatter = ISO8601DateFormatter()
        var mutations = Mutations(seed: 41)
        let edges: [Int64] = [
            0, 1, 59, 60, 86_399, 86_400, 68_169_599, 68_169_600, 951_782_399, 951_782_400, 951_868_800, 4_107_542_399,
            4_107_542_400, 1_795_208_400, 253_402_300_799,
        ]
        let random = (0..<5_000).map { _ in Int64.random(in: 0...253_402_300_799, using: &mutations) }
        for seconds in edges + random {
            let expected = formatter.string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
            let text = try #require(UnixTime(seconds)).description
            if text != expected { Issue.record("\(seconds): \(text), Foundation writes \(expected)") }
        }
    }

    @Test func `a moment beyond the year 9999 is written in seconds`() {
        #expect(UnixTime(253_402_300_800)?.description == "second 253402300800")
        #expect(UnixTime.max.description == "second 9223372036854775807")
    }

    @Test func `the texts of findings with extreme times do not trap`() {
        for time in [UnixTime.zero, .max] {
            for detail: Detail in [
                .expired(at: time, now: time), .notYetValid(from: .max, now: time), .revoked(at: time, issuedAt: nil),
            ] {
                #expect(!detail.message.isEmpty)
            }
        }
    }
}
