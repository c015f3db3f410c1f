import Foundation
import Testing

@Suite("The same conversations with the real server and with the product's")
struct BrokerConversationTests {
    @Test("the real server says what is known of it", arguments: ConversationGroup.all)
    func real(_ group: ConversationGroup) throws {
        let seen = try TalkedServers(group).observations()
        if ProcessInfo.processInfo.environment["CREDENCE_SHOW"] != nil {
            for one in seen { print("[\(one.id)] \(one.lines)") }
        }
        #expect(!seen.isEmpty)
        for one in seen where one.claimed != nil && one.claimed != one.lines {
            Issue.record("\(one.id): expected \(one.claimed ?? []), and the server says \(one.lines)")
        }
    }
}
