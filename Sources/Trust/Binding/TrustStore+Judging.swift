import NKeys
import Subjects

/// One change of a store, until it is finished.
struct StoreChange {
    let now: UnixTime
    /// Imports that are to be judged.
    var imports: [(account: PublicKey, index: Int)] = []
    /// Accounts of which something was judged anew.
    var touched: Set<PublicKey> = []
    /// Accounts that somebody may have ceased to need.
    var perhapsIdle: Set<PublicKey> = []
    /// What was lost; told before what is gained.
    var losses: [TrustEffect] = []
    var gains: [TrustEffect] = []
    var loads: [TrustEffect] = []

    init(at now: UnixTime) { self.now = now }
}

extension TrustStore {
    private var bindings: BindingVerifier { BindingVerifier(verifier: chain.verifier) }

    mutating func require(_ account: PublicKey, _ change: inout StoreChange) {
        guard load(account, &change) else { return }
        entries[account]?.isRequired = true
        idle.remove(account)
        makeWhole(account, &change)
    }

    /// Sees to it that there is an entry for `account`, asking for it when there was none.
    ///
    /// - Returns: false when there is no room for it.
    mutating func load(_ account: PublicKey, _ change: inout StoreChange) -> Bool {
        if entries[account] != nil { return true }
        guard entries.count < limits.accounts else { return false }
        entries[account] = StoredAccount()
        counters.loads += 1
        change.loads.append(.load(account))
        return true
    }

    /// Has all imports of an account judged.
    mutating func makeWhole(_ account: PublicKey, _ change: inout StoreChange) {
        guard let entry = entries[account], !entry.isWhole, let trusted = entry.trusted else { return }
        entries[account]?.isWhole = true
        change.touched.insert(account)
        for index in trusted.claims.imports.indices where entry.verdicts[index] == nil {
            change.imports.append((account, index))
        }
    }

    // MARK: Accounts

    /// Takes what the resolver or an upload says of an account.
    mutating func take(_ answer: ResolvedAccount?, for account: PublicKey, _ change: inout StoreChange) {
        guard let old = entries[account]?.token else { return }
        switch answer {
        case nil:
            timers[account] = change.now.advanced(by: limits.negativeLifetime)
            put(.unknown, for: account, &change)
        case .token(let text):
            let known: KnownSignature =
                switch old {
                case .trusted(let account) where account.text == text: .valid
                case .refused(text, _, let signature): signature
                default: .notChecked
                }
            put(judge(text, for: account, known, at: change.now), for: account, &change)
        case .unsafeTokenWithKnownSignature(let text):
            put(judge(text, for: account, .valid, at: change.now), for: account, &change)
        case .trusted(let trusted):
            put(judge(trusted.text, for: account, .valid, at: change.now), for: account, &change)
        }
    }

    /// Puts what was judged of an account in its place, and has those judged who depend on it.
    ///
    /// - Parameter saved: an earlier state of the account, whose tokens' signatures are known.
    mutating func put(
        _ token: StoredAccount.Token, for account: PublicKey, knowing saved: StoredAccount? = nil,
        _ change: inout StoreChange
    ) {
        guard let old = entries[account] else { return }
        change.touched.insert(account)
        var new = StoredAccount()
        new.isRequired = old.isRequired
        new.token = token
        if let trusted = new.trusted { new.tokens = tokens(of: saved ?? old, for: trusted) }
        dropEdges(of: account, &change)
        entries[account] = new
        if old.isRequired || old.isWhole { makeWhole(account, &change) }
        if let before = old.trusted, let after = new.trusted, after.isSame(toOthersAs: before) {
            // Nothing changes for those who import from it; what they need of its own imports they need still.
            for index in old.wanted { change.imports.append((account, index)) }
            return
        }
        for importer in importers[account] ?? [] {
            for (index, item) in (entries[importer]?.trusted?.claims.imports ?? []).enumerated()
            where item.account == account && isWanted(index, of: importer) {
                change.imports.append((importer, index))
            }
        }
    }

    private mutating func judge(
        _ text: String, for account: PublicKey, _ known: KnownSignature, at now: UnixTime
    ) -> StoredAccount.Token {
        var (text, signature) = (text, known)
        let verdict = text.withUTF8 { chain.judgeAccount($0, for: account, at: now, signature: &signature).verdict }
        counters.accounts += 1
        if known == .notChecked, signature != .notChecked { counters.signatures += 1 }
        switch verdict {
        case .accepted(let trusted, _): return .trusted(trusted)
        case .refused(let refusal): return .refused(text, refusal, signature)
        }
    }

    /// What is known already of the tokens in a new account token.
    private func tokens(of old: StoredAccount, for account: TrustedAccount) -> [Int: KnownToken] {
        guard let before = old.trusted, !old.tokens.isEmpty else { return [:] }
        var byText: [String: KnownToken] = [:]
        for (index, token) in old.tokens {
            if let text = before.claims.imports[index].token { byText[text] = token }
        }
        var known: [Int: KnownToken] = [:]
        for (index, item) in account.claims.imports.enumerated() {
            if let text = item.token, let token = byText[text] { known[index] = token }
        }
        return known
    }

    /// Forgets from whom an account imports.
    private mutating func dropEdges(of account: PublicKey, _ change: inout StoreChange) {
        for item in entries[account]?.trusted?.claims.imports ?? [] {
            guard importers[item.account]?.remove(account) != nil else { continue }
            if importers[item.account]?.isEmpty == true { importers[item.account] = nil }
            change.perhapsIdle.insert(item.account)
        }
    }

    // MARK: Imports

    private func isWanted(_ index: Int, of account: PublicKey) -> Bool {
        guard let entry = entries[account] else { return false }
        return entry.isWhole || entry.wanted.contains(index)
    }

    private mutating func judgeImport(_ index: Int, of account: PublicKey, _ change: inout StoreChange) {
        guard let trusted = entries[account]?.trusted, trusted.claims.imports.indices.contains(index) else { return }
        let item = trusted.claims.imports[index]
        entries[account]?.wanted.insert(index)
        change.touched.insert(account)
        importers[item.account, default: []].insert(account)
        idle.remove(item.account)
        let exporter: Exporter
        if load(item.account, &change) {
            switch entries[item.account]?.token {
            case .loading, nil:
                entries[account]?.verdicts[index] = nil
                return
            case .unknown: exporter = .unknown
            case .refused(_, let refusal, _): exporter = .refused(refusal)
            case .trusted(let account): exporter = .trusted(account)
            }
        } else {
            exporter = .unknown
        }
        var token = entries[account]?.tokens[index] ?? KnownToken()
        let wasChecked = token.signature != .notChecked
        let verdict = bindings.bind(importAt: index, of: trusted, to: exporter, at: change.now, token: &token)
        counters.imports += 1
        if !wasChecked, token.signature != .notChecked { counters.signatures += 1 }
        entries[account]?.tokens[index] = token
        entries[account]?.verdicts[index] = verdict
        if let binding = verdict?.proof { follow(binding, &change) }
    }

    /// Has those imports of the exporter judged that messages through `binding` may take: a circle can only be there.
    private mutating func follow(_ binding: Binding, _ change: inout StoreChange) {
        guard let exporter = entries[binding.exporter], !exporter.isWhole, let trusted = exporter.trusted,
            !trusted.claims.imports.isEmpty
        else { return }
        let way = FollowedImport(binding)
        let arriving = way.renaming.exported
        let isService = way.kind == .service
        let steps = MappingStep.steps(of: arriving, through: isService ? trusted.claims.mappings : [])
        let ways = claimedWays(of: trusted, way.kind)
        for subjects in steps.compactMap({ $0.forward(FollowedSubjects(arriving)) }) {
            for next in ways.meeting(subjects.pattern)
            where exporter.verdicts[next.index] == nil && subjects.intersection(next.renaming.local) != nil {
                change.imports.append((binding.exporter, next.index))
            }
        }
    }

    private mutating func claimedWays(of account: TrustedAccount, _ kind: ExportKind) -> ImportWays {
        let known = kind == .stream ? entries[account.key]?.streams : entries[account.key]?.services
        if let known { return known }
        let ways = ImportWays(
            account.claims.imports.enumerated().compactMap { index, item in
                item.kind == kind ? FollowedImport(item, of: account.key, at: index) : nil
            })
        if kind == .stream { entries[account.key]?.streams = ways } else { entries[account.key]?.services = ways }
        return ways
    }

    // MARK: Time

    mutating func comeToTime(_ account: PublicKey, _ change: inout StoreChange) {
        guard let entry = entries[account] else { return }
        switch entry.token {
        case .loading: break
        case .unknown:
            guard entry.isRequired || importers[account] != nil else {
                entries[account] = nil
                idle.remove(account)
                return
            }
            entries[account]?.token = .loading
            counters.loads += 1
            change.loads.append(.load(account))
        case .refused(let text, _, _): take(.token(text), for: account, &change)
        case .trusted(let trusted):
            if let expires = trusted.expires, change.now >= expires {
                return take(.token(trusted.text), for: account, &change)
            }
            change.touched.insert(account)
            for index in entry.wanted where trusted.claims.imports[index].token != nil {
                change.imports.append((account, index))
            }
        }
    }

    // MARK: The end of a change

    /// Judges what is to be judged, puts accounts in force and out of it, and says what has to be done.
    mutating func finish(_ change: inout StoreChange) -> [TrustEffect] {
        while let (account, index) = change.imports.popLast() { judgeImport(index, of: account, &change) }
        var again: Set<PublicKey> = []
        for account in change.touched {
            if let entry = entries[account], let trusted = entry.trusted {
                again.formUnion(graph.set(trusted, bindings: entry.bindings))
            } else {
                again.formUnion(graph.remove(account))
            }
        }
        for account in change.touched {
            guard let entry = entries[account] else { continue }
            if entry.text != nil {
                timers[account] = entry.nextTime(after: change.now, leeway: chain.verifier.policy.issuedAtLeeway)
            }
        }
        for account in change.touched.union(again) { publish(account, &change) }
        makeRoom(&change)
        return change.losses + change.gains + change.loads
    }

    /// Puts the account in force as it is now, or out of it.
    private mutating func publish(_ account: PublicKey, _ change: inout StoreChange) {
        let old = snapshot[account]
        guard let entry = entries[account], let trusted = entry.trusted else {
            guard let old else { return }
            snapshot[account] = nil
            change.losses += old.bindings.map(TrustEffect.lost)
            change.losses.append(.disconnect(account: account, .all))
            change.losses.append(.outOfForce(account, reason(account)))
            return
        }
        // An account comes in force when all is known of it; once it is, news of it must not wait for others.
        guard entry.isWhole, old != nil || entry.isJudged else { return }
        let new = inForce(trusted, entry)
        snapshot[account] = new
        tell(new, old, &change)
    }

    /// The account with its imports as they are judged; one that is not judged does not hold.
    private func inForce(_ trusted: TrustedAccount, _ entry: StoredAccount) -> AccountInForce {
        let verdicts = trusted.claims.imports.enumerated().map { index, item in
            entry.verdicts[index]
                ?? .refused(
                    Refusal(
                        Finding(
                            .exporterUnknown, at: Place("imports[\(index)].account"), .exporterNotKnown(item.account))))
        }
        return AccountInForce(
            trusted, verdicts: verdicts, closings: graph.closings(of: trusted.key), chain.verifier.policy)
    }

    /// The verdicts on an account's imports, in the order of its token.
    func verdicts(onImportsOf account: PublicKey) -> [Verdict<Binding>] {
        guard let entry = entries[account], let trusted = entry.trusted else { return [] }
        return inForce(trusted, entry).imports
    }

    private func reason(_ account: PublicKey) -> OutOfForce {
        if case .refused(_, let refusal, _)? = entries[account]?.token { return .refused(refusal) }
        return .unknown
    }

    private func tell(_ new: AccountInForce, _ old: AccountInForce?, _ change: inout StoreChange) {
        let before = old?.bindings ?? []
        let after = new.bindings
        change.losses += before.filter { one in !after.contains { $0.isSame(as: one) } }.map(TrustEffect.lost)
        let gained = after.filter { one in !before.contains { $0.isSame(as: one) } }
        guard let old else {
            change.gains.append(.inForce(new))
            change.gains += gained.map(TrustEffect.gained)
            return
        }
        if old.account !== new.account {
            for users in UserSelection.leaving(old.account, new.account) {
                change.losses.append(.disconnect(account: new.key, users))
            }
            change.gains.append(.inForce(new))
            if old.defaultPermissions != new.defaultPermissions {
                change.gains.append(.permissions(account: new.key, .withDefaultPermissions))
            }
            if old.account.claims.limits != new.account.claims.limits || old.mappings != new.mappings
                || old.exports != new.exports
            {
                change.gains.append(.settings(account: new.key))
            }
        } else if !gained.isEmpty || before.count != after.count {
            change.gains.append(.inForce(new))
        }
        change.gains += gained.map(TrustEffect.gained)
    }

    /// Forgets accounts that nobody needs, beyond those that are kept for later.
    mutating func makeRoom(_ change: inout StoreChange) {
        for account in change.perhapsIdle where isIdle(account) { idle.insert(account) }
        while idle.count > limits.cachedAccounts, let account = idle.popFirst() {
            guard isIdle(account) else { continue }
            change.perhapsIdle.removeAll()
            forget(account, &change)
            counters.evictions += 1
            for exporter in change.perhapsIdle where isIdle(exporter) { idle.insert(exporter) }
        }
        sweep(&change)
    }

    /// Forgets accounts that import from one another and that nobody else needs: none of them is idle by itself.
    ///
    /// It is done when the accounts have doubled since it was done last, so that it costs each account little.
    private mutating func sweep(_ change: inout StoreChange) {
        guard entries.count > max(sweepCount, 2 * min(limits.cachedAccounts, limits.accounts / 2), 64) else { return }
        var needed: Set<PublicKey> = []
        var open = entries.keys.filter { entries[$0]?.isRequired == true || held.contains($0) || isIdle($0) }
        while let account = open.popLast() {
            guard needed.insert(account).inserted else { continue }
            open += (entries[account]?.trusted?.claims.imports ?? []).map(\.account).filter { entries[$0] != nil }
        }
        for account in entries.keys where !needed.contains(account) {
            forget(account, &change)
            counters.evictions += 1
        }
        sweepCount = 2 * entries.count
        // Those that these alone imported from are idle now, unless they are gone too.
        let perhapsIdle = change.perhapsIdle
        change.perhapsIdle.removeAll()
        for account in perhapsIdle where isIdle(account) { idle.insert(account) }
    }

    /// Forgets an account.
    mutating func forget(_ account: PublicKey, _ change: inout StoreChange) {
        dropEdges(of: account, &change)
        entries[account] = nil
        timers[account] = nil
        idle.remove(account)
        _ = graph.remove(account)
        if snapshot[account] != nil {
            snapshot[account] = nil
            change.gains.append(.outOfForce(account, .evicted))
        }
    }

    private func isIdle(_ account: PublicKey) -> Bool {
        guard let entry = entries[account] else { return false }
        return !entry.isRequired && importers[account] == nil && !held.contains(account)
    }
}

extension Binding {
    /// Whether both say the same.
    func isSame(as other: Binding) -> Bool {
        importer == other.importer && exporter == other.exporter && index == other.index && exports == other.exports
            && token?.text == other.token?.text && `import` == other.import
    }
}
