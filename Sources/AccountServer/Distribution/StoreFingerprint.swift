import NKeys
import Synchronization
import Trust

/// The state of all accounts in 32 bytes, as full resolvers compute it: the SHA-256 digests of the tokens, one exclusive-or
/// the other. Each token is hashed once.
final class StoreFingerprint: Sendable {
    private struct Known {
        let account: KeptAccount
        let digest: [UInt8]
    }

    private let known = Mutex<[PublicKey: Known]>([:])

    /// The state of these accounts. Linear in their number; only what changed is hashed.
    func bytes(of accounts: [KeptAccount]) -> [UInt8] {
        known.withLock { known in
            var (next, state): ([PublicKey: Known], [UInt8]) = ([:], Array(repeating: 0, count: 32))
            next.reserveCapacity(accounts.count)
            for account in accounts {
                let entry: Known
                if let present = known[account.key], present.account === account {
                    entry = present
                } else {
                    entry = Known(account: account, digest: SHA256.hash(account.token))
                }
                next[account.key] = entry
                for index in state.indices { state[index] ^= entry.digest[index] }
            }
            known = next
            return state
        }
    }
}

extension KeptAccount {
    /// Whether its token still holds at this time.
    func isCurrent(at now: UnixTime) -> Bool { expires.map { now < $0 } ?? true }
}

extension AccountServing {
    /// The accounts whose tokens have not expired, in the order of their keys.
    func current(at now: UnixTime) -> [KeptAccount] { accounts(atMost: .max).filter { $0.isCurrent(at: now) } }
}
