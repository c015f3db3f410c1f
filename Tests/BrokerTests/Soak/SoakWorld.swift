import NATSClient
import NKeys
import Subjects
import Synchronization
import Trust

@testable import Broker

/// A broker with two accounts that stay, one of which imports a stream and a service of the other, and clients that stay
/// connected while others come and go.
final class SoakWorld: Sendable {
    struct Fault: Error, CustomStringConvertible { let description: String }

    let world: BrokerWorld
    let broker: MessageBroker
    private let exporter: KeyPair
    private let importer: KeyPair
    private let exporterClaims: AccountClaims
    private let publisher: NATSConnection
    private let near: NATSConnection
    private let far: NATSConnection
    private let asker: NATSConnection
    private let service: NATSConnection
    private let nearMessages: NATSClient.Subscription
    private let farMessages: NATSClient.Subscription
    private let answering: Task<Void, Never>
    private let counts = Mutex((sent: 0, asked: 0, changes: 0, connections: 0))

    init() async throws {
        world = try BrokerWorld()
        (exporter, importer) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        var claims = AccountClaims(subject: exporter.publicKey, name: "E")
        claims.exports = [.stream(try SubjectPattern("str.>")), .service(try SubjectPattern("svc"))]
        exporterClaims = claims
        try world.set(claims)
        var importing = AccountClaims(subject: importer.publicKey, name: "I")
        importing.imports = try Self.imports(from: exporter)
        try world.set(importing)
        // Silent clients are asked often, so that alarms of those who are gone are soon over.
        broker = try await world.broker { settings in
            settings.times.pingInterval = .milliseconds(500)
            // Nobody is given up who only has to wait for a turn.
            settings.times.pingsOutstanding = 100
            // Some who come never say who they are, and have to be gone before the broker rests.
            settings.times.authentication = .seconds(45)
        }
        publisher = try await world.connect(try world.user(of: exporter), to: broker)
        near = try await world.connect(try world.user(of: exporter), to: broker)
        far = try await world.connect(try world.user(of: importer), to: broker)
        asker = try await world.connect(try world.user(of: importer), to: broker)
        service = try await world.connect(try world.user(of: exporter), to: broker)
        nearMessages = try await near.subscribe(to: "str.*.seq")
        farMessages = try await far.subscribe(to: "str.*.seq")
        let questions = try await service.subscribe(to: "svc")
        answering = Task { [service] in
            while let question = try? await questions.next() {
                guard let reply = question.reply else { continue }
                try? await service.publish(reply, payload: question.payload)
            }
        }
        for connection in [near, far, service] { try await connection.flush(timeout: .seconds(600)) }
    }

    private static func imports(from exporter: KeyPair) throws -> [Import] {
        [
            Import(subject: try SubjectPattern("str.>"), account: exporter.publicKey, kind: .stream),
            Import(subject: try SubjectPattern("svc"), account: exporter.publicKey, kind: .service),
        ]
    }

    // MARK: What stays

    /// Publishes numbered messages; those who stay subscribed get each of them once and in order.
    func numberedMessages(_ count: Int) async throws {
        let first = counts.withLock { counts in
            defer { counts.sent += count }
            return counts.sent
        }
        for begin in stride(from: first, to: first + count, by: 100) {
            for number in begin..<min(begin + 100, first + count) {
                try await publisher.publish("str.\(number % 300).seq", payload: Array("\(number)".utf8))
            }
            try await publisher.flush(timeout: .seconds(600))
            for (name, messages) in [("same", nearMessages), ("importing", farMessages)] {
                for number in begin..<min(begin + 100, first + count) {
                    let got = try await messages.next().map { String(decoding: $0.payload, as: UTF8.self) }
                    guard got == "\(number)" else {
                        throw Fault(description: "in the \(name) account \(got ?? "nothing") came instead of \(number)")
                    }
                }
            }
        }
    }

    /// Asks across accounts; each question is answered by what it asked.
    func questions(_ count: Int) async throws {
        for _ in 0..<count {
            let number = counts.withLock { counts in
                counts.asked += 1
                return counts.asked
            }
            let answer = try await asker.request("svc", payload: Array("\(number)".utf8), timeout: .seconds(600))
            guard answer.payload == Array("\(number)".utf8) else {
                throw Fault(description: "question \(number) got another's answer")
            }
        }
    }

    // MARK: What comes and goes

    /// An account that imports from one that stays, with clients; then it is deleted.
    func passingAccount() async throws {
        let account = try KeyPair.generate(.account)
        var claims = AccountClaims(subject: account.publicKey, name: "passing")
        claims.exports = [.stream(try SubjectPattern("own.>"))]
        claims.imports = try Self.imports(from: exporter)
        try world.set(claims)
        let one = try await world.connect(try world.user(of: account), to: broker)
        let other = try await world.connect(try world.user(of: account), to: broker)
        let own = try await one.subscribe(to: "own.*")
        _ = try await one.subscribe(to: "str.>")
        try await one.flush(timeout: .seconds(600))
        try await other.publish("own.1", payload: [1])
        guard try await own.next()?.payload == [1] else { throw Fault(description: "a passing account heard nothing") }
        _ = try await other.request("svc", payload: [2], timeout: .seconds(600))
        // Judged anew while connected.
        claims.defaultPermissions.subscribeAllow = [try PermissionEntry("own.>", in: .subscribe)]
        try world.set(claims)
        world.accounts.remove(account.publicKey)
        for connection in [one, other] { connection.close() }
        counts.withLock { $0.connections += 2 }
    }

    /// A client that subscribes beside those that stay, and goes.
    func passingClient(_ number: Int) async throws {
        let client = try await world.connect(
            try world.user(of: number % 2 == 0 ? exporter : importer) {
                $0.permissions.subscribeDeny = [try PermissionEntry("never.\(number)", in: .subscribe)]
            }, to: broker)
        _ = try await client.subscribe(to: "str.>", queue: number % 3 == 0 ? "q" : nil)
        _ = try await client.subscribe(to: "str.*.seq")
        try await client.flush(timeout: .seconds(600))
        if number % 4 == 0 { await client.drain() } else { client.close() }
        counts.withLock { $0.connections += 1 }
    }

    /// The account that exports is signed anew.
    func change() throws {
        let number = counts.withLock { counts in
            counts.changes += 1
            return counts.changes
        }
        var claims = exporterClaims
        claims.description = "change \(number)"
        claims.mappings =
            number % 2 == 0
            ? [] : [AccountMapping(source: try SubjectPattern("unused.\(number)"), destinations: [.init(subject: "x")])]
        if number % 3 == 0 { claims.exports.append(.stream(try SubjectPattern("more.\(number)"))) }
        try world.set(claims)
    }

    /// One round of everything at once.
    func round(_ number: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.numberedMessages(2000) }
            group.addTask { try await self.questions(200) }
            group.addTask { for _ in 0..<4 { try await self.passingAccount() } }
            group.addTask { for index in 0..<20 { try await self.passingClient(number * 20 + index) } }
            group.addTask {
                for _ in 0..<10 {
                    try self.change()
                    try await self.questions(1)
                }
            }
            try await group.waitForAll()
        }
    }

    /// What the broker holds once everybody who was passing is gone: asked again until it is what `condition` wants. There
    /// is no event for nothing; the limit is a guard.
    func census(until condition: (BrokerCensus) -> Bool) async throws -> BrokerCensus {
        var last: BrokerCensus?
        for _ in 0..<1800 {
            last = await broker.census()
            if let last, condition(last) { return last }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Fault(description: "the broker does not come to rest: \(String(describing: last))")
    }

    /// What was done, in words.
    var account: String {
        counts.withLock {
            "\($0.sent) messages to two each, \($0.asked) questions, \($0.connections) connections, \($0.changes) changes"
        }
    }

    /// Ends everything.
    func end() async {
        for connection in [publisher, near, far, asker, service] { connection.close() }
        _ = await answering.value
        await broker.stop()
    }
}
