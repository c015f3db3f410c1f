import Logging
import NKeys
import Trust

/// An account server without its network: it keeps accounts, judges what is brought, and loses nothing that it has
/// acknowledged.
///
///     let service = try await AccountService.start(settings, store: store, journal: journal, logger: logger)
///     switch await service.upload(Upload(path: key, token: bytes, caller: caller)) { … }
public final class AccountService: AccountServing {
    private let kept: KeptAccounts
    private let published: PublishedTokens
    private let engine: UploadEngine
    private let settings: AccountServiceSettings
    private let distributor: (any AccountDistributing)?
    private let store: any AccountStore
    private let journal: any JournalWriting
    private let follower: Task<Void, Never>?

    private init(_ parts: EngineParts, _ engine: UploadEngine) {
        (kept, published, settings) = (parts.kept, parts.published, parts.settings)
        (store, journal, distributor) = (parts.store, parts.journal, parts.distributor)
        self.engine = engine
        // What other servers store is seen as it happens.
        follower = parts.store.changesByOthers().map { changes in
            Task {
                for await item in changes { await engine.follow(item) }
            }
        }
    }

    /// Loads the store, sees to it that what the journal has accepted last is stored, and takes up work.
    ///
    /// - Parameters:
    ///   - sealingKey: a secret that only this server has: what it stored under a seal needs no signature check at the
    ///     next start. Nil checks everything.
    /// - Throws: `ServiceStartFault` when the operator's token is refused, or the store or the journal cannot be read.
    public static func start(
        _ settings: AccountServiceSettings, store: any AccountStore, journal: any JournalWriting,
        distributor: (any AccountDistributing)? = nil, sealingKey: SealingKey? = nil, logger: Logger
    ) async throws(ServiceStartFault) -> AccountService {
        let now = settings.clock()
        let operatorToken: VerifiedToken<OperatorClaims>
        switch settings.verifier.verify(settings.operatorToken, as: OperatorClaims.self, at: now) {
        case .accepted(let token, _): operatorToken = token
        case .refused(let refusal): throw .operatorRefused(refusal)
        }
        let parts = EngineParts(
            kept: KeptAccounts(), store: store, journal: journal, distributor: distributor, settings: settings,
            seal: sealingKey.map(StoreSeal.init), published: PublishedTokens(operatorToken: settings.operatorToken),
            counters: ServiceCounters(), logger: logger,
            chain: ChainVerifier(
                anchors: TrustAnchors([operatorToken] + settings.furtherOperators), verifier: settings.verifier,
                systemAccount: settings.systemAccount))
        let engine = UploadEngine(parts)
        do throws(StoreFault) {
            await engine.take(try await store.load(), by: settings.loaders)
        } catch {
            throw .store(error)
        }
        do throws(JournalFault) {
            try await engine.makeGood()
        } catch {
            throw .journal(error)
        }
        return AccountService(parts, engine)
    }

    /// Lets go of the store and the journal, when what was begun is done.
    public func close() async {
        follower?.cancel()
        kept.changes.finish()
        await journal.close()
        await store.close()
    }

    /// What is stored and deleted from now on, by whatever way it comes: uploads, other writers of the store, `reread`.
    /// Ends with the service.
    public func changes() -> AsyncStream<KeptChange> { kept.changes.listen() }

    /// Reads the store again, and takes over what another program has changed in it.
    ///
    /// - Returns: whether the store could be read; what is kept stays when it could not.
    public func reread() async -> Bool { await engine.reread() }

    /// Judges by other operators from now on: the first of them is the one that is handed out. What is kept stays.
    ///
    /// - Parameter systemAccount: the servers' own account, where no operator's token names it.
    public func trust(_ operators: [VerifiedToken<OperatorClaims>], systemAccount: PublicKey?) async {
        await engine.trust(operators, systemAccount: systemAccount)
    }

    /// What is kept of an account; nil when nothing is, or when it was deleted. Constant time.
    public func account(for key: PublicKey) -> KeptAccount? { kept[key] }

    /// The accounts that are kept, in the order of their keys. Sorts all of them.
    public func accounts(atMost limit: Int) -> [KeptAccount] { kept.first(limit) }

    /// The operator's token that the accounts are judged by.
    public var operatorToken: String { published.operatorToken }

    /// An activation token that was stored, by its hash.
    public func activation(for hash: String) -> String? { published.activation(hash) }

    /// Judges an upload, and returns when what was accepted is durable.
    public func upload(_ upload: Upload) async -> UploadAnswer { await engine.reply(to: .upload(upload)).answer }

    /// Judges and stores an activation token; on acceptance with its hash.
    public func uploadActivation(_ token: [UInt8], by caller: Caller) async -> (answer: UploadAnswer, hash: String?) {
        let reply = await engine.reply(to: .activation(token, caller))
        return (reply.answer, reply.hash)
    }

    /// Judges and stores a new token of the operator, where the settings take one.
    public func uploadOperator(_ token: [UInt8], by caller: Caller) async -> UploadAnswer {
        guard settings.operatorUploads == .accepted else {
            await turnedAway(caller, path: "operator", by: .uploadDenied)
            return .refused(
                Refusal(Finding(.uploadDenied, at: .whole, .text("the operator's token is set by configuration alone")))
            )
        }
        return await engine.reply(to: .operatorToken(token, caller)).answer
    }

    /// Deletes accounts by a token that the operator signed; `path` is the key that the caller named.
    public func delete(_ path: String, by token: [UInt8], caller: Caller) async -> UploadAnswer {
        await engine.reply(to: .deletion(path, token, caller)).answer
    }

    /// Writes down that somebody was turned away before anything was read.
    public func turnedAway(_ caller: Caller, path: String, by rule: Rule) async {
        _ = await engine.reply(to: .turnedAway(caller, path: path, rule))
    }

    /// Writes down what is no upload, such as a token that was issued, in its turn among the uploads.
    public func record(_ draft: JournalDraft) async throws(JournalFault) {
        guard await engine.reply(to: .entry(draft)).answer.isAccepted else {
            throw JournalFault("the entry was not written")
        }
    }

    /// Tells the servers of an account's token once more.
    public func announce(_ account: KeptAccount) async throws(DistributionFault) {
        guard let distributor else { throw DistributionFault("no servers are configured") }
        try await distributor.announce(account.text, for: account.key)
    }

    /// Why uploads cannot be judged now; nil when they can. One line, without a path of this machine.
    public func hindrance() async -> String? { await engine.currentHindrance() }

    /// How many uploads wait for those before them.
    var waitingCount: Int { get async { await engine.waitingCount } }

    /// How often the disk was asked to hold something, and what was judged: for measurements.
    public func measurements() async -> (synchronisations: Int, judged: TrustStore.Counters) {
        (store.synchronisations + journal.synchronisations, await engine.judge.counters)
    }
}

/// Why a service does not start.
public enum ServiceStartFault: Error, Sendable, CustomStringConvertible {
    /// The configured token of the operator breaks these rules.
    case operatorRefused(Refusal)
    case store(StoreFault)
    case journal(JournalFault)

    /// One line in lower case, without a token.
    public var description: String {
        switch self {
        case .operatorRefused(let refusal):
            "the operator's token is refused: "
                + refusal.failures.map { "\($0.rule.code) \($0.message)" }.joined(separator: "; ")
        case .store(let fault): fault.description
        case .journal(let fault): fault.description
        }
    }

    /// What to do about it, where there is something to say.
    public var hint: String? {
        switch self {
        case .operatorRefused: nil
        case .store(let fault): fault.hint
        case .journal(let fault): fault.hint
        }
    }
}
