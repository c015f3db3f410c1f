import FolderStores
import NKeys
import SystemTimeZones
import Trust

/// Judges a whole store: the operator, and then accounts with their users and imports, by every rule there is.
///
/// Two walks over the accounts, each by as many workers as there are processors. The first reads files and judges
/// accounts and users, whose account has just been judged; the second judges imports, for which the exporters must be
/// known. The signature of an accepted token is checked once.
struct StoreJudge: Sendable {
    let verifier: TokenVerifier
    let now: UnixTime
    let workers: Workers

    init(policy: Policy, at now: UnixTime, workers: Workers) {
        verifier = TokenVerifier(policy: policy, zones: SystemZones())
        self.now = now
        self.workers = workers
    }

    /// What the first walk leaves of an account.
    struct JudgedAccount: Sendable {
        var report: StoreReport.Account
        var standing = Standing.unread
    }

    /// What an account is, for its users, its imports, and those who import from it.
    enum Standing: Sendable {
        case accepted(TrustedAccount)
        /// Refused, with what its token says if it says anything.
        case refused(Refusal, AccountClaims?)
        case unread
    }

    /// Judges the store under the operator whose token this is.
    func judge(
        _ listing: AccountListing, isResolver: Bool, operator: TrustedOperator, progress: ProgressBar
    ) async -> StoreReport {
        let chain = ChainVerifier(anchors: `operator`.anchors, verifier: verifier)
        let walk = AccountWalk(listing: listing, isResolver: isResolver, chain: chain, now: now)
        let first = await workers.map(listing.count) { range in
            let result = walk.judge(range)
            progress.advance(by: range.count)
            return result
        }
        var accounts: [JudgedAccount] = []
        accounts.reserveCapacity(listing.count)
        var report = StoreReport(operator: `operator`.entity, faults: listing.faults)
        for chunk in first {
            accounts += chunk.accounts
            report.faults += chunk.faults
        }
        let judged = accounts
        let imports = ImportJudge(accounts: judged, verifier: verifier, now: now)
        let second = await workers.map(judged.count) { range in judged[range].map(imports.judge) }
        report.accounts = accounts.map(\.report)
        for (index, imports) in second.joined().enumerated() { report.accounts[index].imports = imports }
        return report
    }

    /// Judges one account of the store with its users, and its imports against their exporters, as `judge` does for all;
    /// nil when the store has no account of that name.
    ///
    /// Of the other accounts only those are judged that it imports from, without their users.
    func judge(
        accountNamed name: String, in listing: AccountListing, operator: TrustedOperator
    ) -> StoreReport.Account? {
        guard let index = (0..<listing.count).first(where: { listing.name(at: $0) == name }) else { return nil }
        let chain = ChainVerifier(anchors: `operator`.anchors, verifier: verifier)
        var walk = AccountWalk(listing: listing, isResolver: false, chain: chain, now: now)
        guard let account = walk.judge(index..<(index + 1)).accounts.first else { return nil }
        let exporters: Set<PublicKey> =
            switch account.standing {
            case .accepted(let trusted): Set(trusted.claims.imports.map(\.account))
            case .refused(_, let claims): Set((claims?.imports ?? []).map(\.account))
            case .unread: []
            }
        var known = [account]
        walk.users = .passedOver
        let reader = StoreReader(listing)
        for other in 0..<listing.count where !exporters.isEmpty && other != index {
            let key = try? reader.withToken(ofAccountAt: other) { token in
                UnverifiedSubject.unsafeSubject(utf8: token.bindMemory(to: UInt8.self))
            }
            guard let key = key ?? nil, exporters.contains(key) else { continue }
            known += walk.judge(other..<(other + 1)).accounts
        }
        var report = account.report
        report.imports = ImportJudge(accounts: known, verifier: verifier, now: now).judge(account)
        return report
    }
}
