import FolderStores
import NKeys
import Trust

/// An account of a store with those that it imports from, all judged, as an explanation needs them.
struct ExplainedAccount {
    let token: JudgedToken
    /// The account with its imports; nil when it is refused.
    let inForce: AccountInForce?
    /// How its imports are reported by `credence validate`.
    let imports: [StoreReport.Import]
    private let known: [StoreJudge.JudgedAccount]

    fileprivate init(_ known: [StoreJudge.JudgedAccount], _ account: StoreJudge.JudgedAccount, by judge: StoreJudge) {
        self.known = known
        token = account.token
        let importJudge = ImportJudge(accounts: known, verifier: judge.verifier, now: judge.now)
        let judged = known.map(importJudge.judge)
        inForce = ImportJudge.inForce(judged, policy: judge.verifier.policy).first { $0.place == 0 }?.account
        imports = ImportJudge.reports(of: judged, policy: judge.verifier.policy).first ?? []
    }

    /// The account of a key as imports are judged against it: of several tokens the latest accepted one counts.
    func exporter(_ key: PublicKey) -> JudgedToken? {
        var found: StoreJudge.JudgedAccount?
        for one in known where one.report.entity.subject == key {
            switch (one.standing, found?.standing) {
            case (.accepted(let new), .accepted(let old)?):
                if new.claims.common.issuedAt ?? .zero > old.claims.common.issuedAt ?? .zero { found = one }
            case (.accepted, _), (.refused, nil): found = one
            case (.refused, _), (.unread, _): break
            }
        }
        return found?.token
    }
}

extension StoreJudge.JudgedAccount {
    fileprivate var token: JudgedToken {
        switch standing {
        case .accepted(let account):
            JudgedToken(claims: account.claims, failures: [], warnings: report.entity.outcome.warnings)
        case .refused(let refusal, let claims):
            JudgedToken(
                claims: claims, failures: refusal.failures, warnings: refusal.warnings, notJudged: refusal.notJudged)
        case .unread: JudgedToken(claims: nil, failures: [], notJudged: Rule.allCases)
        }
    }
}

extension StoreScene {
    var chain: ChainVerifier { ChainVerifier(anchors: `operator`.anchors, verifier: judge.verifier) }

    /// What says why, under the store's operator.
    var explainer: Explainer {
        let report = operatorToken.withUnsafeBufferPointer { judge.verifier.report(utf8: $0, at: judge.now) }
        let outcome = `operator`.entity.outcome
        let token = JudgedToken(
            claims: report.claims, failures: outcome.failures, warnings: outcome.warnings, notJudged: report.notJudged)
        return Explainer(chain: chain, operator: token, at: judge.now)
    }

    /// The account of this name with those that it imports from.
    ///
    /// - Throws: when the store has none of that name, or its token cannot be read.
    func explainedAccount(named name: String, in listing: AccountListing) throws(CommandFailure) -> ExplainedAccount {
        guard let index = (0..<listing.count).first(where: { listing.name(at: $0) == name }) else {
            throw CommandFailure(
                .noInput, "the store has no account \(Files.quoted(name))",
                hint: "`credence list accounts` shows those that it has")
        }
        let known = judge.accounts(
            from: index, in: listing, isResolver: store.layout == .resolverFolder, operator: `operator`,
            users: .passedOver)
        guard let account = known.first else { throw CommandFailure(.internalError, "the account was not judged") }
        if case .unread = account.standing {
            // Whoever reads it is told why it cannot be read.
            _ = try read { () throws(StoreFault) in try store.accountToken(named: name) }
        }
        return ExplainedAccount(known, account, by: judge)
    }

    /// Tells which accounts of the store cannot be read: one of them may be the one that is not known.
    func warnOfUnreadAccounts() throws(CommandFailure) {
        let resolver = try read { () throws(StoreFault) in try FolderAccountResolver(store) }
        for fault in resolver.faults { StandardError.write(CommandFailure(fault).text) }
    }
}
