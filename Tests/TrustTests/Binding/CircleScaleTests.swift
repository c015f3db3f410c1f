import NKeys
import Testing

@testable import Trust

/// Many accounts: long chains, wide hubs and graphs that are made to explode. Neither time nor stack runs out.
@Suite struct CircleScaleTests {
    private let forge = BindingForge.shared

    private func account(
        _ number: Int, issuedAt: Int64? = nil, _ imports: [(exporter: Int, subject: String, local: String)]
    ) throws -> TrustedAccount {
        let items = try imports.map { item in
            """
            {"type":"stream","account":"\(try BindingForge.key(item.exporter))","subject":"\(item.subject)",\
            "local_subject":"\(item.local)"}
            """
        }
        return try forge.get().account(
            BindingForge.key(number), issuedAt: issuedAt ?? Int64(number + 1),
            "\"exports\":[{\"subject\":\">\",\"type\":\"stream\"}],\"imports\":[\(items.joined(separator: ","))]")
    }

    private func closings(_ accounts: [TrustedAccount]) throws -> [[ImportGraph.Closing]] {
        let judged = try forge.get().judged(accounts)
        #expect(judged.filter { $0.verdicts.contains { !$0.isAccepted } }.count == 0)
        let graph = ImportGraph(judged.map { (account: $0.account, bindings: $0.verdicts.compactMap(\.proof)) })
        return accounts.map { graph.closings(of: $0.key).sorted { $0.key < $1.key }.map(\.value) }
    }

    /// Whether no import is out.
    private static func isWhole(_ closings: [[ImportGraph.Closing]]) -> Bool {
        closings.filter { !$0.isEmpty }.count == 0
    }

    @Test func `a chain of a thousand accounts is followed, and closed at its end`() throws {
        var chain = try (0..<1000).map { try account($0, [(exporter: $0 + 1, subject: "q.>", local: "q.>")]) }
        chain.append(try account(1000, []))
        #expect(Self.isWhole(try closings(chain)))
        chain[1000] = try account(1000, [(exporter: 0, subject: "q.a", local: "q.a")])
        let closed = try closings(chain)
        #expect(Self.isWhole(closed.dropLast()))
        guard case .circle(let keys)? = closed[1000].first else {
            Issue.record("the circle was not found")
            return
        }
        #expect(keys.count == 1001)
    }

    @Test func `a chain longer than ways are followed is refused by name where it closes`() throws {
        let count = CircleSearch.depthLimit + 10
        var chain = try (0..<count).map { try account($0, [(exporter: $0 + 1, subject: "q", local: "q")]) }
        chain.append(try account(count, [(exporter: 0, subject: "q", local: "q")]))
        let closed = try closings(chain)
        #expect(Self.isWhole(closed.dropLast()))
        #expect(closed[count] == [.exhausted])
    }

    @Test func `a graph that is made to explode ends in a refusal that says so`() throws {
        // Each of two accounts of a layer imports from both of the next: two ways become four, eight, and so on. What
        // comes back from the last layer to the first closes nothing, but makes all of them one group.
        let layers = 16
        var accounts: [TrustedAccount] = []
        for layer in 0..<layers {
            for side in 0..<2 {
                let next = layer + 1 < layers ? [2 * layer + 2, 2 * layer + 3] : []
                let imports = next.map { (exporter: $0, subject: "q.>", local: "q.>") }
                accounts.append(try account(2 * layer + side, imports))
            }
        }
        let back = accounts.count
        accounts[back - 1] = try account(back - 1, [(exporter: back, subject: "q", local: "q")])
        accounts.append(
            try account(back, [(exporter: 0, subject: "q.>", local: "q.>")]))
        let closed = try closings(accounts)
        #expect(closed[back] == [.exhausted])
        #expect(Self.isWhole(closed.dropLast()))

        let inForce = try forge.get().inForce(accounts)
        let failures = inForce[back].imports[0].failures
        #expect(failures.map(\.rule) == [.importCycle])
        #expect(failures.map(\.detail) == [.budgetExhausted("whether the import closes a circle")])
    }

    @Test func `a hub that five thousand accounts import from and export to keeps all its imports`() throws {
        let count = 5000
        let spokes = try (1...count).map { number in
            try account(number, [(exporter: 0, subject: "hub.\(number).>", local: "from.>")])
        }
        let hub = try account(
            0, issuedAt: 1, (1...count).map { (exporter: $0, subject: "to.>", local: "hub.\($0).>") })
        #expect(Self.isWhole(try closings([hub] + spokes)))

        // One of them lets its messages round.
        let bad = try account(
            7, issuedAt: 1_799_999_999,
            [(exporter: 0, subject: "hub.7.>", local: "from.>"), (exporter: 0, subject: "hub.7.>", local: "to.>")])
        let closed = try closings([hub] + spokes.filter { $0.key != bad.key } + [bad])
        #expect(Self.isWhole(closed.dropLast()))
        #expect(closed.last?.count == 1)
    }

    @Test func `a hub is changed without looking at everything`() throws {
        let count = 300
        let spokes = try (1...count).map { number in
            try account(number, [(exporter: 0, subject: "hub.\(number).>", local: "from.>")])
        }
        let hub = try account(
            0, issuedAt: 1, (1...count).map { (exporter: $0, subject: "to.>", local: "hub.\($0).>") })
        var graph = ImportGraph()
        for judged in try forge.get().judged(spokes + [hub] + spokes.prefix(3)) {
            #expect(graph.set(judged.account, bindings: judged.verdicts.compactMap(\.proof)) == [])
        }
    }

    @Test func `an import that ran out of the budget is judged anew when the graph is made simpler`() throws {
        let count = CircleSearch.depthLimit + 10
        var chain = try (0..<count).map { try account($0, [(exporter: $0 + 1, subject: "q", local: "q")]) }
        chain.append(try account(count, [(exporter: 0, subject: "q", local: "q")]))
        let judged = try forge.get().judged(chain)
        var graph = ImportGraph(judged.map { (account: $0.account, bindings: $0.verdicts.compactMap(\.proof)) })
        #expect(graph.closings(of: chain[count].key) == [0: .exhausted])
        // Far from the import that is out, an account stops importing.
        let middle = try #require(forge.get().judged([account(count / 2, [])]).first)
        #expect(graph.set(middle.account, bindings: []) == [chain[count].key])
        #expect(graph.closings(of: chain[count].key) == [:])
    }
}
