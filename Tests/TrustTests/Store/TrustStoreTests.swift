import NKeys
import Subjects
import Testing

@testable import Trust

/// Accounts kept in force while they change.
@Suite struct TrustStoreTests {
    @Test func `an account is in force when its exporters are known, each asked for once`() throws {
        var world = try StoreWorld(accounts: 3)
        try world.publish(0, "\"exports\":[\(StoreWorld.export("a.*"))]")
        try world.publish(1, "\"imports\":[\(world.import("a.x", from: 0)),\(world.import("a.y", from: 0))]")
        try world.publish(2, "\"imports\":[\(world.import("a.x", from: 0))]")
        var embedder = Embedder(world.chain)
        embedder.apply(embedder.store.require(world.key(1), at: world.now))
        embedder.apply(embedder.store.require(world.key(2), at: world.now))
        #expect(embedder.loads == [world.key(1), world.key(2)])
        #expect(embedder.store.snapshot[world.key(1)] == nil)
        embedder.load(from: world)
        #expect(embedder.allLoads.filter { $0 == world.key(0) }.count == 1)
        #expect(embedder.inForce == [world.key(1), world.key(2)])
        #expect(embedder.store.snapshot[world.key(1)]?.bindings.count == 2)
        #expect(embedder.store.snapshot[world.key(0)] == nil, "an exporter is not in force by being one")
        #expect(embedder.store.counters.signatures == 3)
        #expect(embedder.faults == [])
    }

    @Test func `a withdrawn export ends the bindings to it, and only those`() throws {
        var world = try StoreWorld(accounts: 2)
        let both = "\"exports\":[\(StoreWorld.export("a")),\(StoreWorld.export("b"))]"
        try world.publish(0, both)
        try world.publish(1, "\"imports\":[\(world.import("a", from: 0)),\(world.import("b", from: 0))]")
        var embedder = Embedder(world.chain)
        embedder.require(world.key(1), in: world)
        let before = embedder.store.snapshot
        let text = try world.publish(0, issuedAt: 1, "\"exports\":[\(StoreWorld.export("b"))]")
        embedder.apply(embedder.store.update(text, for: world.key(0), at: world.now))
        #expect(embedder.held[world.key(1)]?.keys.sorted() == [1])
        #expect(embedder.store.snapshot[world.key(1)]?.standings == [["B-export-missing at imports[0].subject"], []])
        #expect(before[world.key(1)]?.bindings.count == 2, "a snapshot stays as it was")
        let again = try world.publish(0, issuedAt: 2, both)
        embedder.apply(embedder.store.update(again, for: world.key(0), at: world.now))
        #expect(embedder.held[world.key(1)]?.keys.sorted() == [0, 1])
        #expect(embedder.faults == [])
    }

    @Test func `a circle through an exporter stays one when the exporter is signed again as it was`() throws {
        var world = try StoreWorld(accounts: 3)
        func ring(_ account: Int) -> String {
            "\"exports\":[\(StoreWorld.export(">"))],\"imports\":[\(world.import("a", from: (account + 1) % 3))]"
        }
        for account in 0..<3 { try world.publish(account, issuedAt: Int64(account), ring(account)) }
        var embedder = Embedder(world.chain)
        embedder.require(world.key(2), in: world)
        #expect(embedder.store.snapshot[world.key(2)]?.standings == [["B-cycle at imports[0]"]])
        let text = try world.publish(0, issuedAt: 1, claims: ["name": "\"again\""], ring(0))
        embedder.apply(embedder.store.update(text, for: world.key(0), at: world.now))
        #expect(embedder.store.snapshot[world.key(2)]?.standings == [["B-cycle at imports[0]"]])
    }

    @Test func `tokens expire and begin when their time comes`() throws {
        var world = try StoreWorld(accounts: 2)
        let now = StoreWorld.start.seconds
        try world.publish(0, "\"exports\":[\(StoreWorld.export("a.*", more: #","token_req":true"#))]")
        let expiring = try world.activation(from: 0, for: 1, "a.x", claims: ["exp": "\(now + 100)"])
        let coming = try world.activation(from: 0, for: 1, "a.y", claims: ["nbf": "\(now + 50)"])
        let imports = [
            world.import("a.x", from: 0, more: ",\"token\":\"\(expiring)\""),
            world.import("a.y", from: 0, more: ",\"token\":\"\(coming)\""),
        ]
        try world.publish(1, claims: ["exp": "\(now + 200)"], "\"imports\":[\(imports.joined(separator: ","))]")
        var embedder = Embedder(world.chain)
        embedder.require(world.key(1), in: world)
        func held(at offset: Int64, _ next: Int64?) {
            world.now = ChainWorld.moment(now + offset)
            embedder.apply(embedder.store.advance(to: world.now))
            let (places, time) = (embedder.held[world.key(1)]?.keys.sorted() ?? [], embedder.store.nextTime)
            #expect(time?.seconds == next.map { now + $0 }, "after \(offset)")
            let expected = [0: [0], 49: [0], 50: [0, 1], 99: [0, 1], 100: [1], 199: [1], 200: []][offset] ?? []
            #expect(places == expected, "after \(offset)")
        }
        held(at: 0, 50)
        held(at: 49, 50)
        held(at: 50, 100)
        held(at: 99, 100)
        held(at: 100, 200)
        held(at: 199, 200)
        let signatures = embedder.store.counters.signatures
        held(at: 200, nil)
        #expect(embedder.inForce == [])
        #expect(embedder.disconnected.map(\.1) == [.all])
        #expect(embedder.store.counters.signatures == signatures, "time asks for no signature")
        guard case .refused(let refusal) = embedder.store.standing(of: world.key(1)) else {
            Issue.record("an expired account stands")
            return
        }
        #expect(refusal.failures.map(\.rule.code) == ["T-expired"])
    }

    @Test func `a change touches the account and those that import from it, nobody else`() throws {
        var world = try StoreWorld(accounts: 32)
        try world.publish(0, "\"exports\":[\(StoreWorld.export("a"))]")
        try world.publish(1, "\"exports\":[\(StoreWorld.export("b"))]")
        for account in 2..<32 {
            let imports = account < 12 ? [world.import("a", from: 0)] : []
            let others = [world.import("b", from: 1)]
            try world.publish(account, "\"imports\":[\((imports + others).joined(separator: ","))]")
        }
        var embedder = Embedder(world.chain)
        for account in 2..<32 { embedder.require(world.key(account), in: world) }
        let before = embedder.store.counters
        let text = try world.publish(0, issuedAt: 1, "\"exports\":[\(StoreWorld.export("c"))]")
        embedder.apply(embedder.store.update(text, for: world.key(0), at: world.now))
        let after = embedder.store.counters
        #expect(after.accounts - before.accounts == 1)
        #expect(after.imports - before.imports == 10)
        #expect(after.signatures - before.signatures == 1)
        #expect(after.loads == before.loads)
        #expect(embedder.held.values.reduce(0) { $0 + $1.count } == 30)
    }

    @Test func `users go who were revoked, whose signer is gone or who carry no proof`() throws {
        var world = try StoreWorld(accounts: 1)
        let signer = ChainWorld.pair(.account)
        let user = ChainWorld.pair(.user)
        try world.publish(0, #""signing_keys":["\#(signer.publicKey)"]"#)
        var embedder = Embedder(world.chain)
        embedder.require(world.key(0), in: world)
        let account = try #require(embedder.store.snapshot[world.key(0)]?.account)
        let token = try ChainWorld.mint(
            "user", by: signer, for: user.publicKey,
            nats: #""issuer_account":"\#(world.key(0))","subs":-1,"data":-1,"payload":-1"#)
        let trusted = try #require(world.chain.user(token, of: account, at: world.now).proof)
        func leaves() -> Bool { embedder.disconnected.contains { $0.0 == world.key(0) && $0.1.contains(trusted) } }

        func update(_ nats: String, _ issuedAt: Int64) throws {
            let text = try world.publish(0, issuedAt: issuedAt, nats)
            embedder.apply(embedder.store.update(text, for: world.key(0), at: world.now))
        }
        let keys = #""signing_keys":["\#(signer.publicKey)"]"#
        try update(keys + #","default_permissions":{"pub":{"deny":["x"]}}"#, 1)
        #expect(!leaves() && embedder.permissions == [world.key(0)])
        try update(keys + #","revocations":{"\#(user.publicKey)":1799980000}"#, 2)
        #expect(!leaves(), "revoked before it was issued")
        try update(keys + #","revocations":{"\#(user.publicKey)":1799990000}"#, 3)
        #expect(leaves())
        try update(keys, 4)
        #expect(!leaves())
        try update("", 5)
        #expect(leaves())
        embedder.apply(embedder.store.delete(world.key(0), at: world.now))
        #expect(leaves() && embedder.inForce == [])
    }

    @Test func `an unknown account is asked for again after a while, and found when it is uploaded`() throws {
        var world = try StoreWorld(accounts: 2)
        try world.publish(1, "\"imports\":[\(world.import("a", from: 0))]")
        var embedder = Embedder(world.chain)
        embedder.require(world.key(1), in: world)
        #expect(embedder.store.snapshot[world.key(1)]?.standings == [["B-exporter-unknown at imports[0].account"]])
        world.now = world.now.advanced(by: 29)
        embedder.apply(embedder.store.advance(to: world.now))
        #expect(embedder.loads == [])
        world.now = world.now.advanced(by: 1)
        embedder.apply(embedder.store.advance(to: world.now))
        #expect(embedder.loads == [world.key(0)])
        embedder.load(from: world)
        #expect(embedder.held[world.key(1)] ?? [:] == [:] as [Int: Binding])
        let text = try world.publish(0, "\"exports\":[\(StoreWorld.export("a"))]")
        embedder.apply(embedder.store.update(text, for: world.key(0), at: world.now))
        #expect(embedder.held[world.key(1)]?.count == 1)
    }

    @Test func `accounts that nobody needs are forgotten beyond the limit, the longest unneeded first`() throws {
        var world = try StoreWorld(accounts: 8)
        try world.publish(0, "\"exports\":[\(StoreWorld.export("a"))]")
        for account in 1..<8 { try world.publish(account, "\"imports\":[\(world.import("a", from: 0))]") }
        var limits = TrustStore.Limits()
        limits.cachedAccounts = 2
        var embedder = Embedder(world.chain, limits: limits)
        for account in 1..<8 { embedder.require(world.key(account), in: world) }
        for account in 1..<8 { embedder.apply(embedder.store.release(world.key(account), at: world.now)) }
        #expect(embedder.inForce == [world.key(6), world.key(7)])
        #expect(embedder.store.snapshot.count == 2)
        #expect(embedder.store.counters.evictions == 5)
        limits.cachedAccounts = 0
        var none = Embedder(world.chain, limits: limits)
        none.require(world.key(1), in: world)
        none.apply(none.store.release(world.key(1), at: world.now))
        #expect(none.store.entries.isEmpty && none.store.importers.isEmpty)
    }
}

extension Binding: Equatable {
    /// Whether both say the same.
    public static func == (left: Binding, right: Binding) -> Bool { left.isSame(as: right) }
}
