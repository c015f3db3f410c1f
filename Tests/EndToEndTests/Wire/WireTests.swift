import Foundation
import RealServers
import Testing

/// `CREDENCE_WIRE_SETS` gives the number of users (600 unless set) and `CREDENCE_SEED` the seed; both are printed. With
/// neither set, the same is tried each time, and each row must explain something.
@Suite("Permissions, decided by the real server and by the library", .onOwnThread)
struct WireTests {
    private static let seed: UInt64 = 20_261_121
    private static let sets: UInt64 = 600

    @Test("random permissions decide alike on the wire and here, but for rows of Docs/Divergences.md")
    func campaign() throws {
        let (seed, sets) = (Self.number("CREDENCE_SEED"), Self.number("CREDENCE_WIRE_SETS"))
        print("wire campaign: \(sets ?? Self.sets) sets, seed \(seed ?? Self.seed)")
        let deployment = try Deployment()
        try deployment.addAccount("WIRE")
        let campaign = try WireCampaign(
            count: Int(clamping: sets ?? Self.sets), seed: seed ?? Self.seed, account: "WIRE", of: deployment)
        let server = try RealServer(configuration: deployment.configuration())
        let comparison = try campaign.compare(with: campaign.plan.run(on: server))
        Self.report(comparison)
        for fault in comparison.faults.prefix(20) { Issue.record("\(fault)") }
        #expect(comparison.faults.isEmpty, "\(comparison.faults.count) faults, the first of which are above")
        guard seed == nil, sets == nil else { return }
        for kind in ["publish", "answer", "subscribe", "deliver"] {
            let (yes, no) = comparison.answers[kind] ?? (0, 0)
            #expect(yes > 100 && no > 100, "\(kind): allowed \(yes) times, refused \(no) times, which proves little")
        }
        for row in Laxity.allCases {
            #expect(
                comparison.explained[[row]] != nil,
                "\(row.rawValue) (\(row.reason)) is stale: alone it explains nothing")
        }
    }

    @Test("the rows of the campaign are those of Docs/Divergences.md about publishing, subscribing and queues")
    func documented() throws {
        let text = try String(contentsOfFile: "\(Testdata.root)/Docs/Divergences.md", encoding: .utf8)
        let ids = text.matches(of: /(?m)^\| ((?:publish|subscribe|queue)-[a-z-]+) \|/).map { String($0.1) }
        #expect(ids.sorted() == Laxity.allCases.map(\.rawValue).sorted())
    }

    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    private static func report(_ comparison: WireComparison) {
        let kinds = comparison.answers.sorted { $0.key < $1.key }
            .map { "\($0.key) \($0.value.yes) allowed \($0.value.no) refused" }
        print("wire campaign: \(comparison.compared) decisions: \(kinds.joined(separator: ", "))")
        let rows = comparison.explained.map { rows, count in
            "\(rows.map(\.rawValue).sorted().joined(separator: " with ")) \(count)"
        }
        print("wire campaign: \(comparison.differences) differ: \(rows.sorted().joined(separator: ", "))")
    }
}
