import NKeys
import Trust

/// How an engine comes to what it had when it ended, however it ended.
extension UploadEngine {
    /// Takes in what the store holds, reading the tokens on several threads. Linear; one signature check for each
    /// account that bears no seal.
    func take(_ items: [StoredItem], by loaders: Int) async {
        let now = settings.clock()
        // The operator first: everything else is judged under it.
        for item in items where item.key == .operator { take(item, at: now) }
        let stretch = max(1, (items.count + max(1, loaders) - 1) / max(1, loaders))
        let (seal, verifier) = (seal, chain.verifier)
        let read = await withTaskGroup(of: [(PublicKey, String, StoreRevision, StoredAccountToken?)].self) { group in
            for start in stride(from: 0, to: items.count, by: stretch) {
                let range = start..<min(start + stretch, items.count)
                group.addTask {
                    range.compactMap { index in
                        let item = items[index]
                        guard case .account(let key) = item.key, case .token(let text) = item.value else { return nil }
                        return (key, text, item.revision, Self.read(text, of: key, item.seal, seal, verifier))
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        for (key, text, revision, account) in read { _ = keep(text, of: key, revision, account) }
        for item in items {
            if case .account = item.key, case .token = item.value { continue }
            take(item, at: now)
        }
        counters.stored(accounts: kept.count)
    }

    /// Sees to it that what the journal has accepted last is in the store.
    ///
    /// A batch is in the journal before it is in the store, and the next one comes after: so whatever is missing is among
    /// the last entries, and was never answered. It is judged again, as if it had been brought now.
    func makeGood() async throws(JournalFault) {
        let entries = try await journal.last(Self.mostEntries)
        var latest: [String: JournalEntry] = [:]
        for entry in entries {
            switch entry.outcome {
            // An activation bears the key of its exporter, and takes nothing from the exporter's own token.
            case .accepted where !isAccount(entry): break
            // One entry of a deletion holds the token for all of them.
            case .deleted where entry.token.isEmpty: latest[entry.account] = nil
            case .accepted, .deleted: latest[entry.account] = entry
            case .withdrawn: if latest[entry.account]?.token == entry.token { latest[entry.account] = nil }
            default: break
            }
        }
        for entry in latest.values.sorted(by: { $0.number < $1.number }) {
            guard let key = try? PublicKey(entry.account, role: .account), !isStored(entry, for: key) else { continue }
            let caller = Caller(name: "entry \(entry.number)", address: "journal")
            let token = Array(entry.token.utf8)
            let work: Work =
                entry.outcome == .deleted
                ? .deletion(entry.account, token, caller)
                : .upload(Upload(path: entry.account, token: token, caller: caller))
            let answer = await reply(to: work).answer
            logger.warning(
                "a change was in the journal and not in the store",
                metadata: ["account": "\(key)", "entry": "\(entry.number)", "accepted": "\(answer.isAccepted)"])
        }
    }

    private func isAccount(_ entry: JournalEntry) -> Bool {
        guard let key = try? PublicKey(entry.account, role: .account) else { return false }
        var text = entry.token
        return text.withUTF8 {
            StoredAccountToken.read(utf8: $0, for: key, signature: .unsafeKnown, by: chain.verifier) != nil
        }
    }

    /// Whether what an entry says stands there, or something newer.
    private func isStored(_ entry: JournalEntry, for key: PublicKey) -> Bool {
        guard let account = kept[key] else { return entry.outcome == .deleted || deleted[key] != nil }
        if entry.outcome == .deleted { return false }
        if account.text == entry.token { return true }
        let bytes = Array(entry.token.utf8)
        let read = bytes.withUnsafeBufferPointer {
            StoredAccountToken.read(utf8: $0, for: key, signature: .unsafeKnown, by: chain.verifier)
        }
        return read.map { $0.issuedAt <= account.issuedAt } ?? true
    }
}

extension UploadAnswer {
    /// Whether it was accepted.
    var isAccepted: Bool {
        if case .accepted = self { true } else { false }
    }
}
