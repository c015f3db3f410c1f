import Foundation
import RealServers
import Testing

/// `CREDENCE_SHOW` has everything printed that is seen on both servers.
@Suite("The same conversations with the real server and with the product's", .serialized, .onOwnThread)
struct BrokerConversationTests {
    @Test("both say the same, but for the rows of Docs/Divergences.md", arguments: ConversationGroup.all)
    func conversations(_ group: ConversationGroup) async throws {
        let (theirs, ours) = try await Self.onThread { try TalkedServers(group).talk() }
        #expect(!theirs.isEmpty)
        for one in theirs where one.claimed != nil && one.claimed != one.lines {
            Issue.record("\(one.id): the real server was to say \(one.claimed ?? []), and says \(one.lines)")
        }
        if ProcessInfo.processInfo.environment["CREDENCE_SHOW"] != nil { Self.show(theirs, ours) }
        let names = Set(group.conversations.map(\.name))
        let rows = try BrokerDivergence.all().filter { row in
            row.observation.split(separator: "/").first.map { names.contains(String($0)) } ?? false
        }
        let known = Dictionary(rows.map { ($0.observation, $0) }, uniquingKeysWith: { $1 })
        #expect(known.count == rows.count, "an observation stands twice among the divergences")
        let (left, right) = (Self.byID(theirs), Self.byID(ours))
        for id in (theirs.map(\.id) + ours.map(\.id).filter { left[$0] == nil }) {
            Self.compare(id, left[id], right[id], known[id])
        }
        for row in rows where left[row.observation] == nil && right[row.observation] == nil {
            Issue.record("\(row.row) is stale: nothing is seen at \(row.observation)")
        }
    }

    private static func compare(_ id: String, _ theirs: [String]?, _ ours: [String]?, _ row: BrokerDivergence?) {
        let sides = "\(id): the real server says \(theirs ?? ["nothing at all"]), we \(ours ?? ["nothing at all"])"
        if let row {
            if theirs == ours { Issue.record("\(row.row) is stale: \(id) is the same on both, \(theirs ?? [])") }
            if ours != row.ours {
                Issue.record("\(sides), and the row \(row.row) has \(row.ours ?? ["nothing at all"])")
            }
        } else if theirs != ours {
            Issue.record("\(sides), and no row says why")
        }
    }

    private static func byID(_ seen: [Observation]) -> [String: [String]] {
        Dictionary(seen.map { ($0.id, $0.lines) }, uniquingKeysWith: { $1 })
    }

    private static func show(_ theirs: [Observation], _ ours: [Observation]) {
        let told = byID(ours)
        for one in theirs {
            let mark = told[one.id] == one.lines ? "SAME" : "DIFF"
            print("\(mark) [\(one.id)]\n   theirs \(one.lines)\n   ours   \(told[one.id].map { "\($0)" } ?? "missing")")
        }
        let known = Set(theirs.map(\.id))
        for one in ours where !known.contains(one.id) { print("ONLY [\(one.id)]\n   ours \(one.lines)") }
    }

    @Test("each difference has its row in Docs/Divergences.md, and each row about the broker a difference")
    func documented() throws {
        let text = try String(contentsOfFile: "\(Testdata.root)/Docs/Divergences.md", encoding: .utf8)
        let rows = Set(text.matches(of: /(?m)^\| ([a-z0-9-]+) \|/).map { String($0.1) })
        let used = Set(try BrokerDivergence.all().map(\.row))
        #expect(used.subtracting(rows).sorted() == [], "has no row")
        #expect(rows.filter { $0.hasPrefix("broker-") }.subtracting(used).sorted() == [], "explains nothing")
    }

    /// Blocks a thread of its own, and none of those that tasks share.
    private static func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }
}
