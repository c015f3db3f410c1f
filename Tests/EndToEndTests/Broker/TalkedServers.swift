import Foundation
import Synchronization

/// The servers of a group of conversations: the real one, and the product's.
final class TalkedServers {
    private let folder: TemporaryFolder
    private let real: RealServer
    private let casts: [(conversation: Conversation, cast: Cast)]
    private let realPort: Int

    /// Makes the accounts of the conversations, and starts servers that know them.
    init(_ group: ConversationGroup) throws {
        let realm = try Realm(strict: group.isStrict)
        casts = group.conversations.map { ($0, Cast($0.name, in: realm)) }
        for (conversation, cast) in casts { try conversation.prepare(cast) }
        folder = try TemporaryFolder()
        try folder.write(
            realm.configuration(preloading: casts.flatMap(\.cast.preloaded), group.settings), to: "server.conf")
        real = try RealServer(configuration: folder.path("server.conf"))
        guard let port = real.url.split(separator: ":").last.flatMap({ Int($0) }) else { throw Fault("no port") }
        realPort = port
    }

    /// Runs all conversations, many at a time, as most wait for something; what was seen, in their order.
    func observations() -> [Observation] { Self.run(casts, at: realPort) }

    private static func run(_ casts: [(conversation: Conversation, cast: Cast)], at port: Int) -> [Observation] {
        let next = Mutex(0)
        let results = Mutex([Int: [Observation]]())
        let group = DispatchGroup()
        for _ in 0..<12 {
            group.enter()
            let thread = Thread {
                while true {
                    let place = next.withLock { next in
                        defer { next += 1 }
                        return next
                    }
                    guard place < casts.count else { break }
                    let seen = casts[place].conversation.run(casts[place].cast, at: port)
                    results.withLock { $0[place] = seen }
                }
                group.leave()
            }
            thread.stackSize = 1 << 21
            thread.start()
        }
        group.wait()
        return results.withLock { results in casts.indices.flatMap { results[$0] ?? [] } }
    }
}
