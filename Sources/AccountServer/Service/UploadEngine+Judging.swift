import NKeys
import Trust

/// The accounts as they stand while a batch is judged: what it has accepted, before what is stored.
private struct StandingAccounts: AccountResolver {
    let kept: KeptAccounts
    let pending: PendingChanges

    func account(for key: PublicKey) throws(AccountResolverError) -> ResolvedAccount? {
        switch pending[.account(key)] {
        case .account(let account, _): return Self.resolved(account)
        case .deleted: return nil
        default: return kept[key].map(Self.resolved)
        }
    }

    /// What is kept was checked when it was stored or loaded, and lies in this process's memory.
    private static func resolved(_ account: KeptAccount) -> ResolvedAccount {
        .unsafeTokenWithKnownSignature(account.text)
    }
}

extension UploadEngine {
    private var standing: StandingAccounts { StandingAccounts(kept: kept, pending: pending) }

    /// Judges one thing, and takes it in until the batch is stored.
    func decide(_ work: Work, at now: UnixTime) -> Plan {
        switch work {
        case .upload(let upload): decide(upload, at: now)
        case .activation(let token, let caller): decide(activation: token, caller, at: now)
        case .operatorToken(let token, let caller): decide(operatorToken: token, caller, at: now)
        case .deletion(let path, let token, let caller): decide(deletion: token, at: path, caller, at: now)
        case .turnedAway(let caller, let path, let rule):
            Plan(
                reply: Reply(answer: .failed),
                drafts: [draft(caller, path, .refused, [rule], [], at: now)])
        case .entry(let draft): Plan(reply: Reply(answer: .accepted(.init())), drafts: [draft])
        case .nothing: Plan(reply: Reply(answer: .accepted(.init())))
        }
    }

    // MARK: Account tokens

    private func decide(_ upload: Upload, at now: UnixTime) -> Plan {
        let key = try? PublicKey(upload.path, role: .account)
        let stored = key.map(storedVersion) ?? .none
        var (token, resigned) = (upload.token, String?.none)
        if let selfSigning = settings.selfSigning {
            switch selfSigning.sign(
                upload.token, at: upload.path, over: stored, storedLimits: key.flatMap { storedLimits($0, at: now) },
                under: chain, at: now)
            {
            case .notSelfSigned: break
            case .signed(let text): (token, resigned) = (Array(text.utf8), text)
            case .pending(let lines):
                let entry = draft(upload.caller, upload.path, .pending, [.uploadSigner], upload.token, at: now)
                return Plan(reply: Reply(answer: .pending(lines)), drafts: upload.purpose == .store ? [entry] : [])
            case .refused(let refusal): return refused(upload, refusal, at: now)
            }
        }
        let verdict = token.withUnsafeBufferPointer {
            judge.judge(
                $0, at: upload.path, over: stored, importers: key.map(importers.importers) ?? [], resolver: standing,
                at: now)
        }
        switch verdict {
        case .refused(let refusal): return refused(upload, refusal, at: now)
        case .accepted(let accepted, let warnings):
            let acceptance = UploadAnswer.Acceptance(
                warnings: warnings, dependents: accepted.dependents, resigned: resigned)
            var plan = Plan(reply: Reply(answer: .accepted(acceptance)))
            guard upload.purpose == .store else {
                judge.takeBack(accepted.account.key, resolver: standing, at: now)
                return plan
            }
            plan.drafts = [draft(upload.caller, upload.path, .accepted, [], token, at: now)]
            guard !accepted.isStoredAlready else {
                // What this batch brought already is not stored before the batch is: they stand or fall together.
                let storeKey = StoreKey.account(accepted.account.key)
                if pending[storeKey] != nil { plan.keys = [storeKey] }
                return plan
            }
            plan.keys = [.account(accepted.account.key)]
            put(StoredAccountToken(accepted.account), token)
            return plan
        }
    }

    private func refused(_ upload: Upload, _ refusal: Refusal, at now: UnixTime) -> Plan {
        let rules = refusal.failures.map(\.rule)
        let entry = draft(upload.caller, upload.path, .refused, rules, upload.token, at: now)
        return Plan(reply: Reply(answer: .refused(refusal)), drafts: upload.purpose == .store ? [entry] : [])
    }

    private func put(_ account: StoredAccountToken, _ token: [UInt8]) {
        let storeKey = StoreKey.account(account.key)
        let text = String(decoding: token, as: UTF8.self)
        let new = KeptAccount(
            key: account.key, text: text, identifier: account.identifier, expires: account.expires,
            issuedAt: account.issuedAt, revision: StoreRevision(0))
        pending.put(
            .account(new, exporters: account.exporters),
            StoreChange(
                key: storeKey, value: .token(text),
                expected: kept[account.key]?.revision ?? deleted[account.key]?.revision,
                seal: seal?.seal(token, of: account.key) ?? []))
        importers.set(account.key, exporters: account.exporters)
    }

    /// What stands under a key as far as the batch has come.
    private func storedVersion(_ key: PublicKey) -> StoredVersion {
        switch pending[.account(key)] {
        case .account(let account, _): return Self.version(account)
        case .deleted(let time, _): return .deleted(time)
        default: break
        }
        if let account = kept[key] { return Self.version(account) }
        return deleted[key].map { .deleted($0.time) } ?? .none
    }

    private static func version(_ account: KeptAccount) -> StoredVersion {
        .token(account.text, issuedAt: account.issuedAt)
    }

    private func storedLimits(_ key: PublicKey, at now: UnixTime) -> AccountLimits? {
        guard case .token(let text, _) = storedVersion(key) else { return nil }
        return chain.account(text, for: key, at: now).proof?.claims.limits
    }

    // MARK: Deletions

    private func decide(deletion token: [UInt8], at path: String, _ caller: Caller, at now: UnixTime) -> Plan {
        let verdict = chain.deletion(String(decoding: token, as: UTF8.self), at: path, at: now)
        func refused(_ refusal: Refusal) -> Plan {
            Plan(
                reply: Reply(answer: .refused(refusal)),
                drafts: [draft(caller, path, .refused, refusal.failures.map(\.rule), token, at: now)])
        }
        switch verdict {
        case .refused(let refusal): return refused(refusal)
        case .accepted(let deletion, let warnings):
            let stale = deletion.accounts.enumerated().compactMap { index, key -> Finding? in
                guard case .token(_, let issuedAt) = storedVersion(key), issuedAt > deletion.issuedAt else {
                    return nil
                }
                return Finding(.uploadStale, at: Place("accounts").element(index), .older(than: issuedAt))
            }
            if let first = stale.first { return refused(Refusal(first, Array(stale.dropFirst()))) }
            var acceptance = UploadAnswer.Acceptance(warnings: warnings)
            // The token is what the deletion rests on; the entry of the account that was named holds it for all.
            var plan = Plan(
                reply: Reply(answer: .failed),
                drafts: deletion.accounts.map {
                    draft(caller, $0.text, .deleted, [], $0.text == path ? token : [], at: now)
                })
            for key in deletion.accounts {
                if case .deleted? = pending[.account(key)] { continue }
                let revision = kept[key]?.revision
                guard revision != nil || pending[.account(key)] != nil else { continue }
                // The resolver answers from memory: it always can.
                let dependents = try? judge.dependents(
                    ofDeleting: key, importers: importers.importers(of: key), resolver: standing, at: now)
                acceptance.dependents += dependents ?? []
                plan.keys.append(.account(key))
                let expected = revision ?? deleted[key]?.revision
                pending.put(
                    .deleted(now, by: deletion.text),
                    StoreChange(key: .account(key), value: .deleted(now), expected: expected))
                importers.set(key, exporters: [])
                judge.reload(key, resolver: standing, at: now)
            }
            plan.reply = Reply(answer: .accepted(acceptance))
            return plan
        }
    }

    // MARK: Activations and the operator

    private func decide(activation token: [UInt8], _ caller: Caller, at now: UnixTime) -> Plan {
        let verdict = token.withUnsafeBufferPointer {
            chain.verifier.verify(utf8: $0, as: ActivationClaims.self, at: now)
        }
        func refused(_ refusal: Refusal) -> Plan {
            Plan(
                reply: Reply(answer: .refused(refusal)),
                drafts: [draft(caller, "", .refused, refusal.failures.map(\.rule), token, at: now)])
        }
        switch verdict {
        case .refused(let refusal): return refused(refusal)
        case .accepted(let activation, let warnings):
            let exporter = activation.claims.issuerAccount ?? activation.issuer
            if let finding = fault(ofSigner: activation, exporter, at: now) { return refused(Refusal(finding)) }
            let hash = ActivationHash.hash(of: activation.claims)
            if let stored = published.activation(hash), stored != activation.text,
                let finding = staleness(of: activation, over: stored)
            {
                return refused(Refusal(finding))
            }
            var plan = Plan(
                reply: Reply(answer: .accepted(.init(warnings: warnings)), hash: hash),
                drafts: [draft(caller, exporter.text, .accepted, [], token, at: now)])
            guard published.activation(hash) != activation.text else { return plan }
            plan.keys = [.activation(hash)]
            pending.put(
                .activation(activation.text),
                StoreChange(
                    key: .activation(hash), value: .token(activation.text), expected: activationRevisions[hash]))
            return plan
        }
    }

    /// B-exporter and B-scoped-signer, against the exporter as it is stored.
    private func fault(
        ofSigner activation: VerifiedToken<ActivationClaims>, _ exporter: PublicKey, at now: UnixTime
    ) -> Finding? {
        guard case .token(let text, _) = storedVersion(exporter),
            let account = chain.account(text, for: exporter, at: now).proof
        else { return Finding(.exporterUnknown, at: "issuer_account", .exporterNotKnown(exporter)) }
        if activation.issuer == exporter {
            return account.strictSigningKeys ? Finding(.activationExporter, at: "iss", .exporterKeyIsIdentity) : nil
        }
        switch account.claims.signingKey(activation.issuer) {
        case .plain: return nil
        case .scoped: return Finding(.activationScopedSigner, at: "iss", .scopedKeySigned)
        case nil: return Finding(.activationExporter, at: "iss", .exporterKeyUnknown)
        }
    }

    private func staleness(of activation: VerifiedToken<ActivationClaims>, over stored: String) -> Finding? {
        var text = stored
        let read = text.withUTF8 { chain.verifier.report(utf8: $0, at: .zero).claims as? ActivationClaims }
        guard let before = read?.common.issuedAt, let after = activation.claims.common.issuedAt else { return nil }
        if after > before { return nil }
        return Finding(.uploadStale, at: "iat", after == before ? .sameTimeOtherContent : .older(than: before))
    }

    private func decide(operatorToken token: [UInt8], _ caller: Caller, at now: UnixTime) -> Plan {
        let verdict = chain.operator(String(decoding: token, as: UTF8.self), at: now)
        func refused(_ refusal: Refusal) -> Plan {
            Plan(
                reply: Reply(answer: .refused(refusal)),
                drafts: [draft(caller, "", .refused, refusal.failures.map(\.rule), token, at: now)])
        }
        switch verdict {
        case .refused(let refusal): return refused(refusal)
        case .accepted(let new, let warnings):
            let current = chain.anchors.operators.first { $0.common.subject == new.subject }
            var plan = Plan(
                reply: Reply(answer: .accepted(.init(warnings: warnings))),
                drafts: [draft(caller, new.subject.text, .accepted, [], token, at: now)])
            if published.operatorToken == new.text { return plan }
            if let before = current?.common.issuedAt, let after = new.claims.common.issuedAt, after <= before {
                return refused(
                    Refusal(
                        Finding(
                            .uploadStale, at: "iat", after == before ? .sameTimeOtherContent : .older(than: before))))
            }
            plan.keys = [.operator]
            pending.put(
                .operatorToken(new.text, new),
                StoreChange(key: .operator, value: .token(new.text), expected: operatorRevision))
            return plan
        }
    }

    // MARK: The journal

    private func draft(
        _ caller: Caller, _ account: String, _ outcome: JournalEntry.Outcome, _ rules: [Rule], _ token: [UInt8],
        at now: UnixTime
    ) -> JournalDraft {
        // What is no text has no place in a journal of text; the rules say what it was.
        let text =
            token.count <= chain.verifier.policy.maximumTokenSize ? String(validating: token, as: UTF8.self) : nil
        var seen: Set<Rule> = []
        return JournalDraft(
            time: now, caller: caller.text, account: String(decoding: account.utf8.prefix(64), as: UTF8.self),
            outcome: outcome, rules: rules.filter { seen.insert($0).inserted }, token: text ?? "")
    }
}
