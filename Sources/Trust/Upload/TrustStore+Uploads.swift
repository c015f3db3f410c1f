import NKeys

/// What an upload asks of a store of accounts: to have the new token judged as if it stood there, to say what that
/// changes for others, and to be able to take it back.
///
/// Where the resolver throws, the store is left in the midst of a change, and is of no more use.
extension TrustStore {
    /// One import of an account.
    struct ImportPlace: Hashable {
        let account: PublicKey
        let index: Int
    }

    /// What came of a new token in its place.
    struct Placed {
        /// What stood there before; nil when nothing is kept of it.
        let before: StoredAccount?
        /// The verdicts on its imports, in the order of the token.
        let imports: [Verdict<Binding>]
        /// The imports of others that it puts in force or out of it, in the order of their keys.
        let dependents: [DependentImport]
    }

    /// Puts an account that was judged at `now` in its place, its imports last of all (B-cycle).
    mutating func place(
        _ account: TrustedAccount, over stored: StoredVersion, _ importers: [PublicKey],
        _ resolver: some AccountResolver, at now: UnixTime
    ) throws(AccountResolverError) -> Placed {
        let key = account.key
        held.insert(key)
        // What stands there tells which of its tokens were checked, and what others have from it.
        if stored != .none, !importers.isEmpty || !account.claims.imports.isEmpty {
            try load([key], resolver, at: now)
        }
        let before = entries[key]
        var placed: StoredAccount?
        let isTheSame = before?.trusted.map { account.isSame(toOthersAs: $0) } ?? false
        if importers.isEmpty || isTheSame {
            try put(.trusted(account), for: key, resolver, at: now)
            // Where no circle goes through an account, it is nothing to others when its token was issued.
            if importers.isEmpty || graph.closings(of: key).isEmpty {
                return Placed(before: before, imports: verdicts(onImportsOf: key), dependents: [])
            }
            placed = entries[key]
            try restore(before, for: key, resolver, at: now)
        }
        let dependents = try changes(
            byPutting: .trusted(account), for: key, knowing: placed, importers, resolver, at: now)
        return Placed(before: before, imports: verdicts(onImportsOf: key), dependents: dependents)
    }

    /// Puts a token in its place, and says which imports of others that changes.
    mutating func changes(
        byPutting token: StoredAccount.Token, for key: PublicKey, knowing saved: StoredAccount? = nil,
        _ importers: [PublicKey], _ resolver: some AccountResolver, at now: UnixTime
    ) throws(AccountResolverError) -> [DependentImport] {
        held.insert(key)
        held.formUnion(importers)
        try judgeImports(from: key, by: importers, resolver, at: now)
        let old = entries[key]
        var placed = saved
        var watched = places(ofImportsFrom: key, by: importers)
        while true {
            watched.formUnion(closedPlaces(but: key))
            held.formUnion(watched.lazy.map(\.account))
            let before = watched.filter(holds)
            try put(token, for: key, knowing: placed, resolver, at: now)
            placed = entries[key]
            let unseen = closedPlaces(but: key).subtracting(watched)
            if unseen.isEmpty {
                return watched.compactMap { place in
                    let (held, holds) = (before.contains(place), holds(place))
                    if held == holds { return nil }
                    return DependentImport(account: place.account, index: place.index, change: held ? .stops : .starts)
                }.sorted { ($0.account, $0.index) < ($1.account, $1.index) }
            }
            // Whether this change put these out, only what stood before can tell, now that they are known.
            watched.formUnion(unseen)
            held.formUnion(unseen.lazy.map(\.account))
            try restore(old, for: key, resolver, at: now)
        }
    }

    /// Puts back what stood in an account's place, so that no signature need be checked again.
    mutating func restore(
        _ saved: StoredAccount?, for account: PublicKey, _ resolver: some AccountResolver, at now: UnixTime
    ) throws(AccountResolverError) {
        var change = StoreChange(at: now)
        if let saved {
            put(saved.token, for: account, knowing: saved, &change)
        } else if importers[account] == nil {
            forget(account, &change)
        } else {
            take(try resolver.account(for: account), for: account, &change)
        }
        try settle(&change, from: resolver)
    }

    /// An account is what the resolver has, and no more what was put there over `saved`; who depends on it is judged
    /// anew.
    mutating func reload(
        _ account: PublicKey, over saved: StoredAccount? = nil, _ resolver: some AccountResolver, at now: UnixTime
    ) throws(AccountResolverError) {
        guard entries[account] != nil else { return }
        let answer = try resolver.account(for: account)
        var change = StoreChange(at: now)
        if let saved { put(saved.token, for: account, knowing: saved, &change) }
        take(answer, for: account, &change)
        try settle(&change, from: resolver)
    }

    /// Does what the time asks for.
    mutating func advance(to now: UnixTime, from resolver: some AccountResolver) throws(AccountResolverError) {
        try answer(advance(to: now), from: resolver, at: now)
    }

    /// The accounts of an upload need not be kept any more: they stay while there is room.
    mutating func leave(at now: UnixTime) {
        var change = StoreChange(at: now)
        change.perhapsIdle = held
        held.removeAll()
        makeRoom(&change)
    }

    // MARK: -

    private mutating func load(
        _ accounts: [PublicKey], _ resolver: some AccountResolver, at now: UnixTime
    ) throws(AccountResolverError) {
        var change = StoreChange(at: now)
        for account in accounts { _ = load(account, &change) }
        try answer(change.loads, from: resolver, at: now)
    }

    private mutating func put(
        _ token: StoredAccount.Token, for key: PublicKey, knowing saved: StoredAccount? = nil,
        _ resolver: some AccountResolver, at now: UnixTime
    ) throws(AccountResolverError) {
        graph.uploaded = key
        defer { graph.uploaded = nil }
        var change = StoreChange(at: now)
        if entries[key] == nil { entries[key] = StoredAccount() }
        put(token, for: key, knowing: saved, &change)
        makeWhole(key, &change)
        try settle(&change, from: resolver)
    }

    /// Loads accounts, and has their imports from another judged.
    private mutating func judgeImports(
        from account: PublicKey, by importers: [PublicKey], _ resolver: some AccountResolver, at now: UnixTime
    ) throws(AccountResolverError) {
        try load(importers, resolver, at: now)
        var change = StoreChange(at: now)
        for place in places(ofImportsFrom: account, by: importers)
        where entries[place.account]?.verdicts[place.index] == nil {
            change.imports.append((place.account, place.index))
        }
        try settle(&change, from: resolver)
    }

    private func places(ofImportsFrom account: PublicKey, by importers: [PublicKey]) -> Set<ImportPlace> {
        var places: Set<ImportPlace> = []
        for importer in importers where importer != account {
            for (index, item) in (entries[importer]?.trusted?.claims.imports ?? []).enumerated()
            where item.account == account {
                places.insert(ImportPlace(account: importer, index: index))
            }
        }
        return places
    }

    /// The imports of others that are out for a circle.
    private func closedPlaces(but key: PublicKey) -> Set<ImportPlace> {
        var places: Set<ImportPlace> = []
        for account in graph.accountsWithClosings where account != key {
            for index in graph.closings(of: account).keys {
                places.insert(ImportPlace(account: account, index: index))
            }
        }
        return places
    }

    private func holds(_ place: ImportPlace) -> Bool {
        guard entries[place.account]?.verdicts[place.index]?.isAccepted == true else { return false }
        switch graph.closings(of: place.account)[place.index] {
        case nil: return true
        case .circle: return chain.verifier.policy.relaxed.contains(.importCycle)
        case .exhausted: return false
        }
    }

    /// Finishes a change, with everything loaded that it takes.
    private mutating func settle(
        _ change: inout StoreChange, from resolver: some AccountResolver
    ) throws(AccountResolverError) {
        let now = change.now
        let effects = finish(&change)
        change = StoreChange(at: now)
        try answer(effects, from: resolver, at: now)
    }

    private mutating func answer(
        _ effects: [TrustEffect], from resolver: some AccountResolver, at now: UnixTime
    ) throws(AccountResolverError) {
        var effects = effects
        while let effect = effects.popLast() {
            guard case .load(let key) = effect else { continue }
            effects += receive(try resolver.account(for: key), for: key, at: now)
        }
    }
}

extension TrustedAccount {
    /// Whether another token of this account is the same to those that import from it: nothing else of an exporter is
    /// looked at when an import is bound, or followed.
    func isSame(toOthersAs other: TrustedAccount) -> Bool {
        let (one, two) = (claims, other.claims)
        return strictSigningKeys == other.strictSigningKeys && one.exports == two.exports
            && one.signingKeys == two.signingKeys && one.imports == two.imports && one.mappings == two.mappings
    }
}
