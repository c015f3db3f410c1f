import Foundation
import Synchronization

/// The servers of a group of conversations: the real one, and the product's.
final class TalkedServers {
    private let folder: TemporaryFolder
    private let casts: [(conversation: Conversation, cast: Cast)]
    private let real: RealServer
    private let own: BrokerProcess

    /// Makes the accounts of the conversations, and starts servers that know them.
    init(_ group: ConversationGroup) throws {
        let realm = try Realm(strict: group.isStrict)
        casts = group.conversations.map { ($0, Cast($0.name, in: realm)) }
        for (conversation, cast) in casts { try conversation.prepare(cast) }
        let folder = try TemporaryFolder()
        self.folder = folder
        let accounts = casts.flatMap(\.cast.preloaded)
        let unread = casts.reduce(into: Set<String>()) { $0.formUnion($1.cast.unread) }
        let common = "authorization { timeout: \(group.authenticationTime) }\n\(group.settings)"
        let settings = try casts.reduce(into: common) { $0 += "\n\(try $1.conversation.settings($1.cast))" }
        func write(_ name: String, _ accounts: [(account: String, token: String)]) throws -> String {
            let text =
                switch group.resolver {
                case .memory: realm.configuration(preloading: accounts, settings)
                case .folder: realm.configuration(folder: folder.path("\(name) accounts"), settings)
                }
            try folder.write(text, to: name)
            return folder.path(name)
        }
        real = try RealServer(configuration: write("real.conf", accounts))
        own = try BrokerProcess(configuration: write("own.conf", accounts.filter { !unread.contains($0.account) }))
    }

    /// Runs all conversations on both servers, many at a time, as most wait for something; what was seen, in their
    /// order.
    func talk() throws -> (theirs: [Observation], ours: [Observation]) {
        guard let port = real.url.split(separator: ":").last.flatMap({ Int($0) }) else { throw Fault("no port") }
        let runs = [port, try own.port].flatMap { port in casts.map { (port: port, conversation: $0, cast: $1) } }
        nonisolated(unsafe) let shared = runs
        let next = Mutex(0)
        let results = Mutex([Int: [Observation]]())
        let group = DispatchGroup()
        // Both servers take part from the beginning: every other run is the other one's.
        let order = casts.indices.flatMap { [$0, $0 + casts.count] }
        for _ in 0..<24 {
            group.enter()
            let thread = Thread {
                while true {
                    let place = next.withLock { next in
                        defer { next += 1 }
                        return next
                    }
                    guard place < order.count else { break }
                    let run = shared[order[place]]
                    let seen = run.conversation.run(run.cast, at: run.port)
                    results.withLock { $0[order[place]] = seen }
                }
                group.leave()
            }
            thread.stackSize = 1 << 21
            thread.start()
        }
        group.wait()
        let seen = results.withLock { $0 }
        return (
            casts.indices.flatMap { seen[$0] ?? [] }, casts.indices.flatMap { seen[$0 + casts.count] ?? [] }
        )
    }

    /// What the servers wrote down.
    var log: String { real.logText }
}
