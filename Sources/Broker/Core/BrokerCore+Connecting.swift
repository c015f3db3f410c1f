import NATSWire
import NKeys
import Subjects
import Trust

extension BrokerCore {
    /// A client says who it is.
    func connect(_ session: Session, options text: [UInt8]) {
        let options: ClientOptions
        do throws(WireFault) { options = try ClientOptions(parsing: text) } catch {
            return close(session, .malformed)
        }
        if session.phase == .ready {
            // A second CONNECT begins anew: nothing of the first is left.
            observer?.disconnected(session, .clientClosed, in: self)
            leaveSpace(session)
            (session.user, session.permissions, session.replies) = (nil, nil, nil)
            session.derived = nil
            session.assignedName = nil
            session.reader.admission = .connect
        }
        session.options = options
        session.phase = .judging
        session.attempt &+= 1
        alarms.set(
            .authentication(session: session.id, attempt: session.attempt),
            at: now &+ settings.times.authentication.nanoseconds)
        guard !token(of: session).isEmpty else {
            return refuse(session, [Finding(.userProof, at: "connection.jwt", .text("no user token was sent"))])
        }
        ask(session)
    }

    /// An authorization service has returned a user for a client: it is judged as any other.
    func judgeDerived(_ derived: DerivedUser, for session: Session) {
        session.derived = derived
        ask(session)
    }

    /// The token that a client is judged by: the one that an authorization service returned, its own, or the one that
    /// stands in for none.
    private func token(of session: Session) -> String {
        if let derived = session.derived { return derived.token }
        return session.options.token.isEmpty ? settings.trust.defaultSentinel ?? "" : session.options.token
    }

    /// Has the client judged as it stands now.
    private func ask(_ session: Session) {
        let context = ConnectionContext(
            host: session.peer.host, nonce: session.nonce,
            signature: session.derived?.signature ?? session.options.signature, usage: nil)
        let question = UserQuestion(
            session: session.id, attempt: session.attempt, token: token(of: session), context: context,
            chain: chain, accounts: store.snapshot, now: wallTime, signatures: signatures)
        host.compute {
            question.answer()
        } then: { [unowned self] in
            judged(question, $0)
        }
    }

    /// A question was answered.
    func judged(_ question: UserQuestion, _ answer: UserQuestion.Answer) {
        enter()
        defer { leave() }
        guard let session = sessions[question.session], session.phase == .judging,
            session.attempt == question.attempt
        else { return }
        switch answer.verdict {
        case .accepted(let user, _): admit(session, user)
        case .refused(let refusal):
            guard let missing = answer.missing, store.snapshot[missing] == nil else {
                // It came into force meanwhile.
                if answer.missing != nil { return ask(session) }
                return refuse(session, refusal.failures)
            }
            waiting[missing, default: [:]][session.id] = session
            session.awaited = missing
            need(missing)
            settle(missing)
        }
    }

    /// Goes on with those who wait for an account, once it is known what it is.
    func settle(_ account: PublicKey) {
        guard let waiters = waiting[account] else { return }
        let sessions = waiters.values.sorted { $0.id < $1.id }
        let findings: [Finding]
        switch store.standing(of: account) {
        case .loading: return
        case .inForce:
            waiting[account] = nil
            for session in sessions { session.awaited = nil }
            for session in sessions where session.phase == .judging { ask(session) }
            for _ in sessions { release(account) }
            return
        case .refused(let refusal): findings = refusal.failures
        case .unknown, .notLoaded:
            findings = [
                Finding(.accountUnknown, at: "issuer_account", .text("the account `\(account.text)` is not known"))
            ]
        }
        waiting[account] = nil
        for session in sessions { session.awaited = nil }
        for session in sessions {
            if session.phase == .judging { refuse(session, findings) }
            release(account)
        }
    }

    /// A client waits no longer for an account, whatever becomes of it.
    func stopWaiting(_ session: Session) {
        guard let account = session.awaited else { return }
        session.awaited = nil
        waiting[account]?[session.id] = nil
        if waiting[account]?.isEmpty == true { waiting[account] = nil }
        release(account)
    }

    /// Lets a client in that was judged; an authorization service may have to be asked.
    private func admit(_ session: Session, _ user: TrustedUser) {
        guard let current = store.snapshot[user.account.key]?.account else {
            return refuse(
                session, [Finding(.accountUnknown, at: "account.sub", .text("the account is no longer in force"))])
        }
        var user = user
        if current !== user.account {
            switch chain.user(user, movedTo: current, at: wallTime) {
            case .accepted(let moved, _): user = moved
            case .refused(let refusal): return refuse(session, refusal.failures)
            }
        }
        if session.options.asksForAccount {
            return refuse(
                session, [Finding(.userScope, at: "connection.account", .text("an account cannot be asked for"))])
        }
        if let derived = session.derived {
            guard user.key == derived.key else {
                return refuse(
                    session, [Finding(.userProof, at: "response.jwt", .text("the returned user is for another key"))])
            }
            guard derived.mayEnter(user.account.key) else {
                let why = "the service may not put users into the account `\(user.account.key.text)`"
                return refuse(session, [Finding(.userScope, at: "response.jwt", .text(why))])
            }
            return bind(session, user, named: user.claims.common.name)
        }
        if let service = user.account.claims.authorization, !service.users.isEmpty, !service.users.contains(user.key) {
            guard let callout else {
                return refuse(
                    session,
                    [Finding(.userProof, at: "account.authorization", .text("no authorization service can be asked"))])
            }
            return callout.ask(about: session, as: user, in: self)
        }
        bind(session, user)
    }

    /// Turns a client away. It is told nothing of the reason.
    func refuse(_ session: Session, _ findings: [Finding], _ reason: ClosingReason = .authenticationFailure) {
        counters.refused &+= 1
        let user = Self.claimedUser(of: session)
        host.note(.refused(address: session.peer.host, user: user, reason: reason, rules: findings))
        observer?.refused(session, findings, in: self)
        close(session, reason)
    }

    /// Of whom a client's token says that it is; nobody has judged it.
    static func claimedUser(of session: Session) -> String? {
        var token = session.options.token
        if token.isEmpty { return nil }
        return token.withUTF8 { UnverifiedSubject.unsafeSubject(utf8: $0)?.text }
    }

    /// Puts a client that was let in into its account.
    ///
    /// - Parameter name: what an authorization service calls it; nil where none was asked.
    func bind(_ session: Session, _ user: TrustedUser, named name: String? = nil) {
        guard session.phase == .judging else { return }
        let space = space(for: user.account.key)
        guard space.inForce != nil else {
            return refuse(
                session, [Finding(.accountUnknown, at: "account.sub", .text("the account is no longer in force"))])
        }
        if let limit = user.account.claims.limits.connections.asLimit, Int64(space.sessions.count) >= limit {
            return refuse(session, [], .accountConnections)
        }
        let options = session.options
        guard options.protocolVersion == 0 || options.protocolVersion == 1 else {
            return close(session, .clientProtocol)
        }
        if options.wantsNoResponders, !options.hasHeaders { return close(session, .noRespondersWithoutHeaders) }
        guard install(user, on: session) else {
            return refuse(session, [Finding(.tokenContent, at: "permissions", .text("more entries than are compiled"))])
        }
        session.assignedName = name
        (session.echoes, session.hasHeaders) = (options.echoes, options.hasHeaders)
        session.isPlainPublisher = !options.isVerbose && !options.isPedantic
        session.space = space
        space.sessions[session.id] = session
        space.totalConnections &+= 1
        need(space.key)
        session.phase = .ready
        session.attempt &+= 1
        session.reader.admission = .everything
        session.owesInfo = options.protocolVersion >= 1
        setFirstAlarms(of: session)
        if options.isVerbose {
            session.output.append("+OK\r\n")
            mark(session)
        }
        observer?.connected(session, in: self)
        session.outlet.resume()
    }

    /// Gives a session what its user may do and hold. Returns false when it cannot be compiled.
    func install(_ user: TrustedUser, on session: Session) -> Bool {
        installs &+= 1
        // Those of users who are gone: looked for now and then, so that a connection costs the same.
        if installs % 1024 == 0 { permissionSets.removeUnused() }
        guard let permissions = try? permissionSets.permissions(user.permissions) else { return false }
        session.user = user
        if session.permissions !== permissions {
            session.permissions = permissions
            session.replies = permissions.rules.responses.map { ReplyLedger($0, capacity: 4096) }
        }
        let limits = user.limits
        func smaller(_ claimed: Int64?, _ own: Int?) -> Int? {
            guard let claimed else { return own }
            return min(Int(clamping: claimed), own ?? .max)
        }
        session.limits.payload = smaller(limits.payload, settings.limits.payload) ?? settings.limits.payload
        session.limits.subscriptions = smaller(limits.subscriptions, settings.limits.subscriptions)
        session.reader.limits.payload = session.limits.payload
        return true
    }

    /// The second INFO, which tells a client where it is.
    func sendAccountInfo(to session: Session) {
        session.owesInfo = false
        guard let space = session.space else { return }
        var info = announcement(toKnown: session)
        info.account = space.key.text
        info.isSystemAccount = space.isSystem
        session.output.appendInfo(info.utf8)
    }
}
