import Foundation
import Testing

@Suite("The same conversations with the real server and with the product's", .serialized)
struct BrokerConversationTests {
    @Test("both say the same, but for the rows", arguments: ConversationGroup.all)
    func conversations(_ group: ConversationGroup) async throws {
        let (theirs, ours) = try await Self.onThread { try TalkedServers(group).talk() }
        #expect(!theirs.isEmpty)
        for one in theirs where one.claimed != nil && one.claimed != one.lines {
            Issue.record("\(one.id): expected \(one.claimed ?? []), and the real server says \(one.lines)")
        }
        let known = Dictionary(ours.map { ($0.id, $0.lines) }, uniquingKeysWith: { $1 })
        for one in theirs where known[one.id] != one.lines {
            print("DIFF [\(one.id)]\n   theirs \(one.lines)\n   ours   \(known[one.id].map { "\($0)" } ?? "missing")")
        }
        let told = Set(theirs.map(\.id))
        for one in ours where !told.contains(one.id) { print("DIFF [\(one.id)]\n   ours only \(one.lines)") }
    }

    /// Blocks a thread of its own, and none of those that tasks share.
    private static func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }
}
