import NKeys
import Subjects
import Trust

extension BrokerCore {
    /// The space of an account, made when it is not there.
    func space(for key: PublicKey) -> AccountSpace {
        if let known = spaces[key] { return known }
        let made = AccountSpace(key: key, isSystem: key == settings.trust.systemKey)
        spaces[key] = made
        return made
    }

    /// Somebody needs `account` in force.
    func need(_ account: PublicKey) {
        needs[account, default: 0] += 1
        if needs[account] == 1 { apply(store.require(account, at: wallTime)) }
    }

    /// One of them needs it no longer.
    func release(_ account: PublicKey) {
        guard let count = needs[account] else { return }
        if count > 1 {
            needs[account] = count - 1
        } else {
            needs[account] = nil
            apply(store.release(account, at: wallTime))
        }
    }

    /// A resolver has answered; nil when it does not know the account, or could not tell.
    func loaded(_ account: PublicKey, _ token: String?) {
        enter()
        apply(store.receive(token.map(ResolvedAccount.token), for: account, at: wallTime))
        leave()
    }

    /// An account's token is another now, or gone.
    func changed(_ change: AccountChange) {
        guard heldChanges == nil else {
            heldChanges?.append(change)
            return
        }
        enter()
        switch change {
        case .token(let text, let account): apply(store.update(text, for: account, at: wallTime))
        case .deleted(let account): apply(store.delete(account, at: wallTime))
        }
        leave()
    }

    /// From now on changes wait: those of a reload are judged by what is trusted after it. An account that an operator's new
    /// key has signed would be refused by the trust that there was.
    func holdChanges() { heldChanges = heldChanges ?? [] }

    /// Changes are made again as they come, first those that waited.
    func releaseChanges() {
        let held = heldChanges ?? []
        heldChanges = nil
        for change in held { changed(change) }
    }

    /// Tokens may expire or begin.
    func advanceTrust() { apply(store.advance(to: wallTime)) }

    /// Does what a change of the trust store asks for.
    func apply(_ effects: [TrustEffect]) {
        for effect in effects {
            switch effect {
            case .load(let account): host.load(account)
            case .inForce(let account): enforce(account)
            case .outOfForce(let account, let why): retire(account, why)
            case .gained, .lost: break
            case .disconnect(let account, let selection): disconnect(account, selection)
            case .permissions(let account, _), .settings(let account): judgeAgain(account)
            }
        }
        for account in Array(waiting.keys) { settle(account) }
        if let time = store.nextTime {
            // Not later than in a minute: the wall's clock may be set.
            let due = now &+ min(remaining(until: time), 60_000_000_000)
            if trustAlarm.map({ due < $0 }) ?? true {
                trustAlarm = due
                alarms.set(.trust, at: due)
            }
        }
    }

    // MARK: In force and out

    private func enforce(_ account: AccountInForce) {
        let space = space(for: account.key)
        let before = space.inForce
        space.inForce = account
        space.mappings = account.mappings.compactMap(\.weighted)
        link(space, to: account.bindings, from: before?.bindings ?? [])
        space.change()
    }

    /// Puts an account's imports in the place of those that it had.
    private func link(_ space: AccountSpace, to bindings: [Binding], from old: [Binding]) {
        let streams = Set((bindings + old).filter { $0.import.kind == .stream }.map(\.exporter))
        for key in streams {
            let exporter = self.space(for: key)
            let others = exporter.streamImporters.filter { $0.importer !== space }
            let links = bindings.filter { $0.import.kind == .stream && $0.exporter == key }
                .map { AccountSpace.StreamLink(binding: $0, importer: space) }
            exporter.setStreamImporters(others + links)
        }
        let services = bindings.filter { $0.import.kind == .service }
        let exporters = Set(services.map(\.exporter))
        let former = Set(space.exporters.keys)
        space.services = services
        space.exporters = Dictionary(uniqueKeysWithValues: exporters.map { ($0, self.space(for: $0)) })
        for key in exporters.subtracting(former) { need(key) }
        for key in former.subtracting(exporters) { release(key) }
        // What is awaited through an import that does not hold any more does not come.
        for key in former {
            spaces[key]?.awaited.removeAll { entry in
                guard let binding = entry.binding, binding.importer == space.key else { return false }
                return !services.contains { $0 === binding || $0.index == binding.index && $0.exporter == key }
            }
        }
        for key in streams.union(former) { forgetIfUnused(key) }
    }

    /// Forgets the space of an account that is not in force, once nobody has to do with it.
    private func forgetIfUnused(_ account: PublicKey) {
        guard let space = spaces[account], space.inForce == nil, space.sessions.isEmpty, space.streamImporters.isEmpty,
            !spaces.values.contains(where: { $0.exporters[account] != nil })
        else { return }
        space.routes.removeAll()
        spaces[account] = nil
    }

    private func retire(_ account: PublicKey, _ why: OutOfForce) {
        guard let space = spaces[account] else { return }
        if case .refused(let refusal) = why {
            host.note(.outOfForce(account, rules: refusal.failures))
        }
        for session in inOrder(space) { close(session, .accountExpired) }
        if let old = space.inForce { link(space, to: [], from: old.bindings) }
        space.inForce = nil
        space.mappings = []
        space.change()
        space.routes.removeAll()
        forgetIfUnused(account)
    }

    /// Who is connected to an account, the longest first.
    private func inOrder(_ space: AccountSpace) -> [Session] { space.sessions.values.sorted { $0.id < $1.id } }

    // MARK: Those who are connected

    private func disconnect(_ account: PublicKey, _ selection: UserSelection) {
        guard let space = spaces[account] else { return }
        let reason: ClosingReason =
            switch selection {
            case .all: .accountExpired
            case .signed: .signerGone
            case .revoked: .userRevoked
            case .bearers: .bearerNotAllowed
            case .withDefaultPermissions: .authenticationFailure
            }
        for session in inOrder(space) {
            if let user = session.user, selection.contains(user) { close(session, reason) }
        }
    }

    /// Judges who is connected by the account's token as it is now.
    func judgeAgain(_ account: PublicKey) {
        guard let space = spaces[account], let current = store.snapshot[account]?.account else { return }
        let limit = current.claims.limits.connections.asLimit
        for (place, session) in inOrder(space).enumerated() {
            guard let user = session.user else { continue }
            if let limit, Int64(place) >= limit {
                close(session, .accountConnections)
                continue
            }
            switch chain.user(user, movedTo: current, at: wallTime) {
            case .accepted(let moved, _): move(session, to: moved)
            case .refused(let refusal): close(session, Self.reason(for: refusal))
            }
        }
        space.change()
    }

    private func move(_ session: Session, to user: TrustedUser) {
        let before = session.permissions
        guard install(user, on: session) else { return close(session, .authenticationFailure) }
        if session.permissions !== before { judgeSubscriptions(of: session) }
        if let limit = session.limits.subscriptions, session.subscriptions.count > limit {
            close(session, .subscriptions)
        }
    }

    private static func reason(for refusal: Refusal) -> ClosingReason {
        for finding in refusal.failures {
            switch finding.rule {
            case .userRevoked: return .userRevoked
            case .tokenExpired: return finding.place.path == "exp" ? .userExpired : .accountExpired
            case .userBearer: return .bearerNotAllowed
            case .userSigner, .userScope: return .signerGone
            default: continue
            }
        }
        return .authenticationFailure
    }

    // MARK: Reload

    /// The tokens that are in force now and that `trust` would judge anew; none where it is the trust that there is.
    func tokens(toJudgeBy trust: BrokerTrust) -> [(account: PublicKey, token: String)] {
        isTrusting(trust) ? [] : store.snapshot.accounts.map { ($0.key, $0.account.text) }
    }

    private func isTrusting(_ trust: BrokerTrust) -> Bool {
        settings.trust.operators.map(\.text) == trust.operators.map(\.text)
            && settings.trust.systemKey == trust.systemKey
            && settings.trust.pinnedAccounts == trust.pinnedAccounts
            && settings.trust.verifier.policy == trust.verifier.policy
    }

    /// Trusts otherwise from now on: every account is judged again, then everybody who is connected.
    ///
    /// - Parameter newer: tokens that stand in the place of those that are known here.
    func reload(_ new: BrokerSettings, knowing newer: [PublicKey: String] = [:]) {
        enter()
        let isSameTrust = isTrusting(new.trust)
        let formerSystem = settings.trust.systemKey
        settings = new
        configured = host.wall
        if !isSameTrust { trust(new.trust, knowing: newer, after: formerSystem) }
        for space in spaces.values {
            for session in inOrder(space) {
                if let user = session.user { move(session, to: user) }
            }
        }
        leave()
    }

    private func trust(_ trust: BrokerTrust, knowing newer: [PublicKey: String], after formerSystem: PublicKey?) {
        chain = trust.chain
        // What was judged by other anchors is judged anew; texts are known, and need no resolver.
        let texts = store.snapshot.accounts.map { ($0.key, $0.account.text) }
        let known = Dictionary(uniqueKeysWithValues: texts).merging(newer) { $1 }
        store = TrustStore(chain: chain)
        if let system = trust.systemKey, system != formerSystem { needs[system, default: 0] += 1 }
        if let formerSystem, formerSystem != trust.systemKey {
            let count = needs[formerSystem] ?? 0
            needs[formerSystem] = count > 1 ? count - 1 : nil
        }
        for space in spaces.values where space.isSystem != (space.key == trust.systemKey) {
            space.isSystem.toggle()
            space.change()
        }
        var effects: [TrustEffect] = []
        for account in needs.keys { effects += store.require(account, at: wallTime) }
        var rest: [TrustEffect] = []
        while let effect = effects.popLast() {
            if case .load(let key) = effect, let text = known[key] {
                effects += store.receive(.token(text), for: key, at: wallTime)
            } else {
                rest.append(effect)
            }
        }
        apply(rest)
        for account in Array(needs.keys) {
            if let space = spaces[account], store.snapshot[account] == nil, space.inForce != nil {
                switch store.standing(of: account) {
                case .loading: continue
                case .refused(let refusal): retire(account, .refused(refusal))
                case .unknown, .notLoaded, .inForce: retire(account, .unknown)
                }
            } else {
                judgeAgain(account)
            }
        }
    }
}
