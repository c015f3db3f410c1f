import AccountServer
import Broker
import NKeys
import Trust

/// Accounts that a configuration gives a resolver to begin with.
///
/// They come from whoever starts the broker, and are put into the store as they are: what becomes of an account whose
/// token breaks a rule is decided when somebody needs it.
struct ResolverPreload {
    let accounts: [BrokerConfiguration.PreloadedAccount]
    let verifier: TokenVerifier
    let kind: ServedAuthority.Kind

    init(
        _ accounts: [BrokerConfiguration.PreloadedAccount], verifier: TokenVerifier, kind: ServedAuthority.Kind
    ) {
        (self.accounts, self.verifier, self.kind) = (accounts, verifier, kind)
    }

    /// Puts into the store what it does not have, or has older; whether that was something.
    ///
    /// In memory the configuration is all there is, so an account that it names no longer goes; a newer token that was
    /// pushed stays. A folder keeps what it has: an account that was deleted after its token was signed stays deleted.
    func put(into store: any AccountStore) async throws(StoreFault) -> Bool {
        var present: [StoreKey: StoredItem] = [:]
        for item in try await store.load() { present[item.key] = item }
        var changes: [StoreChange] = []
        for account in accounts {
            let key = StoreKey.account(account.key)
            let item = present.removeValue(forKey: key)
            if let item, !isWanted(account.token, over: item.value) { continue }
            changes.append(StoreChange(key: key, value: .token(account.token), expected: item?.revision))
        }
        if kind == .memory {
            for (key, item) in present {
                guard case .account = key, case .token = item.value else { continue }
                changes.append(StoreChange(key: key, value: .deleted(WallClock.now()), expected: item.revision))
            }
        }
        guard !changes.isEmpty else { return false }
        for outcome in try await store.commit(changes) {
            if case .conflict = outcome {
                throw StoreFault("another program changes the accounts at the same time", hint: "try again")
            }
        }
        return true
    }

    private func isWanted(_ token: String, over value: StoreValue) -> Bool {
        switch value {
        case .token(let stored): stored != token && issuedAt(token) > issuedAt(stored)
        case .deleted(let time): kind == .memory || issuedAt(token) > time
        }
    }

    private func issuedAt(_ token: String) -> UnixTime {
        var token = token
        return token.withUTF8 { verifier.report(utf8: $0, at: .zero).claims?.common.issuedAt } ?? .zero
    }
}
