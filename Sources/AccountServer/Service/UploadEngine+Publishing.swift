import NKeys
import Trust

/// What becomes known once it is stored, and what is taken back when it is not.
extension UploadEngine {
    /// A change of the batch at hand is durable.
    func publish(_ key: StoreKey, _ revision: StoreRevision) {
        guard let content = pending[key] else { return }
        switch (key, content) {
        case (.account(let account), .account(let new, _)):
            kept[account] = KeptAccount(
                key: account, text: new.text, identifier: new.identifier, expires: new.expires,
                issuedAt: new.issuedAt, revision: revision)
            deleted[account] = nil
            distributor?.stored(new.text, for: account)
        case (.account(let account), .deleted(let time, let token)):
            kept[account] = nil
            deleted[account] = (time, revision)
            distributor?.deleted([account], by: token)
        case (.activation(let hash), .activation(let text)):
            activationRevisions[hash] = revision
            published.setActivation(text, for: hash)
        case (.operator, .operatorToken(let text, let token)):
            operatorRevision = revision
            take(text, token)
        default: break
        }
    }

    /// Nothing of the batch was stored.
    func takeBack(at now: UnixTime) {
        let keys = pending.keys
        pending = PendingChanges()
        for case .account(let account) in keys { restore(account, at: now) }
    }

    /// The account is what is kept, again.
    private func restore(_ account: PublicKey, at now: UnixTime) {
        importers.set(account, exporters: kept[account].flatMap(read)?.exporters ?? [])
        judge.takeBack(account, resolver: KeptResolver(kept: kept), at: now)
    }

    private func read(_ account: KeptAccount) -> StoredAccountToken? {
        var text = account.text
        return text.withUTF8 {
            .read(utf8: $0, for: account.key, signature: .unsafeKnown, by: chain.verifier)
        }
    }

    /// What is told of a store with several writers. What this engine wrote comes back too, and late: what is not newer
    /// than what is known is passed over.
    func follow(_ item: StoredItem) {
        let known: StoreRevision? =
            switch item.key {
            case .account(let key): kept[key]?.revision ?? deleted[key]?.revision
            case .activation(let hash): activationRevisions[hash]
            case .operator: operatorRevision
            }
        if let known, item.revision.number <= known.number { return }
        take(item, at: settings.clock())
    }

    /// What another writer has stored, or what is found when the store is read again.
    func take(_ item: StoredItem, at now: UnixTime) {
        switch (item.key, item.value) {
        case (.account(let key), .token(let text)):
            if let known = kept[key], known.revision == item.revision { return }
            guard keep(text, of: key, item.revision, Self.read(text, of: key, item.seal, seal, chain.verifier)) else {
                return
            }
            deleted[key] = nil
            judge.reload(key, resolver: KeptResolver(kept: kept), at: now)
        case (.account(let key), .deleted(let time)):
            kept[key] = nil
            deleted[key] = (time, item.revision)
            importers.set(key, exporters: [])
            judge.reload(key, resolver: KeptResolver(kept: kept), at: now)
        case (.activation(let hash), .token(let text)):
            activationRevisions[hash] = item.revision
            published.setActivation(text, for: hash)
        case (.activation(let hash), .deleted):
            activationRevisions[hash] = item.revision
            published.setActivation(nil, for: hash)
        case (.operator, .token(let text)):
            operatorRevision = item.revision
            guard published.operatorToken != text, let token = chain.operator(text, at: now).proof else { return }
            let current = chain.anchors.operators.first { $0.common.subject == token.subject }?.common.issuedAt
            // The configuration may be newer than what was uploaded once.
            if token.claims.common.issuedAt ?? .zero > current ?? .zero { take(text, token) }
        case (.operator, .deleted): operatorRevision = item.revision
        }
        counters.stored(accounts: kept.count)
    }

    /// Keeps a stored token by what was read of it; one that is not the account's, for which that is nil, is not handed
    /// out.
    func keep(
        _ text: String, of key: PublicKey, _ revision: StoreRevision, _ account: StoredAccountToken?
    ) -> Bool {
        guard let account else {
            counters.foundForged()
            logger.critical(
                "a stored token is not the account's, and is not handed out", metadata: ["account": "\(key)"])
            return false
        }
        kept[key] = KeptAccount(
            key: key, text: text, identifier: account.identifier, expires: account.expires,
            issuedAt: account.issuedAt, revision: revision)
        importers.set(key, exporters: account.exporters)
        return true
    }

    /// Reads a stored token. Its signature is not checked again where it bears this server's seal.
    static func read(
        _ text: String, of key: PublicKey, _ mark: [UInt8], _ seal: StoreSeal?, _ verifier: TokenVerifier
    ) -> StoredAccountToken? {
        var text = text
        let isSealed = !mark.isEmpty && seal?.isSeal(mark, on: Array(text.utf8), of: key) == true
        return text.withUTF8 { .read(utf8: $0, for: key, signature: isSealed ? .unsafeKnown : .checked, by: verifier) }
    }

    /// Another writer has removed what stood there.
    func forget(_ key: StoreKey, at now: UnixTime) {
        guard case .account(let account) = key else { return }
        kept[account] = nil
        deleted[account] = nil
        importers.set(account, exporters: [])
        judge.reload(account, resolver: KeptResolver(kept: kept), at: now)
    }
}

/// The accounts that are stored.
struct KeptResolver: AccountResolver {
    let kept: KeptAccounts

    func account(for key: PublicKey) throws(AccountResolverError) -> ResolvedAccount? {
        kept[key].map { .unsafeTokenWithKnownSignature($0.text) }
    }
}
