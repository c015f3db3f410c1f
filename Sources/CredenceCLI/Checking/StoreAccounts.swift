import FolderStores
import NKeys
import Trust

/// Knows the accounts of a store by their keys.
///
/// A resolver's folder is asked by the name of the file. In an operator's folder files are named after accounts, so all
/// are read; few are looked into.
struct StoreAccounts: AccountResolver {
    let store: FolderStore
    let verifier: TokenVerifier
    let now: UnixTime

    func account(for key: PublicKey) throws(AccountResolverError) -> ResolvedAccount? {
        do {
            switch store.layout {
            case .resolverFolder: return try resolved(key)
            case .operatorFolder: return try found(key)
            }
        } catch {
            throw AccountResolverError(error.description)
        }
    }

    private func resolved(_ key: PublicKey) throws(StoreFault) -> ResolvedAccount? {
        do {
            return .token(String(decoding: try store.accountToken(named: key.text), as: UTF8.self))
        } catch {
            if error.kind == .missing { return nil }
            throw error
        }
    }

    /// The account's token; of several the one issued last. Accounts that cannot be read matter only when none is found.
    private func found(_ key: PublicKey) throws(StoreFault) -> ResolvedAccount? {
        let listing = try store.accounts()
        let reader = StoreReader(listing)
        var search = PayloadSearch(for: key)
        var latest: (token: String, issued: UnixTime)?
        var fault = listing.faults.first
        for index in 0..<listing.count {
            do {
                try reader.withToken(ofAccountAt: index) { token in
                    guard search.mayHold(token), let issued = issued(token, for: key) else { return }
                    if let latest, latest.issued >= issued { return }
                    latest = (String(decoding: token, as: UTF8.self), issued)
                }
            } catch {
                fault = fault ?? error
            }
        }
        if let latest { return .token(latest.token) }
        if let fault { throw fault }
        return nil
    }

    /// When the token was issued, if it is the account's.
    private func issued(_ token: UnsafeRawBufferPointer, for key: PublicKey) -> UnixTime? {
        let report = verifier.report(utf8: token.bindMemory(to: UInt8.self), at: now)
        guard let claims = report.claims as? AccountClaims, claims.common.subject == key else { return nil }
        return claims.common.issuedAt ?? .zero
    }
}
