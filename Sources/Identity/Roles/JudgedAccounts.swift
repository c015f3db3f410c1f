import NKeys
import Synchronization
import Trust

/// Accounts that were judged under an operator, so that the signature of one is not checked for every user of it.
///
/// An account counts as judged while its token, its operator's and the policy are the same; its expiry is asked again with
/// every user.
final class JudgedAccounts: Sendable {
    private struct Entry: Sendable {
        let account: String
        let `operator`: String
        let policy: Policy
        let trusted: TrustedAccount
    }

    /// There are as many as accounts with a signing key in the configuration; this is a bound for what is none.
    private static let maximumEntries = 4096
    private let entries = Mutex<[PublicKey: Entry]>([:])

    /// The account as the chain judges it.
    func account(
        _ token: VerifiedToken<AccountClaims>, under operator: VerifiedToken<OperatorClaims>, by chain: ChainVerifier,
        at now: UnixTime
    ) -> Verdict<TrustedAccount> {
        // The audiences of users have no part in it, and differ from user to user.
        var policy = chain.verifier.policy
        policy.audiences = []
        let known = entries.withLock { $0[token.subject] }
        if let known, known.account == token.text, known.operator == `operator`.text, known.policy == policy {
            return .accepted(known.trusted, warnings: [])
        }
        let verdict = chain.account(token.text, for: token.subject, at: now)
        if let trusted = verdict.proof {
            let entry = Entry(account: token.text, operator: `operator`.text, policy: policy, trusted: trusted)
            entries.withLock {
                if $0.count >= Self.maximumEntries { $0.removeAll() }
                $0[token.subject] = entry
            }
        }
        return verdict
    }
}
