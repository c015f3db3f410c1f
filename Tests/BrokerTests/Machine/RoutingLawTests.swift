import Glibc
import NKeys
import RealServers
import Subjects
import Testing
import Trust

@testable import Broker

/// Whatever accounts, imports and subscriptions come and go: a message reaches whom the plain lists say, and nobody else.
@Suite(.onOwnThread) struct RoutingLawTests {
    @Test func `in random worlds that change, deliveries are those of the plain lists`() throws {
        let seed = getenv("CREDENCE_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0 ... .max)
        let count = getenv("CREDENCE_WORLDS").flatMap { Int(String(cString: $0)) } ?? 12
        var (seen, crossed) = (0, 0)
        for number in 0..<count {
            var campaign = try RoutingCampaign(seed: seed &+ UInt64(number))
            if let violation = try campaign.run(steps: 250) {
                Issue.record("CREDENCE_SEED=\(seed &+ UInt64(number)) CREDENCE_WORLDS=1: \(violation)")
                return
            }
            seen += campaign.seen
            crossed += campaign.crossed
        }
        print("routing: CREDENCE_SEED=\(seed), \(count) worlds, \(seen) deliveries, \(crossed) into other accounts")
        #expect(seen > 50 * count && crossed > 2 * count)
    }
}

/// A world that changes at random, and the lists that say what should be.
struct RoutingCampaign {
    private var random: Numbers
    private let world: MachineWorld
    private let accounts: [KeyPair]
    private var clients: [(client: MachineClient, account: KeyPair, denied: [String])?] = []
    private var plain = PlainRouting()
    private var lastSID = 0
    private var lastSubject = "a"
    private var log: [String] = []
    /// Deliveries that were seen, so that a campaign cannot pass by delivering nothing.
    private(set) var seen = 0
    private(set) var crossed = 0

    init(seed: UInt64) throws {
        random = Numbers(state: seed)
        world = try MachineWorld()
        let world = world
        accounts = try (0..<4).map { try world.account("A\($0)") }
        for _ in 0..<8 { try connect() }
        for _ in accounts { try change() }
    }

    private struct Numbers {
        var state: UInt64
        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
    }

    private mutating func subject() -> String {
        (0...random.below(3)).map { _ in ["a", "b"][random.below(2)] }.joined(separator: ".")
    }

    private mutating func pattern() -> String {
        var tokens = (0...random.below(3)).map { _ in ["a", "b", "a", "b", "*"][random.below(5)] }
        if random.below(4) == 0 { tokens[tokens.count - 1] = ">" }
        return tokens.joined(separator: ".")
    }

    // MARK: Steps

    /// What is wrong, with what led to it; nil for nothing.
    mutating func run(steps: Int) throws -> String? {
        for _ in 0..<steps {
            switch random.below(20) {
            case 0: try change()
            case 1: if random.below(2) == 0 { try connect() } else { leave() }
            case 2..<7: subscribe()
            case 7: unsubscribe()
            default: if let violation = try publish() { return (log.suffix(60) + [violation]).joined(separator: "\n") }
            }
        }
        return world.core.alarms.count < 200 ? nil : "\(world.core.alarms.count) alarms"
    }

    private mutating func connect() throws {
        let account = accounts[random.below(accounts.count)]
        let denied = random.below(2) == 0 ? [] : [pattern()]
        let client = try world.client(of: account) {
            $0.permissions = try PermissionClaims(denySubscribe: denied)
        }
        log.append("client \(clients.count) of \(name(account)), denied \(denied)")
        clients.append((client, account, denied))
    }

    private func name(_ account: KeyPair) -> String {
        "A\(accounts.firstIndex { $0.publicKey == account.publicKey } ?? -1)"
    }

    private mutating func anybody() -> Int? {
        let present = clients.indices.filter { clients[$0] != nil }
        return present.isEmpty ? nil : present[random.below(present.count)]
    }

    private mutating func leave() {
        guard let index = anybody() else { return }
        log.append("client \(index) leaves")
        clients[index]?.client.leave()
        clients[index] = nil
        plain.subscriptions.removeAll { $0.client == index }
    }

    private mutating func subscribe() {
        guard let index = anybody(), let (client, account, denied) = clients[index] else { return }
        let (pattern, queue) = (pattern(), random.below(3) == 0 ? ["q", "r"][random.below(2)] : nil)
        lastSID += 1
        log.append("client \(index) of \(name(account)) SUB \(pattern) \(queue ?? "") \(lastSID)")
        client.say("SUB \(pattern) \(queue ?? "") \(lastSID)\r\n")
        guard !client.hear().contains("-ERR") else { return }
        plain.subscriptions.append(
            PlainRouting.Subscription(
                client: index, account: account.publicKey, sid: "\(lastSID)", pattern: pattern, queue: queue,
                denied: denied))
    }

    private mutating func unsubscribe() {
        guard !plain.subscriptions.isEmpty else { return }
        let gone = plain.subscriptions.remove(at: random.below(plain.subscriptions.count))
        log.append("client \(gone.client) UNSUB \(gone.sid)")
        clients[gone.client]?.client.say("UNSUB \(gone.sid)\r\n")
    }

    /// An account exports and imports something else.
    private mutating func change() throws {
        let account = accounts[random.below(accounts.count)]
        var exports: [Export] = []
        for kind in [ExportKind.stream, .service] where random.below(8) > 0 {
            exports.append(Export(subject: try SubjectPattern(">"), kind: kind))
        }
        var imports: [Import] = []
        for _ in 0..<(1 + random.below(4)) {
            let other = accounts[random.below(accounts.count)]
            if other.publicKey == account.publicKey { continue }
            let subject = pattern()
            var item = Import(
                subject: try SubjectPattern(subject), account: other.publicKey,
                kind: random.below(2) == 0 ? .stream : .service)
            if random.below(2) == 0 {
                var number = 0
                let local = subject.split(separator: ".").map { token -> String in
                    guard token == "*" else { return String(token) }
                    number += 1
                    return "$\(number)"
                }
                item.localSubject = "b." + local.joined(separator: ".")
            }
            // Two services of one exporter do not overlap.
            let isAlone = !imports.contains { $0.account == item.account && $0.kind == item.kind }
            if isAlone { imports.append(item) }
        }
        try world.edit(account) { ($0.exports, $0.imports) = (exports, imports) }
        log.append(
            "\(name(account)) imports \(imports.map { "\($0.kind) \($0.subject.text) as \($0.localSubject ?? "")" })")
    }

    private func links() -> [String] {
        plain.links.map { link in
            let places = [link.importer, link.exporter].map { key in
                accounts.first { $0.publicKey == key }.map(name) ?? ""
            }
            return "\(places[0]) from \(places[1]) \(link.kind) \(link.subject) as \(link.local)"
        }
    }

    /// The imports in force now: which those are is for others to say.
    private mutating func readLinks() {
        plain.links = accounts.flatMap { account -> [PlainRouting.Link] in
            let inForce = world.core.store.snapshot[account.publicKey]
            return (inForce?.bindings ?? []).map { binding in
                PlainRouting.Link(
                    importer: account.publicKey, exporter: binding.exporter, kind: binding.import.kind,
                    subject: binding.import.subject.text,
                    local: binding.import.localSubject ?? binding.import.subject.text)
            }
        }
    }

    /// What the core has linked that the trust store does not hold, or the other way round; nil for nothing.
    private func linkViolation() -> String? {
        for account in accounts {
            guard let space = world.core.spaces[account.publicKey] else { continue }
            let inForce = world.core.store.snapshot[account.publicKey]
            if inForce?.account !== space.inForce?.account { return "\(name(account)) is in force otherwise" }
            let bindings = inForce?.bindings ?? []
            let services = bindings.filter { $0.import.kind == .service }
            guard space.services.count == services.count,
                zip(space.services, services).allSatisfy({ $0.index == $1.index && $0.exporter == $1.exporter })
            else {
                return "\(name(account)) has other service imports"
            }
            for exporter in accounts {
                let links = (world.core.spaces[exporter.publicKey]?.streamImporters ?? [])
                    .filter { $0.importer.key == account.publicKey }
                let expected = bindings.filter { $0.import.kind == .stream && $0.exporter == exporter.publicKey }
                guard links.count == expected.count else {
                    return "\(name(account)) has \(links.count) stream imports from \(name(exporter)), expected "
                        + "\(expected.count)"
                }
            }
        }
        return nil
    }

    private mutating func publish() throws -> String? {
        readLinks()
        if let violation = linkViolation() { return violation }
        guard let index = anybody(), let (client, account, _) = clients[index] else { return nil }
        // Again and again the same, so that routes that are known are taken.
        if random.below(2) == 0 { lastSubject = subject() }
        let subject = lastSubject
        log.append(
            "client \(index) of \(name(account)) PUB \(subject), expected \(plain.deliveries(of: subject, in: account.publicKey))"
        )
        client.say("PUB \(subject) 0\r\n\r\n")
        let expected = plain.deliveries(of: subject, in: account.publicKey)
        var got: [(place: PlainRouting.Place, subject: String)] = []
        for (number, other) in clients.enumerated() {
            for text in try other?.client.messages() ?? [] {
                let parts = text.split(separator: " ")
                got.append((PlainRouting.Place(client: number, sid: String(parts[1])), String(parts[0])))
                seen += 1
                if other?.account.publicKey != account.publicKey { crossed += 1 }
            }
        }
        if Self.fits(got[...], expected) { return nil }
        return "got \(got), expected \(expected), links \(links())"
    }

    /// Whether each of those that were got is one that was expected, and none is left.
    private static func fits(
        _ got: ArraySlice<(place: PlainRouting.Place, subject: String)>, _ expected: [PlainRouting.Delivery]
    ) -> Bool {
        guard let first = got.first else { return expected.isEmpty }
        for (index, delivery) in expected.enumerated() {
            guard delivery.candidates.contains(first.place),
                delivery.subject.isEmpty || delivery.subject == first.subject
            else { continue }
            var rest = expected
            rest.remove(at: index)
            if fits(got.dropFirst(), rest) { return true }
        }
        return false
    }
}
