import Logging
import NKeys
import Subjects
import Synchronization
import Testing
import Trust

@testable import AccountServer

/// An operator with accounts, and what an account service stands on, each part of which can be made to fail.
final class ServiceWorld: Sendable {
    static let start = UnixTime(1_800_000_000) ?? .zero

    let operatorPair: KeyPair
    let signingPair: KeyPair
    let systemAccount: KeyPair
    let operatorToken: VerifiedToken<OperatorClaims>
    let store: FaultyStore
    let journal = ListJournal()
    let clock = Mutex(start)

    init(store: any AccountStore = MemoryStore()) throws {
        (operatorPair, signingPair) = (try KeyPair.generate(.operator), try KeyPair.generate(.operator))
        systemAccount = try KeyPair.generate(.account)
        operatorToken = try Self.operatorToken(
            operatorPair, signingKeys: [signingPair.publicKey], system: systemAccount.publicKey,
            at: Self.start.advanced(by: -100_000))
        self.store = FaultyStore(store)
    }

    static func operatorToken(
        _ pair: KeyPair, signingKeys: [PublicKey], system: PublicKey, at now: UnixTime
    ) throws -> VerifiedToken<OperatorClaims> {
        var claims = OperatorClaims(common: CommonClaims(issuer: pair.publicKey, subject: pair.publicKey, name: "OP"))
        claims.signingKeys = signingKeys
        claims.systemAccount = system
        return try TokenSigner(pair).sign(claims, at: now)
    }

    var now: UnixTime {
        get { clock.withLock { $0 } }
        set { clock.withLock { $0 = newValue } }
    }

    func settings() -> AccountServiceSettings {
        AccountServiceSettings(operatorToken: operatorToken.text, verifier: TokenVerifier()) { [self] in now }
    }

    func service(
        _ settings: AccountServiceSettings? = nil, sealingKey: SealingKey? = nil
    ) async throws -> AccountService {
        try await AccountService.start(
            settings ?? self.settings(), store: store, journal: journal, sealingKey: sealingKey,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// An account's token, signed by the operator's signing key.
    func token(
        _ account: KeyPair, age: Int64 = 1_000, exports: [Export] = [], imports: [Import] = [],
        expires: UnixTime? = nil,
        by signer: KeyPair? = nil
    ) throws -> String {
        var claims = AccountClaims(
            common: CommonClaims(
                issuer: account.publicKey, subject: account.publicKey, name: "A", expires: expires))
        claims.limits = .unlimited
        (claims.exports, claims.imports) = (exports, imports)
        var policy = Policy.strict
        policy.accountSigning = .byOperatorOrSelf
        return try TokenSigner(signer ?? signingPair, policy: policy).sign(claims, at: now.advanced(by: -age)).text
    }

    func export(_ subject: String) throws -> Export {
        Export(subject: try SubjectPattern(subject), kind: .service)
    }

    func `import`(_ subject: String, from exporter: KeyPair) throws -> Import {
        Import(subject: try SubjectPattern(subject), account: exporter.publicKey, kind: .service)
    }

    func deletion(of accounts: [KeyPair], age: Int64 = 0, by signer: KeyPair? = nil) throws -> String {
        let pair = signer ?? signingPair
        let keys = accounts.map { "\"\($0.publicKey)\"" }.joined(separator: ",")
        let claims = GenericClaims(
            common: CommonClaims(issuer: pair.publicKey, subject: pair.publicKey),
            content: #"{"accounts":[\#(keys)],"type":"generic"}"#)
        return try TokenSigner(pair).sign(claims, at: now.advanced(by: -age)).text
    }
}

extension AccountService {
    func upload(_ token: String, of account: KeyPair, _ purpose: Upload.Purpose = .store) async -> UploadAnswer {
        await upload(
            Upload(
                path: account.publicKey.text, token: Array(token.utf8), caller: Caller(address: "test"),
                purpose: purpose))
    }

    func text(of account: KeyPair) -> String? {
        self.account(for: account.publicKey).map { String(decoding: $0.token, as: UTF8.self) }
    }
}

extension UploadAnswer {
    /// `accepted`, `failed`, `pending`, or the codes that refused.
    var codes: [String] {
        switch self {
        case .accepted: ["accepted"]
        case .refused(let refusal): refusal.failures.map(\.rule.code)
        case .pending: ["pending"]
        case .failed: ["failed"]
        }
    }

    var dependents: [DependentImport] {
        if case .accepted(let acceptance) = self { acceptance.dependents } else { [] }
    }

    var resigned: String? {
        if case .accepted(let acceptance) = self { acceptance.resigned } else { nil }
    }
}

/// A journal in memory, with the hashes of a real one, that can be made to wait or to fail.
actor ListJournal: JournalWriting {
    private(set) var entries: [JournalEntry] = []
    private(set) var appends = 0
    private var fault: JournalFault?
    private var gate: [CheckedContinuation<Void, Never>] = []
    private var isClosed = false
    private var watchers: [CheckedContinuation<Void, Never>] = []

    nonisolated var synchronisations: Int { 0 }

    func append(_ drafts: [JournalDraft]) async throws(JournalFault) -> [JournalEntry] {
        appends += 1
        for watcher in watchers { watcher.resume() }
        watchers = []
        if isClosed { await withCheckedContinuation { gate.append($0) } }
        if let fault { throw fault }
        var made: [JournalEntry] = []
        for draft in drafts {
            guard
                let entry = JournalEntry(
                    after: made.last ?? entries.last, at: draft.time, caller: draft.caller, account: draft.account,
                    outcome: draft.outcome, codes: draft.codes, token: draft.token)
            else { throw JournalFault("no memory") }
            made.append(entry)
        }
        entries += made
        return made
    }

    func last(_ count: Int) async throws(JournalFault) -> [JournalEntry] { entries.suffix(count) }
    func check() async throws(JournalFault) { if let fault { throw fault } }
    func close() async {}

    /// From now on entries wait until `letThrough`.
    func hold() { isClosed = true }

    func letThrough() {
        isClosed = false
        for waiting in gate { waiting.resume() }
        gate = []
    }

    /// Returns when something is to be appended.
    func appending() async {
        if !gate.isEmpty { return }
        await withCheckedContinuation { watchers.append($0) }
    }

    func fail(_ fault: JournalFault?) { self.fault = fault }

    /// What became of uploads, in order.
    var outcomes: [String] { entries.map { ([$0.outcome.rawValue] + $0.rules).joined(separator: " ") } }
}

/// A store that can be made to fail, and that another may write to.
final class FaultyStore: AccountStore {
    let base: any AccountStore
    /// What others are said to have written.
    let others = AsyncStream<StoredItem>.makeStream()
    private let fault = Mutex<StoreFault?>(nil)
    private let isMadeAllTheSame = Mutex(false)
    private let commitCount = Mutex(0)

    init(_ base: any AccountStore) { self.base = base }

    var name: String { base.name }
    var durability: StoreDurability { base.durability }
    var synchronisations: Int { base.synchronisations }
    var commits: Int { commitCount.withLock { $0 } }

    /// Commits fail from now on; with `unknown` they are made all the same.
    func fail(_ fault: StoreFault?) {
        self.fault.withLock { $0 = fault }
        isMadeAllTheSame.withLock { $0 = fault?.isOutcomeUnknown ?? false }
    }

    func load() async throws(StoreFault) -> [StoredItem] { try await base.load() }

    func commit(_ changes: [StoreChange]) async throws(StoreFault) -> [StoreOutcome] {
        commitCount.withLock { $0 += 1 }
        guard let fault = fault.withLock({ $0 }) else { return try await base.commit(changes) }
        if isMadeAllTheSame.withLock({ $0 }) { _ = try await base.commit(changes) }
        throw fault
    }

    func changesByOthers() -> AsyncStream<StoredItem>? { others.stream }
    func check() async throws(StoreFault) { if let fault = fault.withLock({ $0 }) { throw fault } }
    func close() async { await base.close() }
}
