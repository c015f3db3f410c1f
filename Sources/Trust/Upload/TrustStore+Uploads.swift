import NKeys

/// What an upload asks of a store of accounts: to have the new token judged as if it stood there, and to be able to
/// take it back.
extension TrustStore {
    /// One import of an account.
    struct ImportPlace: Hashable {
        let account: PublicKey
        let index: Int
    }

    /// The imports that `importers` take from `account`, each with whether it holds now.
    mutating func importsHolding(
        from account: PublicKey, by importers: [PublicKey], _ resolver: some AccountResolver, at now: UnixTime
    ) -> [ImportPlace: Bool] {
        var change = StoreChange(at: now)
        for importer in importers where importer != account { _ = load(importer, &change) }
        settle(&change, from: resolver)
        for importer in importers where importer != account {
            for (index, item) in (entries[importer]?.trusted?.claims.imports ?? []).enumerated()
            where item.account == account && entries[importer]?.verdicts[index] == nil {
                change.imports.append((importer, index))
            }
        }
        settle(&change, from: resolver)
        var holding: [ImportPlace: Bool] = [:]
        for importer in importers where importer != account {
            let closings = graph.closings(of: importer)
            for (index, item) in (entries[importer]?.trusted?.claims.imports ?? []).enumerated()
            where item.account == account {
                let holds = entries[importer]?.verdicts[index]?.isAccepted == true && closings[index] == nil
                holding[ImportPlace(account: importer, index: index)] = holds
            }
        }
        return holding
    }

    /// Puts an account that was judged at `now` in its place, its imports last of all (B-cycle).
    ///
    /// - Returns: the verdicts on its imports, in the order of its token.
    mutating func place(
        _ account: TrustedAccount, _ resolver: some AccountResolver, at now: UnixTime
    ) -> [Verdict<Binding>] {
        let key = account.key
        graph.uploaded = key
        var change = StoreChange(at: now)
        if entries[key] == nil { entries[key] = StoredAccount() }
        put(.trusted(account), for: key, &change)
        makeWhole(key, &change)
        settle(&change, from: resolver)
        graph.uploaded = nil
        return snapshot[key]?.imports ?? []
    }

    /// Forgets what is known of an account, so that it is loaded when somebody needs it; who depends on it is judged by
    /// what the resolver has now.
    mutating func reload(_ account: PublicKey, _ resolver: some AccountResolver, at now: UnixTime) {
        guard entries[account] != nil else { return }
        let answer = try? resolver.account(for: account)
        var change = StoreChange(at: now)
        take(answer ?? nil, for: account, &change)
        settle(&change, from: resolver)
    }

    /// Loads an account that has not been loaded.
    mutating func load(_ account: PublicKey, _ resolver: some AccountResolver, at now: UnixTime) {
        var change = StoreChange(at: now)
        _ = load(account, &change)
        settle(&change, from: resolver)
    }

    /// These accounts need not be kept: they stay while there is room.
    mutating func leave(_ accounts: some Sequence<PublicKey>, _ resolver: some AccountResolver, at now: UnixTime) {
        var change = StoreChange(at: now)
        change.perhapsIdle.formUnion(accounts)
        settle(&change, from: resolver)
    }

    /// Finishes a change, with everything loaded that it takes.
    private mutating func settle(_ change: inout StoreChange, from resolver: some AccountResolver) {
        var effects = finish(&change)
        let now = change.now
        change = StoreChange(at: now)
        while let effect = effects.popLast() {
            guard case .load(let key) = effect else { continue }
            let answer = try? resolver.account(for: key)
            effects += receive(answer ?? nil, for: key, at: now)
        }
    }
}
