import Foundation
import RealServers
import Testing

/// The whole suite against the product's broker over the wire takes about fifteen seconds.
@Suite("The replay suite, against the product's broker", .timeLimit(.minutes(5)), .onOwnThread)
struct BrokerReplayTests {
    /// What the tests need of a report.
    private struct Report: Decodable {
        let holds: Bool
        let attacks: Int
        let controls: Int
        let through: [Entry]
        let broken: [Entry]
        let not_tried: [Entry]

        struct Entry: Decodable {
            let id: String
            let outcome: String?
        }
    }

    @Test func `no attack gets through over the wire, and every good import works`() throws {
        let folder = try TemporaryFolder()
        try Program.credenceSucceeds(["replay", "generate", folder.path("suite")])
        let broker = try BrokerProcess(configuration: folder.path("suite/nats-server.conf"))
        let run = try Program.credence(["replay", "run", folder.path("suite"), "--nats", broker.url, "--json"])
        #expect(run.status == 0, "\(run.errors)")
        let report = try JSONDecoder().decode(Report.self, from: Data(run.output.utf8))
        for entry in report.through + report.broken + report.not_tried {
            Issue.record("\(entry.id): \(entry.outcome ?? "")")
        }
        #expect(report.holds && report.attacks > 2000 && report.controls > 10)
    }
}
