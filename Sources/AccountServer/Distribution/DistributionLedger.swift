import NKeys

/// Which servers there are, what each may lack, and what is to be pushed next: all that distribution knows, without a
/// network and without a clock (times are nanoseconds of a clock that never goes back).
///
/// What waits is kept by account and not by token: whoever pushes takes the newest token at that moment. Memory is
/// bounded by the accounts and by `DistributionLimits`.
struct DistributionLedger {
    /// An account that waits.
    private struct Waiting {
        /// When it may be pushed.
        var due: UInt64
        var failures = 0
        /// Which change it was last put here for: a newer one during a push is not lost with its success.
        var change: UInt64
        var isQueued = true
    }

    /// Telling servers of everything, one account after the other.
    private struct Pass {
        let accounts: [PublicKey]
        var next = 0
        /// Whom it is made for, and what each did not take.
        var failed: [PublicKey: Set<PublicKey>]
    }

    let limits: DistributionLimits
    private let firstRetry: UInt64
    private let longestRetry: UInt64
    private(set) var servers: [PublicKey: KnownServer] = [:]
    /// Whether servers were asked who they are since the connection came about.
    private(set) var isSurveyed = false
    /// How many accounts there were to tell of, last.
    var accountCount = 0
    private var waiting: [PublicKey: Waiting] = [:]
    private var queue: [PublicKey] = []
    private var pass: Pass?
    /// What is being pushed, and for which change; 0 for none.
    private var inFlight: [PublicKey: UInt64] = [:]
    private var lastChange: UInt64 = 0

    init(firstRetry: Duration, longestRetry: Duration, limits: DistributionLimits = .standard) {
        self.limits = limits
        (self.firstRetry, self.longestRetry) = (firstRetry.nanoseconds, longestRetry.nanoseconds)
    }

    var waitingCount: Int { waiting.count }

    /// The servers that are waited for.
    var present: Set<PublicKey> { Set(servers.filter { $0.value.isPresent(limits) }.keys) }

    // MARK: Changes

    /// An account has a new token: every server lacks it.
    mutating func changed(_ account: PublicKey) {
        for id in servers.keys { servers[id]?.falls(behindOn: account, limits) }
        put(account)
    }

    /// A server may lack an account.
    mutating func doubt(_ account: PublicKey, at id: PublicKey) {
        guard servers[id] != nil else { return }
        servers[id]?.falls(behindOn: account, limits)
        if servers[id]?.lag != .everything { put(account) }
    }

    /// Everything that a server has may be old.
    mutating func doubtEverything(at id: PublicKey) { servers[id]?.lag = .everything }

    /// There is nothing to tell of an account.
    mutating func drop(_ account: PublicKey) {
        waiting[account] = nil
        inFlight[account] = nil
        for id in servers.keys {
            servers[id]?.catchesUp(on: account)
            servers[id]?.notInForce.remove(account)
        }
    }

    private mutating func put(_ account: PublicKey) {
        lastChange += 1
        let isQueued = waiting[account]?.isQueued ?? false
        waiting[account] = Waiting(due: 0, change: lastChange)
        if !isQueued { queue.append(account) }
    }

    // MARK: Servers

    /// These servers answered a survey; the others did not.
    ///
    /// - Returns: those that are new or are back.
    mutating func survey(_ answers: [ServerIdentity]) -> [ServerIdentity] {
        isSurveyed = true
        let heard = Set(answers.map(\.id))
        for id in servers.keys where !heard.contains(id) {
            servers[id]?.missedSurveys += 1
            guard let missed = servers[id]?.missedSurveys, missed >= limits.surveysUntilAbsent else { continue }
            leavesPass(id)
            if missed >= limits.surveysUntilForgotten { servers[id] = nil }
        }
        var arrived: [ServerIdentity] = []
        for identity in answers {
            guard let known = servers[identity.id] else {
                guard servers.count < limits.servers else { continue }
                servers[identity.id] = KnownServer(identity)
                arrived.append(identity)
                continue
            }
            guard !known.isPresent(limits) || known.missedSurveys > 0 else { continue }
            servers[identity.id]?.missedSurveys = 0
            servers[identity.id]?.isSilent = false
            guard !known.isPresent(limits) else { continue }
            arrived.append(identity)
            if case .accounts(let accounts) = known.lag { for account in accounts { put(account) } }
        }
        return arrived
    }

    /// There was no connection for a while. Servers that store nothing, and caches, may have begun to use accounts unseen.
    mutating func reconnected() {
        isSurveyed = false
        for (id, server) in servers where server.resolver != .full { servers[id]?.lag = .everything }
    }

    /// Every server that is there was asked for its list, and those that have one have answered.
    mutating func askedForLists() {
        for id in present { servers[id]?.wasAsked = true }
    }

    /// A server listed what it stores.
    mutating func listed(_ id: PublicKey, lacking: [PublicKey], strangers: Int) {
        servers[id]?.lists = true
        servers[id]?.strangers = strangers
        // A cache lists what it happens to have.
        guard servers[id]?.resolver != .cache else { return }
        for account in lacking { doubt(account, at: id) }
    }

    /// What a server said went wrong.
    mutating func note(_ fault: String?, at id: PublicKey) { servers[id]?.lastFault = fault }

    /// Whether a server uses an account by the token that it confirmed.
    mutating func isInForce(_ account: PublicKey, _ isIt: Bool, at id: PublicKey) {
        guard let server = servers[id] else { return }
        if isIt {
            servers[id]?.notInForce.remove(account)
        } else if server.notInForce.count < limits.behind {
            servers[id]?.notInForce.insert(account)
            servers[id]?.lastFault =
                "`\(account)` is confirmed and not in force: does the server trust the operator's key?"
        }
    }

    /// A full resolver told the state of its store, which differs from ours by this.
    ///
    /// - Returns: whether it has to be told of everything because of it.
    mutating func differs(_ inboxLabel: String, by difference: [UInt8]) -> Bool {
        let named = servers.filter { $0.value.inboxLabel == inboxLabel }
        // Two servers of one name cannot be told apart.
        guard named.count == 1, let (id, server) = named.first, waiting.isEmpty else { return false }
        if difference.allSatisfy({ $0 == 0 }) {
            leavesPass(id)
            servers[id]?.lag = .accounts([])
            servers[id]?.settles(on: difference)
            return false
        }
        guard server.lag == .accounts([]) else { return false }
        if server.difference == nil || server.difference == difference {
            servers[id]?.settles(on: difference)
            return false
        }
        // Seen once, it may be a change that was on its way.
        guard server.suspectedDifference == difference else {
            servers[id]?.suspectedDifference = difference
            return false
        }
        servers[id]?.settles(on: nil)
        servers[id]?.lag = .everything
        return true
    }

    // MARK: Pushing

    /// Whether some server has to be told of everything, and nobody does it yet.
    var needsPass: Bool {
        pass == nil && servers.values.contains { $0.isPresent(limits) && $0.lag == .everything }
    }

    /// Begins to tell of all these accounts, in this order.
    mutating func beginPass(over accounts: [PublicKey]) {
        guard needsPass else { return }
        accountCount = accounts.count
        let behind = servers.filter { $0.value.isPresent(limits) && $0.value.lag == .everything }
        pass = Pass(accounts: accounts, failed: behind.mapValues { _ in [] })
    }

    /// What to push now, at most so many; changes before what is merely compared. What was taken before is settled.
    mutating func take(_ count: Int, at now: UInt64) -> [PublicKey] {
        if queue.isEmpty {
            for (account, entry) in waiting where entry.due <= now && !entry.isQueued {
                waiting[account]?.isQueued = true
                queue.append(account)
            }
        }
        var taken: [PublicKey] = []
        for account in queue.prefix(count) where waiting[account]?.isQueued == true {
            waiting[account]?.isQueued = false
            inFlight[account] = waiting[account]?.change ?? 0
            taken.append(account)
        }
        queue.removeFirst(min(count, queue.count))
        if var current = pass {
            pass = nil
            while taken.count < count, current.next < current.accounts.count {
                let account = current.accounts[current.next]
                current.next += 1
                guard inFlight[account] == nil else { continue }
                inFlight[account] = waiting[account]?.change ?? 0
                taken.append(account)
            }
            pass = current
            if taken.isEmpty { endPass() }
        }
        return taken
    }

    private mutating func leavesPass(_ id: PublicKey) {
        pass?.failed[id] = nil
        if pass?.failed.isEmpty == true { pass = nil }
    }

    private mutating func endPass() {
        guard let ended = pass else { return }
        pass = nil
        for (id, failed) in ended.failed {
            servers[id]?.lag = .accounts([])
            servers[id]?.difference = nil
            for account in failed { doubt(account, at: id) }
        }
    }

    /// What came of a push, by server. Those that were expected and did not answer are not waited for until they answer a
    /// survey.
    ///
    /// - Parameter silent: servers that did not answer in time.
    /// - Returns: whether it was a change, and not only told once more to a server that is told of everything.
    @discardableResult
    mutating func settle(
        _ account: PublicKey, _ outcomes: [PublicKey: PushOutcome], silent: Set<PublicKey>, at now: UInt64
    ) -> Bool {
        guard let change = inFlight.removeValue(forKey: account) else { return false }
        let isNewest = waiting[account].map { $0.change == change } ?? true
        for (id, outcome) in outcomes {
            switch outcome {
            case .updated, .skipped: if isNewest { servers[id]?.catchesUp(on: account) }
            case .failed(let fault): fails(account, at: id, fault)
            }
        }
        for id in silent {
            fails(account, at: id, "it does not answer")
            servers[id]?.isSilent = true
            // What it would miss from here on is not known by name.
            leavesPass(id)
        }
        // A change during the push is in the queue already.
        guard isNewest, waiting[account]?.isQueued != true else { return change != 0 }
        let isBehind = servers.values.contains { server in
            guard server.isPresent(limits), case .accounts(let accounts) = server.lag else { return false }
            return accounts.contains(account)
        }
        guard isBehind else {
            waiting[account] = nil
            return change != 0
        }
        let failures = waiting[account]?.failures ?? 0
        if change == 0 { lastChange += 1 }
        waiting[account] = Waiting(
            due: now &+ wait(after: failures), failures: failures + 1, change: waiting[account]?.change ?? lastChange,
            isQueued: false)
        return true
    }

    private func wait(after failures: Int) -> UInt64 {
        var wait = firstRetry
        for _ in 0..<min(failures, 64) where wait < longestRetry { wait *= 2 }
        return min(wait, longestRetry)
    }

    /// A push that nobody knows what became of: it is done again.
    mutating func undo(_ account: PublicKey, at now: UInt64) {
        guard let change = inFlight.removeValue(forKey: account) else { return }
        if waiting[account] == nil || waiting[account]?.change == change {
            lastChange += 1
            waiting[account] = Waiting(
                due: now &+ firstRetry, failures: waiting[account]?.failures ?? 0,
                change: change == 0 ? lastChange : change,
                isQueued: false)
        }
    }

    private mutating func fails(_ account: PublicKey, at id: PublicKey, _ fault: String) {
        servers[id]?.lastFault = fault
        servers[id]?.falls(behindOn: account, limits)
        if let failed = pass?.failed[id], failed.count < limits.behind { pass?.failed[id]?.insert(account) }
    }

    /// What a server turned out to be.
    mutating func learn(_ resolver: DistributionReport.Server.Resolver?, _ outcome: PushOutcome, at id: PublicKey) {
        if let resolver { servers[id]?.namedResolver = resolver }
        if outcome == .updated { servers[id]?.hasConfirmed = true }
    }

    // MARK: Reporting

    /// What is known of each server.
    func report() -> [DistributionReport.Server] {
        servers.values.map { server in
            let behind =
                switch server.lag {
                case .accounts(let accounts): accounts.count
                case .everything where pass?.failed[server.identity.id] != nil:
                    max(1, (pass?.accounts.count ?? 0) - (pass?.next ?? 0))
                case .everything: max(1, accountCount)
                }
            return DistributionReport.Server(
                id: server.identity.id, name: server.identity.name, version: server.identity.version,
                resolver: server.resolver, isPresent: server.isPresent(limits), accountsBehind: behind,
                strangers: server.strangers, notInForce: server.notInForce.count, lastFault: server.lastFault)
        }.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }
}

extension Duration {
    /// In nanoseconds, from 0 to the largest that fits.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0 else { return 0 }
        guard seconds < 1_000_000_000 else { return .max >> 1 }
        return UInt64(seconds) * 1_000_000_000 + UInt64(max(0, attoseconds) / 1_000_000_000)
    }
}
