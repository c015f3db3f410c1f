import Logging
import NKeys
import Trust

/// Judges what is brought, one after the other, and makes it durable many at a time.
///
/// Whatever waits when the one before is done makes the next batch: it is judged in the order in which it came, written
/// into the journal, then into the store, and only then answered. So a batch costs one synchronisation of each, however
/// many uploads it holds, and nothing counts that is not in the journal. When a step fails, what was accepted is taken
/// back, and nobody is told otherwise.
actor UploadEngine {
    /// One thing that somebody brings.
    enum Work: Sendable {
        case upload(Upload)
        case activation([UInt8], Caller)
        case operatorToken([UInt8], Caller)
        case deletion(String, [UInt8], Caller)
        case turnedAway(Caller, path: String, Rule)
        /// What is no upload is written down.
        case entry(JournalDraft)
        /// Nothing is brought: what stands before it is done then.
        case nothing
    }

    /// What is answered.
    struct Reply: Sendable {
        var answer: UploadAnswer
        /// The hash of an activation token that was accepted.
        var hash: String?
    }

    private struct Job {
        let work: Work
        let continuation: CheckedContinuation<Reply, Never>
    }

    /// How much is taken at once, and how much may wait.
    struct Limits: Sendable {
        var batch = 128
        var batchBytes = 8 << 20
        var waiting = 4_096
    }

    /// The most entries that a batch writes, what is withdrawn included: 128 uploads, or fewer and a deletion of a
    /// thousand accounts.
    static let mostEntries = 2 * (128 + 1_000)

    let kept: KeptAccounts
    let store: any AccountStore
    let journal: any JournalWriting
    let distributor: (any AccountDistributing)?
    let settings: AccountServiceSettings
    let seal: StoreSeal?
    let published: PublishedTokens
    let counters: ServiceCounters
    let logger: Logger

    var chain: ChainVerifier
    var judge: UploadJudge
    var importers = ImporterIndex()
    var deleted: [PublicKey: (time: UnixTime, revision: StoreRevision)] = [:]
    var activationRevisions: [String: StoreRevision] = [:]
    var operatorRevision: StoreRevision?
    /// What the batch at hand has accepted and not stored yet.
    var pending = PendingChanges()
    /// Why nothing is judged; nil when all is well.
    private(set) var hindrance: String?
    private var needsReload = false
    private var furtherOperators: [VerifiedToken<OperatorClaims>]

    private let limits: Limits
    private var waiting: [Job] = []
    private var isWorking = false

    init(_ parts: EngineParts, limits: Limits = Limits()) {
        (kept, store, journal, distributor) = (parts.kept, parts.store, parts.journal, parts.distributor)
        (settings, seal, published, counters) = (parts.settings, parts.seal, parts.published, parts.counters)
        (logger, chain, self.limits) = (parts.logger, parts.chain, limits)
        furtherOperators = parts.settings.furtherOperators
        judge = parts.settings.judge(under: parts.chain)
        counters.hindered(false)
    }

    /// Has something judged, and answers when what came of it is durable.
    func reply(to work: Work) async -> Reply {
        guard waiting.count < limits.waiting else { return Reply(answer: .failed) }
        return await withCheckedContinuation { continuation in
            waiting.append(Job(work: work, continuation: continuation))
            guard !isWorking else { return }
            isWorking = true
            Task { await self.work() }
        }
    }

    /// How many wait for those before them.
    var waitingCount: Int { waiting.count }

    private func work() async {
        while !waiting.isEmpty {
            var (count, bytes) = (0, 0)
            while count < waiting.count, count < limits.batch, count == 0 || bytes < limits.batchBytes {
                bytes += waiting[count].work.size
                count += 1
                // A deletion writes an entry for each of its accounts: it ends its batch.
                if case .deletion = waiting[count - 1].work { break }
            }
            let batch = Array(waiting[..<count])
            waiting.removeFirst(count)
            let replies = await process(batch.map(\.work))
            for (job, reply) in zip(batch, replies) { job.continuation.resume(returning: reply) }
        }
        isWorking = false
    }

    /// Does a batch; a reply for each, in order.
    private func process(_ batch: [Work]) async -> [Reply] {
        let failed = batch.map { _ in Reply(answer: .failed) }
        if needsReload {
            guard await reload() else { return failed }
        }
        let now = settings.clock()
        pending = PendingChanges()
        var plans = batch.map { decide($0, at: now) }
        let drafts = plans.flatMap(\.drafts)
        if !drafts.isEmpty {
            do throws(JournalFault) {
                _ = try await journal.append(drafts)
            } catch {
                stop("the journal cannot be written", "\(error)")
                takeBack(at: now)
                return plans.map { $0.drafts.isEmpty ? $0.reply : Reply(answer: .failed) }
            }
        }
        let changes = pending.changes
        guard !changes.isEmpty else {
            goOn()
            return plans.map(\.reply)
        }
        do throws(StoreFault) {
            let outcomes = try await store.commit(changes)
            await settle(outcomes, of: changes, &plans, at: now)
            counters.batch(
                accounts: kept.count, synchronisations: store.synchronisations + journal.synchronisations)
            goOn()
        } catch {
            stop("the store cannot be written", "\(error)")
            takeBack(at: now)
            // Whether some of it was stored is seen when the store can be read again.
            needsReload = error.isOutcomeUnknown
            await withdraw(plans.filter(\.changesSomething), at: now)
            return plans.map { $0.changesSomething ? Reply(answer: .failed) : $0.reply }
        }
        return plans.map(\.reply)
    }

    /// Takes over what the store made durable, and takes back what another writer was before.
    private func settle(
        _ outcomes: [StoreOutcome], of changes: [StoreChange], _ plans: inout [Plan], at now: UnixTime
    ) async {
        var lost: Set<StoreKey> = []
        for (change, outcome) in zip(changes, outcomes) {
            switch outcome {
            case .stored(let revision): publish(change.key, revision)
            case .conflict(let item):
                lost.insert(change.key)
                pending.remove(change.key)
                if let item { take(item, at: now) } else { forget(change.key, at: now) }
            }
        }
        guard !lost.isEmpty else { return }
        var withdrawn: [Plan] = []
        for index in plans.indices where plans[index].keys.contains(where: lost.contains) {
            withdrawn.append(plans[index])
            let finding = Finding(.uploadStale, at: "iat", .text("another server stored another version meanwhile"))
            plans[index].reply = Reply(answer: .refused(Refusal(finding)))
        }
        await withdraw(withdrawn, at: now)
    }

    /// Says in the journal that what was accepted did not come into force.
    private func withdraw(_ plans: [Plan], at now: UnixTime) async {
        var drafts = plans.flatMap(\.drafts)
        for index in drafts.indices {
            drafts[index].outcome = .withdrawn
            drafts[index].time = now
        }
        guard !drafts.isEmpty else { return }
        do throws(JournalFault) {
            _ = try await journal.append(drafts)
        } catch {
            // At the next start these entries are seen to be missing from the store, and are judged again.
            logger.error("withdrawals are not in the journal", metadata: ["fault": "\(error)"])
        }
    }

    // MARK: Faults

    private func stop(_ what: String, _ fault: String) {
        hindrance = what
        counters.hindered(true)
        logger.error("\(what)", metadata: ["fault": "\(fault)"])
    }

    private func goOn() {
        guard hindrance != nil else { return }
        hindrance = nil
        counters.hindered(false)
        logger.notice("uploads are taken again")
    }

    /// Reads the store again after a commit of which nobody knows what became.
    private func reload() async -> Bool {
        do throws(StoreFault) {
            let now = settings.clock()
            let items = try await store.load()
            for item in items { take(item, at: now) }
            // What another program removed, without a mark of it.
            let found = Set(items.map(\.key))
            for key in kept.keys where !found.contains(.account(key)) { forget(.account(key), at: now) }
            needsReload = false
            return true
        } catch {
            stop("the store cannot be read", "\(error)")
            return false
        }
    }

    /// Reads the store again between two batches; whether it could be read.
    func reread() async -> Bool {
        needsReload = true
        return await reply(to: .nothing).answer.isAccepted
    }

    /// Judges by other operators from now on.
    func trust(_ operators: [VerifiedToken<OperatorClaims>], systemAccount: PublicKey?) {
        guard let first = operators.first else { return }
        furtherOperators = Array(operators.dropFirst())
        chain.systemAccount = systemAccount
        take(first.text, first)
    }

    /// The operator's token is another one: accounts are judged under it from now on.
    func take(_ text: String, _ token: VerifiedToken<OperatorClaims>) {
        published.operatorToken = text
        chain.anchors = TrustAnchors([token] + furtherOperators)
        judge = settings.judge(under: chain)
    }

    /// Why uploads cannot be judged now, as far as it can be told cheaply.
    func currentHindrance() async -> String? {
        do throws(JournalFault) { try await journal.check() } catch { return "the journal cannot be written" }
        do throws(StoreFault) { try await store.check() } catch { return "the store cannot be reached" }
        return needsReload ? hindrance : nil
    }
}

extension UploadEngine.Work {
    /// The bytes of what is brought.
    var size: Int {
        switch self {
        case .upload(let upload): upload.token.count
        case .activation(let token, _), .operatorToken(let token, _), .deletion(_, let token, _): token.count
        case .entry(let draft): draft.token.utf8.count
        case .turnedAway, .nothing: 0
        }
    }
}
