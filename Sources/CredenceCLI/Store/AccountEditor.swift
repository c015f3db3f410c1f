import FolderStores
import NKeys
import SystemTimeZones
import Trust

/// Changes the token of an account: reads it, lets a verb change what it says, judges and signs the whole, and puts it
/// in the old one's place, while no other process changes the store. Nothing is written that any rule refuses.
struct AccountEditor {
    var workspace: Workspace
    let signing: Signing
    /// The name of the account's folder.
    let name: String

    /// Makes a change; `change` answers what it did, in one line.
    ///
    /// - Throws: `RefusedToken` when rules stand against it, `CommandFailure` for anything else.
    func edit(_ change: (inout AccountDraft) throws -> String) throws -> AccountChange {
        try workspace.changing { writer in
            var editor = self
            // Whoever had to wait for the lock would else sign with a time that has passed.
            editor.workspace.now = WallClock.now()
            return try editor.edit(with: writer, change)
        }
    }

    /// As above, for one who keeps other processes out already.
    func edit(
        with writer: StoreWriter, _ change: (inout AccountDraft) throws -> String
    ) throws -> AccountChange {
        let `operator` = try workspace.operatorToken()
        let accounts = KnownAccounts(workspace: workspace, operator: `operator`)
        let (before, standing) = try workspace.editableAccount(name, under: `operator`)
        var draft = AccountDraft(name: name, before: before, claims: before, accounts: accounts)
        let done = try change(&draft)

        let token = try sign(draft.claims, replacing: before.common.issuedAt, under: `operator`)
        var editor = self
        // Signing may have waited for the clock.
        editor.workspace.now = WallClock.now()
        let changed = try editor.judge(token, of: draft, before: standing, done)
        try writer.writeAccountToken(Array(token.text.utf8), named: name, .replace)
        return changed
    }

    /// Judges the new token as a server will, and what it does to its imports and to those of others.
    private func judge(
        _ token: VerifiedToken<AccountClaims>, of draft: AccountDraft, before: TrustedAccount?, _ done: String
    ) throws -> AccountChange {
        let accounts = KnownAccounts(workspace: workspace, operator: draft.accounts.operator)
        let moment = max(workspace.now, token.claims.common.notBefore ?? .zero)
        let chain = workspace.chain(under: accounts.operator)
        let verdict = chain.account(token.text, for: draft.before.common.subject, at: moment)
        guard let account = verdict.proof else { throw refusal(of: verdict, "account \(quoted) is not changed") }
        var changed = AccountChange(
            name: name, account: account, done: done, warnings: verdict.warnings, remarks: draft.remarks)
        for index in draft.importsToBind { try bind(index, of: account, accounts, &changed) }
        if !draft.importsToBind.isEmpty { try refuseCircles(draft.importsToBind, of: account, chain, at: moment) }
        if draft.dependents == .told { try tellDependents(of: account, before: before, accounts, &changed) }
        return changed
    }

    // MARK: The account itself

    private var quoted: String { Files.quoted(name) }

    /// Signs the new token, whose `iat` is after the old one's.
    private func sign(
        _ claims: AccountClaims, replacing previous: UnixTime?, under operator: VerifiedToken<OperatorClaims>
    ) throws -> VerifiedToken<AccountClaims> {
        let signer = try signing.signer(for: `operator`)
        return try signedWhenPossible("account \(quoted)") { (now) throws(SigningError) in
            try signer.sign(claims, under: `operator`, replacing: previous, at: now)
        }
    }

    private func refusal<Proof>(of verdict: Verdict<Proof>, _ what: String) -> any Error {
        if case .refused(let refusal) = verdict { return RefusedToken(refusal, what: what) }
        return CommandFailure(.internalError, "\(what): a verdict without a proof")
    }

    // MARK: Its imports

    /// Binds an import of the new token. Where the exporter is elsewhere, what only it could tell is left open.
    private func bind(
        _ index: Int, of account: TrustedAccount, _ accounts: KnownAccounts, _ changed: inout AccountChange
    ) throws {
        let exporter = try accounts.exporter(account.claims.imports[index].account)
        guard let verdict = workspace.bindings.bind(importAt: index, of: account, to: exporter, at: workspace.now)
        else { throw CommandFailure(.internalError, "there is no import at \(index)") }
        changed.warnings += verdict.warnings
        guard case .refused(let refusal) = verdict else { return }
        var failures = refusal.failures
        if case .unknown = exporter {
            failures.removeAll { $0.rule == .exporterUnknown }
            failures += Self.exporterFault(of: account.claims.imports[index], at: index)
        }
        guard let first = failures.first else {
            changed.remarks.append(
                "account `\(account.claims.imports[index].account.text)` is not in the store: whether the import is in "
                    + "force, its exports decide")
            return
        }
        throw RefusedToken(
            Refusal(
                first, Array(failures.dropFirst()), warnings: refusal.warnings, notJudged: refusal.notJudged),
            what: "account \(quoted) is not changed")
    }

    /// B-cycle, as far as the accounts of the store show it.
    private func refuseCircles(
        _ indices: [Int], of account: TrustedAccount, _ chain: ChainVerifier, at moment: UnixTime
    ) throws {
        let folder = try read { () throws(StoreFault) in try FolderAccountResolver(workspace.store) }
        var store = TrustStore(chain: chain, uploading: account.key)
        _ = store.require(account.key, from: ChangedAccount(account: account, others: folder), at: moment)
        for index in indices {
            guard case .refused(let refusal)? = store.snapshot[account.key]?.imports[index],
                let first = refusal.failures.first(where: { $0.rule == .importCycle })
            else { continue }
            throw RefusedToken(Refusal(first), what: "account \(quoted) is not changed")
        }
    }

    /// The accounts of a store, one of them as it is to be.
    private struct ChangedAccount: AccountResolver {
        let account: TrustedAccount
        let others: FolderAccountResolver

        func account(for key: PublicKey) throws(AccountResolverError) -> ResolvedAccount? {
            key == account.key ? .trusted(account) : try others.account(for: key)
        }
    }

    /// B-exporter, as far as the token tells by itself for whom it was signed.
    private static func exporterFault(of item: Import, at index: Int) -> [Finding] {
        guard let token = item.token, let claims = ActivationInput.claims(of: token),
            claims.exporter != item.account
        else { return [] }
        return [Finding(.activationExporter, at: Place("imports[\(index)].token"), .exporterIssuerAccountMismatch)]
    }

    // MARK: The imports of others

    /// Tells which imports of other accounts stop or start to hold by the change.
    private func tellDependents(
        of account: TrustedAccount, before: TrustedAccount?, _ accounts: KnownAccounts, _ changed: inout AccountChange
    ) throws {
        var remarks: [String] = []
        try accounts.forEachImport(from: account.key) { name, importer, index in
            func holds(_ exporter: Exporter) -> Bool {
                workspace.bindings.bind(importAt: index, of: importer, to: exporter, at: workspace.now)?.isAccepted
                    ?? false
            }
            let held = before.map { holds(.trusted($0)) } ?? false
            let holds = holds(.trusted(account))
            guard held != holds else { return }
            let item = importer.claims.imports[index]
            remarks.append(
                "the \(item.kind.rawValue) import of `\(item.exporterSubject.text)` in account \(Files.quoted(name)) "
                    + (holds ? "is in force again" : "is no longer in force"))
        }
        changed.remarks += remarks
    }
}
