import FolderStores
import Foundation
import NKeys
import SystemTimeZones
import Trust

/// An operator, and the accounts that a server of his knows: those of a store, of a resolver's folder, or of a
/// configuration.
struct Realm {
    let now: UnixTime
    let chain: ChainVerifier
    let accounts: MemoryAccountResolver
    /// Every account by the name in its token, and what is judged of it.
    let verdicts: [String: Verdict<TrustedAccount>]
    private let exporters: [PublicKey: Exporter]

    /// The accounts in the operator's folder.
    init(store name: String, policy: Policy = .strict, at now: UnixTime) throws {
        let store = try FolderStore(at: "\(Corpus.folder)/stores/\(name)")
        try self.init(
            operator: String(decoding: store.operatorToken(), as: UTF8.self), accounts: Self.tokens(of: store),
            policy: policy, at: now)
    }

    /// The accounts in a resolver's folder, under the operator of a store.
    init(resolverFolder path: String, operator name: String, at now: UnixTime) throws {
        let store = try FolderStore(at: "\(Corpus.folder)/\(path)")
        let operatorStore = try FolderStore(at: "\(Corpus.folder)/stores/\(name)")
        try self.init(
            operator: String(decoding: operatorStore.operatorToken(), as: UTF8.self),
            accounts: Self.tokens(of: store), at: now)
    }

    /// The operator and the accounts of a server's configuration.
    init(configuration path: String, at now: UnixTime) throws {
        var operatorToken: String?
        var tokens: [String] = []
        for line in try Corpus.text(path).split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1).map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: " ,"))
            }
            guard parts.count == 2, parts[1].hasPrefix("eyJ") else { continue }
            if parts[0] == "operator" { operatorToken = parts[1] } else { tokens.append(parts[1]) }
        }
        guard let operatorToken else { throw CorpusFault("\(path) names no operator") }
        try self.init(operator: operatorToken, accounts: tokens, at: now)
    }

    private init(operator token: String, accounts tokens: [String], policy: Policy = .strict, at now: UnixTime) throws {
        let verifier = TokenVerifier(policy: policy, zones: SystemZones())
        let verdict = verifier.verify(token, as: OperatorClaims.self, at: now)
        guard let anchor = verdict.proof else { throw CorpusFault("the operator is refused: \(verdict.codes)") }
        chain = ChainVerifier(anchors: TrustAnchors([anchor]), verifier: verifier)
        self.now = now
        var accounts = MemoryAccountResolver()
        var verdicts: [String: Verdict<TrustedAccount>] = [:]
        var exporters: [PublicKey: Exporter] = [:]
        for token in tokens {
            let read = verifier.verify(token, as: AccountClaims.self, at: now)
            guard let claims = read.proof?.claims else { throw CorpusFault("an account is refused: \(read.codes)") }
            let verdict = chain.account(token, for: claims.common.subject, at: now)
            accounts[claims.common.subject] = .token(token)
            verdicts[claims.common.name] = verdict
            exporters[claims.common.subject] = Exporter(verdict)
        }
        self.accounts = accounts
        self.verdicts = verdicts
        self.exporters = exporters
    }

    private static func tokens(of store: FolderStore) throws -> [String] {
        let listing = try store.accounts()
        let reader = StoreReader(listing)
        return try (0..<listing.count).map { index in
            try reader.withToken(ofAccountAt: index) { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// The account of this name, which must be trusted.
    func account(_ name: String) throws -> TrustedAccount {
        guard let account = verdicts[name]?.proof else { throw CorpusFault("\(name) is no trusted account") }
        return account
    }

    /// The verdicts on the imports of an account, in their order.
    func imports(of account: TrustedAccount) -> [(item: Import, verdict: Verdict<Binding>)] {
        let binder = BindingVerifier(verifier: chain.verifier)
        return account.claims.imports.enumerated().compactMap { index, item in
            binder.bind(importAt: index, of: account, to: exporters[item.account] ?? .unknown, at: now)
                .map { (item, $0) }
        }
    }

    /// A user as it connects: over TCP from this machine, with the signature of a nonce.
    func connect(
        _ token: String, nonce: String, signature: String?, usage: ConnectionContext.Usage = .init()
    ) -> Verdict<TrustedUser> {
        let connection = ConnectionContext(
            host: "127.0.0.1", kind: .standard, nonce: Array(nonce.utf8), signature: signature, usage: usage)
        return chain.user(token, resolver: accounts, connection: connection, at: now)
    }

    /// A user as it stands in the store.
    func user(_ creds: CredentialsFile) -> Verdict<TrustedUser> {
        chain.user(String(decoding: creds.token, as: UTF8.self), resolver: accounts, at: now)
    }
}
