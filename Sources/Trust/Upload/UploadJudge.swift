import NKeys

/// An account token that may be stored: it stands by every rule, and so do its imports. Only `UploadJudge` makes one.
public struct AcceptedUpload: Sendable {
    /// The account, as its new token has it.
    public let account: TrustedAccount
    /// The imports that are not in force, because their exporters are not known yet; none unless the judge was told to
    /// accept that.
    public let deferred: [Int]
    /// What it changes for others, in the order of their keys (U-dependents).
    public let dependents: [DependentImport]
    /// Whether the very same token stands there already, so that there is nothing to store.
    public let isStoredAlready: Bool

    fileprivate init(
        _ account: TrustedAccount, deferred: [Int], dependents: [DependentImport], isStoredAlready: Bool
    ) {
        (self.account, self.deferred, self.dependents) = (account, deferred, dependents)
        self.isStoredAlready = isStoredAlready
    }
}

/// Judges uploads to an account server: each as one transaction, against the accounts as they are stored now.
///
/// It keeps accounts that it judged before in force, within a bound, so that an upload costs its own signatures and
/// little else; what is withdrawn by one upload is seen by the next. It has one owner.
///
/// An upload that is accepted counts from then on. When it does not come to be stored, the owner takes it back with
/// `takeBack`.
public struct UploadJudge: Sendable {
    /// What becomes of an import whose exporter is not known.
    public enum UnknownExporters: Hashable, Sendable {
        /// It refuses the upload.
        case refused
        /// It is stored, and not in force until the exporter comes.
        case deferred
    }

    /// What becomes of an upload that puts imports of others out of force.
    public enum BrokenDependents: Hashable, Sendable {
        /// They are named.
        case named
        /// They refuse the upload.
        case refused
    }

    /// What becomes of an import whose exporter is not known.
    public var unknownExporters: UnknownExporters
    /// What becomes of an upload that puts imports of others out of force.
    public var brokenDependents: BrokenDependents
    private var store: TrustStore

    /// A judge that has seen nothing.
    ///
    /// - Parameter cachedAccounts: how many accounts are kept as they were judged, at some ten kilobytes each.
    public init(
        chain: ChainVerifier, unknownExporters: UnknownExporters = .refused,
        brokenDependents: BrokenDependents = .named, cachedAccounts: Int = 1_000
    ) {
        var limits = TrustStore.Limits()
        limits.cachedAccounts = cachedAccounts
        store = TrustStore(chain: chain, limits: limits)
        self.unknownExporters = unknownExporters
        self.brokenDependents = brokenDependents
    }

    /// What was done so far.
    public var counters: TrustStore.Counters { store.counters }

    /// Judges one upload by every rule that applies (T, C, B and U).
    ///
    /// - Parameters:
    ///   - token: the token as it was received.
    ///   - path: the key that the caller named, as it was written.
    ///   - stored: what stands under that key now.
    ///   - importers: the accounts whose tokens name that key as an exporter, as far as any are stored.
    ///   - resolver: the accounts as they are stored now.
    ///   - now: the moment.
    public mutating func judge(
        _ token: UnsafeBufferPointer<UInt8>, at path: String, over stored: StoredVersion = .none,
        importers: [PublicKey] = [], resolver: some AccountResolver, access: UploadAccess = .open, at now: UnixTime
    ) -> Verdict<AcceptedUpload> {
        if let refusal = access.refusal { return .refused(refusal) }
        _ = store.advance(to: now)
        var judgement = Judgement(store.chain.verifier.policy)
        var signature = KnownSignature.notChecked
        let (verdict, standing) = store.chain.judgeAccount(token, for: nil, at: now, signature: &signature)
        store.counters.accounts += 1
        if signature != .notChecked { store.counters.signatures += 1 }
        judgement.merge(verdict)
        judgePath(path, standing, &judgement)
        for finding in verdict.failures where finding.rule == .accountSigner {
            judgement.refuse(.uploadSigner, at: finding.place, finding.detail)
        }
        guard let account = verdict.proof, !judgement.hasFailed else {
            judgement.couldNotJudge([.uploadStale, .uploadBinding, .uploadDependents])
            return Self.refused(judgement)
        }
        // A token without `iat` was refused by T-issued-at; this is for a policy that would relax it.
        let issuedAt = account.claims.common.issuedAt ?? .zero
        if let fault = stored.fault(of: account.text, issuedAt: issuedAt) {
            judgement.refuse(.uploadStale, at: "iat", fault)
            judgement.couldNotJudge([.uploadBinding, .uploadDependents])
            return Self.refused(judgement)
        }
        return judgeImports(of: account, stored, importers, resolver, &judgement, at: now)
    }

    /// An upload that was accepted did not come to be stored: the account is again what the resolver has.
    public mutating func takeBack(_ account: PublicKey, resolver: some AccountResolver, at now: UnixTime) {
        store.reload(account, resolver, at: now)
        store.leave([account], resolver, at: now)
    }

    /// An account was changed by another than this judge: from now on it is what the resolver has.
    public mutating func reload(_ account: PublicKey, resolver: some AccountResolver, at now: UnixTime) {
        store.reload(account, resolver, at: now)
    }

    /// The imports of others that would stop when `account` was no longer there.
    public mutating func dependents(
        ofDeleting account: PublicKey, importers: [PublicKey], resolver: some AccountResolver, at now: UnixTime
    ) -> [DependentImport] {
        let holding = store.importsHolding(from: account, by: importers, resolver, at: now)
        store.leave([account] + importers, resolver, at: now)
        return Self.changes(from: holding, to: [:])
    }

    // MARK: -

    private func judgePath(_ path: String, _ standing: AccountStanding?, _ judgement: inout Judgement) {
        let key: PublicKey
        do throws(KeyTextError) {
            key = try PublicKey(path, role: .account)
        } catch {
            return judgement.refuse(.uploadPath, at: "path", .key(error))
        }
        if let standing, standing.key != key { judgement.refuse(.uploadPath, at: "path", .pathIsNotSubject) }
    }

    private mutating func judgeImports(
        of account: TrustedAccount, _ stored: StoredVersion, _ importers: [PublicKey],
        _ resolver: some AccountResolver, _ judgement: inout Judgement, at now: UnixTime
    ) -> Verdict<AcceptedUpload> {
        let key = account.key
        defer { store.leave([key] + importers, resolver, at: now) }
        // What stands there tells which of its tokens were checked, and what others have from it.
        if stored != .none, !importers.isEmpty || !account.claims.imports.isEmpty { store.load(key, resolver, at: now) }
        let before = store.importsHolding(from: key, by: importers, resolver, at: now)
        var deferred: [Int] = []
        for (index, verdict) in store.place(account, resolver, at: now).enumerated() {
            if case .refused(let refusal) = verdict, isDeferred(refusal) {
                deferred.append(index)
                for finding in refusal.failures { judgement.warn(finding.rule, at: finding.place, finding.detail) }
                continue
            }
            judgement.merge(verdict)
            if !verdict.isAccepted {
                judgement.refuse(.uploadBinding, at: Place("imports").element(index), .importRefused)
            }
        }
        let after = store.importsHolding(from: key, by: importers, resolver, at: now)
        let dependents = Self.changes(from: before, to: after)
        for dependent in dependents {
            let detail = Detail.dependentImport(dependent.account, dependent.index, stops: dependent.change == .stops)
            if dependent.change == .stops, brokenDependents == .refused {
                judgement.refuse(.uploadDependents, at: .whole, detail)
            } else {
                judgement.warn(.uploadDependents, at: .whole, detail)
            }
        }
        if judgement.hasFailed { store.reload(key, resolver, at: now) }
        let isStoredAlready = if case .token(account.text, _) = stored { true } else { false }
        return judgement.verdict(
            AcceptedUpload(account, deferred: deferred, dependents: dependents, isStoredAlready: isStoredAlready))
    }

    private static func refused(_ judgement: Judgement) -> Verdict<AcceptedUpload> {
        .refused(judgement.refusal ?? Refusal(ChainVerifier.unread))
    }

    /// Whether nothing stands against an import but that its exporter is not known.
    private func isDeferred(_ refusal: Refusal) -> Bool {
        guard unknownExporters == .deferred else { return false }
        return refusal.failures.allSatisfy { finding in
            if case .exporterNotKnown = finding.detail { true } else { false }
        }
    }

    private static func changes(
        from before: [TrustStore.ImportPlace: Bool], to after: [TrustStore.ImportPlace: Bool]
    ) -> [DependentImport] {
        before.compactMap { place, held in
            let holds = after[place] ?? false
            if held == holds { return nil }
            return DependentImport(account: place.account, index: place.index, change: held ? .stops : .starts)
        }.sorted { ($0.account, $0.index) < ($1.account, $1.index) }
    }
}
