import NKeys
import Testing
import Trust

/// Every case of the catalogue about imports and users, explained: the tree says what the verdict says, and no more.
@Suite("Explanations of the catalogue")
struct CatalogueExplanationTests {
    /// A case, judged and explained.
    private struct Explained {
        let id: String
        let failures: [Finding]
        let tree: ExplainedTree
        let tokens: [String]
    }

    private func chain(_ vector: CatalogueCase, at now: UnixTime) throws -> ChainVerifier {
        var policy = vector.policy?.base == "compatible" ? Policy.compatible : .strict
        if let audiences = vector.policy?.audiences { policy.audiences = Set(audiences) }
        if let size = vector.policy?.maximumTokenSize { policy.maximumTokenSize = size }
        let verifier = TokenVerifier(policy: policy)
        let anchors = (vector.anchors ?? []).compactMap { verifier.verify($0, as: OperatorClaims.self, at: now).proof }
        return ChainVerifier(
            anchors: TrustAnchors(anchors), verifier: verifier,
            pinned: try vector.pinned.map { keys in Set(try keys.map { try PublicKey($0) }) })
    }

    private func report(_ token: String, _ chain: ChainVerifier, at now: UnixTime) -> TokenReport {
        Array(token.utf8).withUnsafeBufferPointer { chain.verifier.report(utf8: $0, at: now) }
    }

    /// The account as it stands among all those of the case.
    private func inForce(
        _ importer: TrustedAccount, _ vector: CatalogueCase, _ chain: ChainVerifier, at now: UnixTime
    ) throws -> AccountInForce {
        var known: [PublicKey: Exporter] = [:]
        for (key, token) in vector.accounts ?? [:] {
            known[try PublicKey(key)] = Exporter(chain.account(token, at: now))
        }
        let trusted = known.keys.sorted().compactMap { key -> TrustedAccount? in
            if case .trusted(let account)? = known[key] { account } else { nil }
        }
        let judged = ([importer] + trusted).map { account in
            BindingVerifier(verifier: chain.verifier).imports(of: account, at: now) { key in
                key == importer.key ? .trusted(importer) : known[key] ?? .unknown
            }
        }
        return try #require(AccountsInForce.resolve(judged, policy: chain.verifier.policy).first)
    }

    private func explainImport(_ vector: CatalogueCase, at now: UnixTime) throws -> Explained {
        let chain = try chain(vector, at: now)
        let token = try #require(vector.importer)
        let index = try #require(vector.index)
        let judged = chain.account(token, at: now)
        let importer = try #require(judged.proof)
        let item = importer.claims.imports[index]
        let text = vector.accounts?[item.account.text]
        let exporter = text.map { chain.account($0, at: now) }
        let verdict = try inForce(importer, vector, chain, at: now).imports[index]
        let operatorToken = vector.anchors?.first.map { JudgedToken(report($0, chain, at: now)) }
        let tree = try #require(
            Explainer(chain: chain, operator: operatorToken, at: now).import(
                at: index, of: JudgedToken(judged, claims: importer.claims), verdict: verdict,
                exporter: text.flatMap { text in
                    exporter.map { JudgedToken($0, claims: report(text, chain, at: now).claims) }
                }))
        let all = [token, item.token, text].compactMap { $0 } + (vector.anchors ?? [])
        return Explained(id: vector.id, failures: verdict.failures, tree: ExplainedTree(root: tree), tokens: all)
    }

    private func explainUser(_ vector: CatalogueCase, at now: UnixTime) throws -> Explained {
        let chain = try chain(vector, at: now)
        let token = try #require(vector.token)
        var resolver = MemoryAccountResolver()
        for (key, text) in vector.accounts ?? [:] { resolver[try PublicKey(key)] = .token(text) }
        let verdict = chain.user(token, resolver: resolver, at: now)
        let user = report(token, chain, at: now)
        var account: JudgedToken?
        if let key = (user.claims as? UserClaims).map({ $0.issuerAccount ?? $0.common.issuer }),
            !verdict.notJudged.contains(.accountUnknown), let text = vector.accounts?[key.text]
        {
            account = JudgedToken(chain.account(text, for: key, at: now), claims: report(text, chain, at: now).claims)
        }
        let anchor = vector.anchors?.first.map { JudgedToken(report($0, chain, at: now)) }
        let tree = Explainer(chain: chain, operator: anchor, at: now).user(
            verdict, token: JudgedToken(user), account: account)
        let all = [token] + (vector.anchors ?? []) + (vector.accounts ?? [:]).values
        return Explained(id: vector.id, failures: verdict.failures, tree: ExplainedTree(root: tree), tokens: all)
    }

    private func all(_ judge: CatalogueCase.Judge) throws -> [Explained] {
        let cases = try CatalogueFile.all().filter { $0.0.judge == judge }
        #expect(cases.count > 20)
        return try cases.map { try judge == .binding ? explainImport($0, at: $1) : explainUser($0, at: $1) }
    }

    @Test("A failing rule of an import stands in its tree once, and so does every other B rule")
    func imports() throws {
        for one in try all(.binding) {
            let expected = Set(one.failures.map(\.rule)).sorted().map(\.code)
            #expect(ExplainedTree.failing(one.tree.ownNodes) == expected, "\(one.id)")
            let told = one.tree.ownNodes.compactMap(\.rule).filter { $0.code.hasPrefix("B-") }
            #expect(told == Rule.allCases.filter { $0.code.hasPrefix("B-") }, "\(one.id): each once, in order")
            #expect((one.tree.root.outcome == .holds) == expected.isEmpty, "\(one.id)")
        }
    }

    @Test("The failing rules of a user's tree are those of its verdict")
    func users() throws {
        for one in try all(.user) {
            // A code may fail of the user's token and of the account's: each is told.
            let expected = Set(one.failures.map(\.rule)).sorted().map(\.code)
            let found = ExplainedTree.failing(one.tree.nodes)
            #expect(Set(found).sorted() == expected.sorted(), "\(one.id)")
            #expect((one.tree.root.outcome == .holds) == expected.isEmpty, "\(one.id)")
            for rule in Rule.allCases where rule.code.hasPrefix("C-") {
                #expect(one.tree.nodes.count { $0.rule == rule } == 1, "\(one.id): \(rule.code)")
            }
        }
    }

    @Test("A finding's place and text stand at its rule")
    func findings() throws {
        for one in try all(.binding) {
            for finding in one.failures {
                let node = try #require(
                    one.tree.ownNodes.first { $0.rule == finding.rule && $0.outcome == .fails }, "\(one.id)")
                let told = [node] + node.children
                #expect(told.contains { $0.message == finding.message || $0.about == finding.message }, "\(one.id)")
                #expect(told.contains { $0.place == finding.place }, "\(one.id)")
            }
        }
    }

    @Test("Tokens are named by type, subject and jti, and never shown")
    func names() throws {
        var named: Set<TokenType> = []
        for one in try all(.binding) + all(.user) {
            #expect(one.tree.shown(of: one.tokens) == [], "\(one.id)")
            #expect(!one.tree.texts.contains { $0.contains("eyJ") }, "\(one.id)")
            let ids = Set(one.tokens.compactMap { ExplainedTree.member("jti", of: $0) })
            for name in one.tree.nodes.compactMap(\.token) {
                named.insert(name.type)
                #expect(name.id.isEmpty || ids.contains(name.id), "\(one.id): \(name.id)")
                let subjects = one.tokens.compactMap { ExplainedTree.member("sub", of: $0) }
                #expect(subjects.contains(name.subject.text), "\(one.id)")
            }
        }
        #expect(named.isSuperset(of: [.operator, .account, .activation, .user]))
    }
}
