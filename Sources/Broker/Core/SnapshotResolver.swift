import NKeys
import Synchronization
import Trust

/// Resolves accounts from those in force, and remembers which was asked for and is not.
final class SnapshotResolver: AccountResolver {
    private let accounts: TrustSnapshot
    private let asked = Mutex<PublicKey?>(nil)

    init(_ accounts: TrustSnapshot) { self.accounts = accounts }

    /// The account that was asked for last and is not in force.
    var missing: PublicKey? { asked.withLock { $0 } }

    func account(for key: PublicKey) throws(AccountResolverError) -> ResolvedAccount? {
        if let known = accounts[key] { return .trusted(known.account) }
        asked.withLock { $0 = key }
        return nil
    }
}
