import NKeys
import Trust

/// The second walk: judges the imports of accounts against their exporters.
struct ImportJudge: Sendable {
    private let bindings: BindingVerifier
    private let now: UnixTime
    private let exporters: [PublicKey: Exporter]

    /// A judge who knows these accounts. Of two accepted tokens of one account the later issued one counts.
    init(accounts: [StoreJudge.JudgedAccount], verifier: TokenVerifier, now: UnixTime) {
        bindings = BindingVerifier(verifier: verifier)
        self.now = now
        var exporters: [PublicKey: Exporter] = [:]
        exporters.reserveCapacity(accounts.count)
        for account in accounts {
            guard let key = account.report.entity.subject else { continue }
            switch (account.standing, exporters[key]) {
            case (.accepted(let new), .trusted(let old)?):
                let (newTime, oldTime) = (new.claims.common.issuedAt, old.claims.common.issuedAt)
                if newTime ?? .zero > oldTime ?? .zero { exporters[key] = .trusted(new) }
            case (.accepted(let new), _): exporters[key] = .trusted(new)
            case (.refused(let refusal, _), nil): exporters[key] = .refused(refusal)
            case (.refused, _), (.unread, _): break
            }
        }
        self.exporters = exporters
    }

    /// The imports of one account: as they are reported, and what a search for circles takes of them.
    struct Imports: Sendable {
        var reports: [StoreReport.Import] = []
        var judged: JudgedImports?
    }

    /// The imports of an account, in its token's order, by every rule but B-cycle.
    func judge(_ account: StoreJudge.JudgedAccount) -> Imports {
        switch account.standing {
        case .unread: return Imports()
        case .accepted(let importer):
            let judged = bindings.imports(of: importer, at: now) { exporters[$0] ?? .unknown }
            let reports = zip(importer.claims.imports, judged.verdicts).map { item, verdict in
                report(item, exporters[item.account] ?? .unknown, Outcome(verdict))
            }
            return Imports(reports: reports, judged: judged)
        case .refused(let refusal, let claims):
            // Nothing of a refused account is in force, and what stands against it stands against its imports.
            let reports = (claims?.imports ?? []).map { item in
                let failures = refusal.failures.map { finding in
                    let path = finding.place.path
                    return finding.moved(to: path.isEmpty ? "account" : Place("account.\(path)"))
                }
                return report(item, exporters[item.account] ?? .unknown, Outcome(failures: failures))
            }
            return Imports(reports: reports)
        }
    }

    /// The reports on the imports of all accounts, those included that close a circle.
    static func reports(of imports: [Imports], policy: Policy) -> [[StoreReport.Import]] {
        var reports = imports.map(\.reports)
        for (place, account) in inForce(imports, policy: policy) {
            for (index, verdict) in account.imports.enumerated()
            where reports[place][index].outcome.isAccepted && !verdict.isAccepted {
                reports[place][index].outcome = Outcome(verdict)
            }
        }
        return reports
    }

    /// Those of the accounts that are accepted, each with its place, their imports out that close a circle.
    static func inForce(_ imports: [Imports], policy: Policy) -> [(place: Int, account: AccountInForce)] {
        let places = imports.indices.filter { imports[$0].judged != nil }
        let accounts = AccountsInForce.resolve(places.compactMap { imports[$0].judged }, policy: policy)
        return zip(places, accounts).map { ($0, $1) }
    }

    private func report(_ item: Import, _ exporter: Exporter, _ outcome: Outcome) -> StoreReport.Import {
        StoreReport.Import(
            name: item.name, subject: item.exporterSubject.text, kind: item.kind, exporter: item.account,
            export: export(for: item, of: exporter), outcome: outcome)
    }

    /// The subject of the export that an import is of: the same, or else the first that contains it.
    private func export(for item: Import, of exporter: Exporter) -> String? {
        guard case .trusted(let account) = exporter else { return nil }
        let subject = item.exporterSubject
        let exports = account.claims.exports.lazy.filter { $0.kind == item.kind }
        let export = exports.first { $0.subject == subject } ?? exports.first { $0.subject.contains(subject) }
        return export?.subject.text
    }
}
