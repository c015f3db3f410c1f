import NKeys
import Subjects
import Testing

@testable import Trust

@Suite("Explanations")
struct ExplanationTests {
    /// Account 0 exports, account 1 imports; both from tokens that the test draws.
    private func explain(
        _ world: StoreWorld, _ accounts: (exporter: Int, importer: Int), at index: Int = 0
    ) throws -> ExplainedTree {
        let verdicts = world.known.mapValues { world.chain.account($0, at: world.now) }
        let inForce = world.fromNothing()
        func judged(_ account: Int) -> JudgedToken? {
            let key = world.key(account)
            guard let text = world.known[key], let verdict = verdicts[key] else { return nil }
            let report = Array(text.utf8).withUnsafeBufferPointer {
                world.chain.verifier.report(utf8: $0, at: world.now)
            }
            return JudgedToken(verdict, claims: report.claims)
        }
        let importer = try #require(judged(accounts.importer))
        let tree = Explainer(chain: world.chain, operator: nil, at: world.now).import(
            at: index, of: importer, verdict: inForce[world.key(accounts.importer)]?.imports[index],
            exporter: judged(accounts.exporter))
        return ExplainedTree(root: try #require(tree))
    }

    private func node(_ rule: Rule, in tree: ExplainedTree) throws -> Explanation {
        try #require(tree.ownNodes.first { $0.rule == rule })
    }

    @Test("The export, the signing key and the revocation that decide are named with their places")
    func deciding() throws {
        var world = try StoreWorld(accounts: 2)
        let token = try world.activation(from: 0, for: 1, "a.b", claims: ["jti": "\"ID\""])
        let revoked = #","token_req":true,"revocations":{"\#(world.key(1))":1999999999,"*":1888888888}"#
        try world.publish(0, #""exports":[\#(StoreWorld.export("other")),\#(StoreWorld.export("a.b", more: revoked))]"#)
        try world.publish(1, #""imports":[\#(world.import("a.b", from: 0, more: #","token":"\#(token)""#))]"#)
        let tree = try explain(world, (0, 1))
        #expect(ExplainedTree.failing(tree.ownNodes) == ["B-revoked"])
        let claims = try node(.activationRevoked, in: tree).claims.map(\.name)
        #expect(claims == ["iat", "exports[1].revocations[`\(world.key(1))`]", "exports[1].revocations[`*`]"])
        #expect(try node(.exportMissing, in: tree).children.map(\.place) == ["exports[1]"])
        #expect(try node(.activationMissing, in: tree).claims == [.init("exports[1].token_req", "true")])
        #expect(try node(.activationExporter, in: tree).claims.last?.value == "the exporter's identity key")
        let activation = try #require(try node(.activationInvalid, in: tree).children.first)
        #expect(activation.token?.id == "ID" && activation.token?.type == .activation)
        #expect(try node(.importCycle, in: tree).outcome == .notJudged)
        #expect(try node(.publicToken, in: tree).outcome == .notAsked)
    }

    @Test("An import that closes a circle fails by B-cycle alone")
    func circle() throws {
        var world = try StoreWorld(accounts: 2)
        for (account, other) in [(0, 1), (1, 0)] {
            try world.publish(
                account, issuedAt: Int64(account),
                #""exports":[\#(StoreWorld.export("s.>"))],"imports":[\#(world.import("s.>", from: other))]"#)
        }
        #expect(ExplainedTree.failing(try explain(world, (0, 1)).ownNodes) == ["B-cycle"])
        let other = try explain(world, (1, 0))
        #expect(other.root.outcome == .holds)
        #expect(try node(.importCycle, in: other).outcome == .holds)
    }

    @Test("Nothing of a refused account's import was judged, and the rules against the account are told")
    func refusedImporter() throws {
        var world = try StoreWorld(accounts: 2)
        try world.publish(0, #""exports":[\#(StoreWorld.export("s"))]"#)
        let imports = world.import("s", from: 0)
        try world.publish(1, claims: ["exp": "5"], #""imports":[\#(imports)]"#)
        let tree = try explain(world, (0, 1))
        #expect(tree.root.outcome == .fails)
        #expect(ExplainedTree.failing(tree.ownNodes) == ["T-expired"])
        let bindings = tree.ownNodes.filter { $0.rule?.code.hasPrefix("B-") == true }
        #expect(bindings.count == 18)
        #expect(bindings.allSatisfy { $0.outcome == .notJudged || $0.rule == .accountLimits })
    }

    @Test("A refused exporter stands with its own rules below the rule that it is refused by")
    func refusedExporter() throws {
        var world = try StoreWorld(accounts: 2)
        try world.publish(0, claims: ["exp": "5"], #""exports":[\#(StoreWorld.export("s"))]"#)
        try world.publish(1, #""imports":[\#(world.import("s", from: 0))]"#)
        let tree = try explain(world, (0, 1))
        #expect(ExplainedTree.failing(tree.ownNodes) == ["B-exporter-unknown"])
        #expect(ExplainedTree.failing(tree.nodes) == ["T-expired", "B-exporter-unknown"])
        world.known[world.key(0)] = nil
        #expect(ExplainedTree.failing(try explain(world, (0, 1)).nodes) == ["B-exporter-unknown"])
    }

    @Test("A text in the token's place that is none is told by its T rules, a URL is not")
    func strangeTokens() throws {
        for (text, expected) in [
            ("nonsense", ["T-segments", "B-token-invalid"]), ("https://example.com/eyJ", ["B-token-invalid"]),
        ] {
            var world = try StoreWorld(accounts: 2)
            try world.publish(0, #""exports":[\#(StoreWorld.export("s", more: #","token_req":true"#))]"#)
            try world.publish(1, #""imports":[\#(world.import("s", from: 0, more: #","token":"\#(text)""#))]"#)
            let tree = try explain(world, (0, 1))
            #expect(ExplainedTree.failing(tree.ownNodes) == expected)
            #expect(!tree.texts.contains { $0.contains("example.com") || $0.contains("nonsense") })
        }
    }

    @Test("An account that nobody looked for is not judged, one that is not known fails")
    func accountOfUser() throws {
        let world = ChainWorld()
        let chain = try world.chain()
        let token = try world.userToken()
        let forged = try Array(token.utf8.dropLast(86)) + ChainWorld().userToken().utf8.suffix(86)
        for (text, outcome) in [
            (token, Explanation.Outcome.fails), (String(decoding: forged, as: UTF8.self), .notJudged),
        ] {
            let verdict = chain.user(text, resolver: MemoryAccountResolver(), at: world.now)
            let report = Array(text.utf8).withUnsafeBufferPointer { chain.verifier.report(utf8: $0, at: world.now) }
            let tree = Explainer(chain: chain, operator: nil, at: world.now).user(
                verdict, token: JudgedToken(report), account: nil)
            #expect(tree.children.first?.outcome == outcome)
            #expect(tree.outcome == .fails && tree.children.first?.message?.isEmpty == false)
        }
    }

    @Test("What has the form of a token or a seed is masked wherever a signer may have put it, and long texts are cut")
    func masking() throws {
        let seed = "SUAM" + String(repeating: "A2", count: 27)
        let token = "eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiJ4In0abcdefgh.c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJl"
        #expect(ShownText.line("a \(seed) b") == "a *** b")
        #expect(ShownText.line("x.\(seed).y") == "x.***.y")
        #expect(ShownText.line("aud=\(token)!") == "aud=***.***.***!")
        #expect(ShownText.line("one\ntwo\u{202E}" + String(repeating: "-", count: 60)).hasPrefix("one?two?-"))
        let id = "S" + String(repeating: "A2", count: 25) + "7"
        #expect(ShownText.line(id) == id, "a jti is no seed")
        let long = String(repeating: "word ", count: 100) + seed + String(repeating: " word", count: 100)
        #expect(ShownText.line(long).utf8.count <= ShownText.limit + 3)
        #expect(!ShownText.line(long).contains("SUAM"), "half a seed is shown")
        var world = try StoreWorld(accounts: 2)
        try world.publish(
            0, claims: ["name": "\"\(seed)\"", "jti": "\"\(token)\""], #""exports":[\#(StoreWorld.export("s.>"))]"#)
        try world.publish(1, #""imports":[\#(world.import("s.\(seed)", from: 0))]"#)
        let tree = try explain(world, (0, 1))
        #expect(tree.root.outcome == .holds)
        #expect(!tree.texts.contains { $0.contains(seed) || $0.contains("eyJ") })
    }

    @Test("Every rule has a sentence of its own, in the form of the others")
    func statements() {
        let statements = Rule.allCases.map(\.statement)
        for text in statements {
            #expect(!text.isEmpty && !text.hasSuffix(".") && !text.contains("\n"))
            #expect(text.first.map { $0.isLowercase || $0 == "`" } == true)
        }
        // An upload asks for the same signer as any judgement of an account.
        #expect(Set(statements).count == Rule.allCases.count - 1)
    }
}
