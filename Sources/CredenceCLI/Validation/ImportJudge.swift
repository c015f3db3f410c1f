import NKeys
import Trust

/// The second walk: judges the imports of accounts against their exporters.
struct ImportJudge: Sendable {
    let chain: ChainVerifier
    let now: UnixTime
    private let exporters: [PublicKey: TrustedAccount]

    init(accounts: [StoreJudge.JudgedAccount], chain: ChainVerifier, now: UnixTime) {
        self.chain = chain
        self.now = now
        var exporters: [PublicKey: TrustedAccount] = [:]
        for account in accounts {
            if let trusted = account.trusted { exporters[trusted.key] = trusted }
        }
        self.exporters = exporters
    }

    /// The imports of each account, in its token's order.
    func judge(_ accounts: ArraySlice<StoreJudge.JudgedAccount>) -> [[StoreReport.Import]] {
        accounts.map { account in
            (account.trusted?.claims ?? account.claims)?.imports.map { item in
                StoreReport.Import(
                    name: item.name, subject: item.exporterSubject.text, kind: item.kind, exporter: item.account,
                    export: nil, outcome: Outcome())
            } ?? []
        }
    }
}
