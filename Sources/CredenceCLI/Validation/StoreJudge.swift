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
        let reports = ImportJudge.reports(of: Array(second.joined()), policy: verifier.policy)
        for (index, imports) in reports.enumerated() { report.accounts[index].imports = imports }
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
        let known = accounts(from: index, in: listing, isResolver: false, operator: `operator`, users: .judged)
        guard var report = known.first?.report else { return nil }
        let imports = ImportJudge(accounts: known, verifier: verifier, now: now)
        let judged = known.map(imports.judge)
        report.imports = ImportJudge.reports(of: judged, policy: verifier.policy).first ?? []
        return report
    }

    /// The account at a place of the list, with its users where they are asked for, and behind it those that it imports
    /// from, directly or through others, without theirs.
    func accounts(
        from index: Int, in listing: AccountListing, isResolver: Bool, operator: TrustedOperator,
        users: AccountWalk.Users
    ) -> [JudgedAccount] {
        let chain = ChainVerifier(anchors: `operator`.anchors, verifier: verifier)
        var walk = AccountWalk(listing: listing, isResolver: isResolver, chain: chain, now: now, users: users)
        guard let account = walk.judge(index..<(index + 1)).accounts.first else { return [] }
        walk.users = .passedOver
        return [account] + exporters(of: account, at: index, in: listing, walk)
    }

    /// The accounts that `account` imports from, directly or through others: a circle leads through these.
    private func exporters(
        of account: JudgedAccount, at place: Int, in listing: AccountListing, _ walk: AccountWalk
    ) -> [JudgedAccount] {
        let reader = StoreReader(listing)
        var indices: [PublicKey: [Int]] = [:]
        var wanted = account.importedAccounts
        if wanted.isEmpty { return [] }
        for index in 0..<listing.count {
            let key = try? reader.withToken(ofAccountAt: index) { token in
                UnverifiedSubject.unsafeSubject(utf8: token.bindMemory(to: UInt8.self))
            }
            if let key = key ?? nil { indices[key, default: []].append(index) }
        }
        var more: [JudgedAccount] = []
        while let key = wanted.popFirst() {
            for index in indices.removeValue(forKey: key) ?? [] where index != place {
                for other in walk.judge(index..<(index + 1)).accounts {
                    more.append(other)
                    wanted.formUnion(other.importedAccounts)
                }
            }
        }
        return more
    }
}

extension StoreJudge.JudgedAccount {
    /// The accounts that its token imports from.
    fileprivate var importedAccounts: Set<PublicKey> {
        switch standing {
        case .accepted(let trusted): Set(trusted.claims.imports.map(\.account))
        case .refused(_, let claims): Set((claims?.imports ?? []).map(\.account))
        case .unread: []
        }
    }
}
