import Logging
import NATSClient
import NKeys
import Trust

/// What goes on over one connection to the servers, from when it is there until it is closed for good.
struct ClusterSession: Sendable {
    let accounts: any AccountServing
    let connection: NATSConnection
    let state: DistributionState
    let settings: DistributionSettings
    let clock: ServerClock
    let counters: DistributionCounters
    let logger: Logger
    let limits: DistributionLimits
    let fingerprint: StoreFingerprint

    /// Runs until the connection is closed for good or the task is cancelled.
    func run() async {
        let responder = ClaimsResponder(
            accounts: accounts, connection: connection, fingerprint: fingerprint, settings: settings, limits: limits,
            clock: clock, counters: counters, logger: logger)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await followConnection() }
            group.addTask { await surveyServers() }
            group.addTask { await pushChanges() }
            group.addTask {
                while !Task.isCancelled {
                    state.wake()
                    try? await Task.sleep(for: settings.firstRetry)
                }
            }
            group.addTask { await watchUpdates() }
            group.addTask { await watchUses() }
            group.addTask { await watchStates() }
            group.addTask { await responder.run() }
            // Only the first ends by itself.
            await group.next()
            group.cancelAll()
        }
        connection.close()
    }

    /// Tells the state what becomes of the connection.
    private func followConnection() async {
        var wasLost = false
        for await event in connection.events() {
            switch event {
            case .connected(let server):
                logger.info("connected to the servers", metadata: ["server": "\(server)"])
                if wasLost { state.withLedger { $0.reconnected() } }
                wasLost = false
                state.set(.connected)
            case .disconnected(let fault):
                logger.warning("the connection to the servers is gone", metadata: ["fault": "\(fault)"])
                wasLost = true
                state.set(.disconnected("\(fault)"))
            case .notPermitted(let text):
                logger.warning("a server does not permit it", metadata: ["text": "\(OneLine.text(text))"])
            case .closed(let fault):
                state.set(.disconnected(fault.map { "\($0)" } ?? "closed"))
                return
            case .serverError, .serverLeaving: continue
            }
        }
    }

    // MARK: Which servers there are

    /// Asks again and again who is there and, when somebody is new or it is time, what they store.
    private func surveyServers() async {
        var lastComparison: UInt64?
        while !Task.isCancelled {
            let arrived = await survey()
            let now = clock.uptime()
            let isDue = lastComparison.map { now &- $0 >= settings.comparisonInterval.nanoseconds } ?? true
            if !arrived.isEmpty || isDue, await compareLists() { lastComparison = now }
            counters.stands(state.report())
            state.wake()
            try? await Task.sleep(for: settings.surveyInterval)
        }
    }

    private func survey() async -> [ServerIdentity] {
        do throws(NATSFault) {
            let answers = try await connection.requestMany("$SYS.REQ.SERVER.PING", timeout: settings.answerTimeout)
            let found = answers.answers.compactMap { ServerIdentity(heading: $0.payload) }
            let arrived = state.withLedger { $0.survey(found) }
            for server in arrived {
                logger.notice("a server arrived", metadata: ["server": "\(server.name)", "id": "\(server.id)"])
            }
            return arrived
        } catch {
            // Without a connection nobody can be counted as missing.
            if error == .noResponders {
                logger.warning("no server answers: is the user one of the system account?")
                state.withLedger { _ = $0.survey([]) }
            }
            return []
        }
    }

    /// Asks servers what they store, and finds what each of them lacks or should not have any more.
    ///
    /// - Returns: whether anybody could be asked.
    private func compareLists() async -> Bool {
        let answers: [NATSMessage]
        do throws(NATSFault) {
            answers = try await connection.requestMany("$SYS.REQ.CLAIMS.LIST", timeout: settings.answerTimeout).answers
        } catch {
            if error == .noResponders { state.withLedger { $0.askedForLists() } }
            return error == .noResponders
        }
        state.withLedger { $0.askedForLists() }
        let own = accounts.current(at: clock.now()).map(\.key)
        let known = Set(own)
        for answer in answers {
            guard let reply = ServerReply(answer.payload), case .accounts(let listed) = reply.content else { continue }
            let stored = Set(listed)
            let lacking = own.filter { !stored.contains($0) }
            let strangers = stored.subtracting(known)
            state.withLedger { $0.listed(reply.server.id, lacking: lacking, strangers: strangers.count) }
            let count = state.withDeletions { $0.reopen(listing: strangers) }
            if count > 0 {
                logger.warning("a server still has deleted accounts", metadata: ["server": "\(reply.server.name)"])
            }
        }
        return true
    }

    // MARK: Telling them

    private func pushChanges() async {
        for await _ in state.wakings() {
            while !Task.isCancelled {
                await tellDeletions()
                guard state.withLedger({ $0.isSurveyed && !$0.present.isEmpty }) else { break }
                if state.withLedger(\.needsPass) {
                    // The newest first: that is where revocations are.
                    let all = accounts.current(at: clock.now()).sorted { $1.issuedAt < $0.issuedAt }
                    logger.info("servers are told of everything", metadata: ["accounts": "\(all.count)"])
                    state.withLedger { $0.beginPass(over: all.map(\.key)) }
                }
                let now = clock.uptime()
                let batch = state.withLedger { $0.take(settings.parallelPushes, at: now) }
                guard !batch.isEmpty else { break }
                await withTaskGroup(of: Void.self) { group in
                    for account in batch { group.addTask { await push(account) } }
                }
            }
        }
    }

    /// Tells every server of the newest token of an account, and counts who took it.
    private func push(_ key: PublicKey) async {
        guard let account = accounts.account(for: key), account.isCurrent(at: clock.now()) else {
            return state.withLedger { $0.drop(key) }
        }
        let answers = PushAnswers(to: key, from: state.withLedger(\.present), limit: limits.answer)
        state.noteOwn(account.token)
        counters.pushed()
        do throws(NATSFault) {
            _ = try await connection.requestMany(
                "$SYS.REQ.ACCOUNT.\(key).CLAIMS.UPDATE", payload: account.token, timeout: settings.answerTimeout,
                until: { answers.take($0) })
        } catch {
            if case .payloadTooLong = error {
                logger.error("a token is longer than servers take", metadata: ["account": "\(key)"])
            }
            return state.withLedger { $0.undo(key, at: clock.uptime()) }
        }
        for _ in 0..<answers.unreadCount { counters.couldNotRead() }
        let (outcomes, silent) = (answers.outcomes, answers.silent)
        for (id, (outcome, resolver)) in outcomes {
            state.withLedger { $0.learn(resolver, outcome, at: id) }
            guard case .failed(let fault) = outcome else {
                counters.didConfirm()
                continue
            }
            counters.didFail()
            logger.warning(
                "a server did not take an account",
                metadata: ["account": "\(key)", "server": "\(id)", "fault": "\(fault)"])
        }
        for id in silent {
            counters.didFail()
            logger.warning("a server does not answer", metadata: ["account": "\(key)", "server": "\(id)"])
        }
        let now = clock.uptime()
        let isChange = state.withLedger {
            $0.settle(key, outcomes.mapValues(\.0), silent: silent, at: now)
        }
        // A confirmation is no proof: a server confirms what it then does not use.
        if isChange { await verify(account, at: Set(outcomes.filter { $0.value.0 == .updated }.keys)) }
    }

    /// Looks whether servers that use an account use it by the token that they confirmed.
    private func verify(_ account: KeptAccount, at servers: Set<PublicKey>) async {
        guard !servers.isEmpty else { return }
        let answers: CollectedAnswers
        do throws(NATSFault) {
            answers = try await connection.requestMany(
                "$SYS.REQ.ACCOUNT.\(account.key).INFO", count: servers.count, timeout: settings.answerTimeout)
        } catch {
            return
        }
        let quoted = "\"jwt\":\"\(String(decoding: account.token, as: UTF8.self))\""
        for answer in answers.answers {
            guard let server = ServerIdentity(heading: answer.payload), servers.contains(server.id) else { continue }
            let text = String(decoding: answer.payload, as: UTF8.self)
            // A server that does not use the account has nothing to say of it.
            guard text.contains("\"jwt\":\"") else { continue }
            let isInForce = text.contains(quoted)
            guard isInForce || accounts.account(for: account.key) === account else { continue }
            state.withLedger { $0.isInForce(account.key, isInForce, at: server.id) }
            guard !isInForce else { continue }
            logger.error(
                "a server confirmed an account and does not use its token",
                metadata: ["account": "\(account.key)", "server": "\(server.name)"])
        }
    }

    /// Passes on what operators signed. An account that is kept is never named to servers as deleted: a token that names
    /// one waits.
    private func tellDeletions() async {
        let now = clock.uptime()
        for entry in state.withDeletions({ $0.due(at: now) }) {
            var isDone = false
            if let kept = entry.accounts.first(where: { accounts.account(for: $0) != nil }) {
                logger.warning("a deletion waits: it names an account that is kept", metadata: ["account": "\(kept)"])
            } else {
                isDone = await tell(entry)
            }
            state.withDeletions { deletions in
                deletions.settle(entry.token, isDone: isDone) { failures in
                    var wait = settings.firstRetry.nanoseconds
                    let longest = settings.longestRetry.nanoseconds
                    for _ in 0..<min(failures, 64) where wait < longest { wait *= 2 }
                    return now &+ min(wait, longest)
                }
            }
        }
    }

    /// Whether every server that lists accounts has confirmed.
    private func tell(_ entry: DeletionLedger.Entry) async -> Bool {
        let expected = state.withLedger { ledger in
            Set(ledger.servers.filter { $0.value.lists && ledger.present.contains($0.key) }.keys)
        }
        let answers: [NATSMessage]
        do throws(NATSFault) {
            answers = try await connection.requestMany(
                "$SYS.REQ.CLAIMS.DELETE", payload: Array(entry.token.utf8), timeout: settings.answerTimeout
            ).answers
        } catch {
            // Nobody stores accounts: there is nobody to tell.
            return error == .noResponders && state.withLedger { $0.isSurveyed && !$0.present.isEmpty }
        }
        var missing = expected
        for answer in answers {
            guard answer.payload.count <= limits.answer, let reply = ServerReply(answer.payload) else { continue }
            switch reply.content {
            case .done:
                missing.remove(reply.server.id)
                counters.didConfirm()
            case .failed(let fault):
                missing.insert(reply.server.id)
                counters.didFail()
                state.withLedger { $0.note(fault, at: reply.server.id) }
                logger.warning(
                    "a server did not delete", metadata: ["server": "\(reply.server.name)", "fault": "\(fault)"])
            case .accounts: continue
            }
        }
        return missing.isEmpty
    }
}
