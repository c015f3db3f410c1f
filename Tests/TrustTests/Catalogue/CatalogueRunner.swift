import NKeys
import Testing
import Trust

/// Judges a case through the public interface alone.
struct CatalogueRunner {
    let vector: CatalogueCase
    let now: UnixTime

    /// The failures, in the order of the verdict; none when it is accepted.
    func failures() throws -> [CatalogueCase.Failure] {
        switch vector.judge {
        case .token: return try judgeToken()
        case .operator: return failures(of: try chain().operator(token(), at: now))
        case .account:
            return failures(of: try chain().account(token(), for: vector.key.map { try PublicKey($0) }, at: now))
        case .user: return failures(of: try judgeUser())
        case .binding: return try judgeBinding()
        case .upload: return try judgeUpload()
        }
    }

    private func judgeToken() throws -> [CatalogueCase.Failure] {
        let verifier = try verifier()
        switch vector.type {
        case "operator": return failures(of: verifier.verify(try token(), as: OperatorClaims.self, at: now))
        case "account": return failures(of: verifier.verify(try token(), as: AccountClaims.self, at: now))
        case "user": return failures(of: verifier.verify(try token(), as: UserClaims.self, at: now))
        case "activation": return failures(of: verifier.verify(try token(), as: ActivationClaims.self, at: now))
        default: throw CatalogueFault("no `type` of token")
        }
    }

    private func judgeUser() throws -> Verdict<TrustedUser> {
        guard let client = vector.connection, let kind = ConnectionContext.Kind(rawValue: client.type) else {
            throw CatalogueFault("no `connection`")
        }
        let connection = ConnectionContext(
            host: client.host, kind: kind, nonce: Array(client.nonce.utf8), signature: client.signature,
            proxy: client.proxy == "trusted" ? .trusted : .none,
            usage: .init(
                connections: client.usage?.connections ?? 0, leafConnections: client.usage?.leafConnections ?? 0))
        return try chain().user(token(), resolver: accounts(), connection: connection, at: now)
    }

    /// The import as it stands among all the accounts of the case.
    private func judgeBinding() throws -> [CatalogueCase.Failure] {
        let chain = try chain()
        guard let token = vector.importer, let index = vector.index else {
            throw CatalogueFault("no `importer` or no `index`")
        }
        let importer = try #require(chain.account(token, at: now).proof, "the importer is refused by itself")
        let known = Dictionary(
            uniqueKeysWithValues: try (vector.accounts ?? [:]).map { key, token in
                (try PublicKey(key), Exporter(chain.account(token, at: now)))
            })
        let trusted = known.keys.sorted().compactMap { key -> TrustedAccount? in
            if case .trusted(let account)? = known[key] { account } else { nil }
        }
        let verifier = BindingVerifier(verifier: chain.verifier)
        let judged = ([importer] + trusted).map { account in
            verifier.imports(of: account, at: now) { key in
                key == importer.key ? .trusted(importer) : known[key] ?? .unknown
            }
        }
        let inForce = AccountsInForce.resolve(judged, policy: chain.verifier.policy)
        let imports = try #require(inForce.first).imports
        try #require(imports.indices.contains(index), "there is no such import")
        return failures(of: imports[index])
    }

    /// The upload, over the accounts of the case as they are stored.
    private func judgeUpload() throws -> [CatalogueCase.Failure] {
        let chain = try chain()
        guard let path = vector.path else { throw CatalogueFault("no `path`") }
        let claims = try (vector.accounts ?? [:]).mapValues { token in
            try #require(chain.account(token, at: now).proof, "a stored account is refused by itself").claims
        }
        var stored = StoredVersion.none
        if let token = vector.accounts?[path], let time = claims[path]?.common.issuedAt {
            stored = .token(token, issuedAt: time)
        } else if let time = vector.deleted.flatMap({ UnixTime($0) }) {
            stored = .deleted(time)
        }
        let importers = try claims.filter { $0.value.imports.contains { $0.account.text == path } }.keys
            .sorted().map { try PublicKey($0) }
        var judge = UploadJudge(
            chain: chain,
            unknownExporters: vector.options?.unknownExporters == "deferred" ? .deferred : .refused,
            brokenDependents: vector.options?.brokenDependents == "refused" ? .refused : .named)
        let access: UploadAccess
        switch vector.access {
        case nil, "open": access = .open
        case "read_only": access = .readOnly
        case "denied": access = .denied
        default: throw CatalogueFault("no `access` of this name")
        }
        let bytes = Array(try token().utf8)
        let resolver = try accounts()
        let verdict = bytes.withUnsafeBufferPointer {
            judge.judge(
                $0, at: path, over: stored, importers: importers, resolver: resolver, access: access, at: now)
        }
        let dependents = (verdict.proof?.dependents ?? []).map {
            CatalogueCase.Dependent(account: $0.account.text, import: $0.index, change: $0.change.rawValue)
        }
        #expect(dependents == vector.dependents ?? [], "\(vector.id)")
        return failures(of: verdict)
    }

    // MARK: The world of a case

    private func token() throws -> String {
        guard let token = vector.token else { throw CatalogueFault("no `token`") }
        return token
    }

    private func verifier() throws -> TokenVerifier { TokenVerifier(policy: try policy()) }

    private func chain() throws -> ChainVerifier {
        let verifier = try verifier()
        let operators = try (vector.anchors ?? []).map { token in
            try #require(verifier.verify(token, as: OperatorClaims.self, at: now).proof, "an anchor is refused")
        }
        let pinned = try vector.pinned.map { keys in Set(try keys.map { try PublicKey($0) }) }
        return ChainVerifier(anchors: TrustAnchors(operators), verifier: verifier, pinned: pinned)
    }

    private func accounts() throws -> MemoryAccountResolver {
        var resolver = MemoryAccountResolver()
        for (key, token) in vector.accounts ?? [:] { resolver[try PublicKey(key)] = .token(token) }
        return resolver
    }

    private func policy() throws -> Policy {
        guard let choices = vector.policy else { return .strict }
        var policy = choices.base == "compatible" ? Policy.compatible : .strict
        if let size = choices.maximumTokenSize { policy.maximumTokenSize = size }
        for (name, seconds) in choices.maximumLifetime ?? [:] {
            guard let type = TokenType(rawValue: name) else { throw CatalogueFault("no type of token `\(name)`") }
            policy.maximumLifetime[type] = seconds
        }
        if let audiences = choices.audiences { policy.audiences = Set(audiences) }
        return policy
    }

    private func failures<Proof>(of verdict: Verdict<Proof>) -> [CatalogueCase.Failure] {
        verdict.failures.map { .init(rule: $0.rule.code, at: $0.place.path) }
    }
}
