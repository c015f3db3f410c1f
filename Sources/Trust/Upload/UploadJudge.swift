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
    /// What the last upload that was accepted took the place of, should it be taken back.
    private var lastReplaced: (account: PublicKey, before: StoredAccount?)?
    /// The moment of the last judgement.
    private var latest = UnixTime.zero

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

    /// How many accounts are kept now, those included that the kept ones import from.
    public var keptAccounts: Int { store.entries.count }

    /// Judges one upload by every rule that applies (T, C, B and U).
    ///
    /// - Parameters:
    ///   - token: the token as it was received.
    ///   - path: the key that the caller named, as it was written.
    ///   - stored: what stands under that key now.
    ///   - importers: the accounts whose tokens name that key as an exporter, as far as any are stored.
    ///   - resolver: the accounts as they are stored now. Where it cannot tell, the upload is refused (U-binding).
    ///   - now: the moment. One that is before an earlier call's costs the judge everything that it keeps.
    /// - Complexity: proportional to the account's imports. Only where it changes something that others see (exports,
    ///   signing keys, imports, mappings, or whether it is in force at all), also to its importers.
    public mutating func judge(
        _ token: UnsafeBufferPointer<UInt8>, at path: String, over stored: StoredVersion = .none,
        importers: [PublicKey] = [], resolver: some AccountResolver, access: UploadAccess = .open, at now: UnixTime
    ) -> Verdict<AcceptedUpload> {
        if let refusal = access.refusal { return .refused(refusal) }
        var judgement = Judgement(store.chain.verifier.policy)
        var signature = KnownSignature.notChecked
        let (verdict, standing) = store.chain.judgeAccount(token, for: nil, at: now, signature: &signature)
        store.counters.accounts += 1
        if signature != .notChecked { store.counters.signatures += 1 }
        judgement.merge(verdict)
        judgePath(path, standing, &judgement)
        if verdict.notJudged.contains(.accountSigner) { judgement.couldNotJudge([.uploadSigner]) }
        for finding in verdict.failures where finding.rule == .accountSigner {
            judgement.refuse(.uploadSigner, at: finding.place, finding.detail)
        }
        guard let account = verdict.proof, !judgement.hasFailed else {
            judgement.couldNotJudge([.uploadStale, .uploadBinding, .uploadDependents])
            return Self.refused(judgement)
        }
        // A token without `iat` was refused by T-issued-at; under a policy that relaxes it, it is the oldest there is.
        let issuedAt = account.claims.common.issuedAt ?? .zero
        if let fault = stored.fault(of: account.text, issuedAt: issuedAt) {
            judgement.refuse(.uploadStale, at: "iat", fault)
            judgement.couldNotJudge([.uploadBinding, .uploadDependents])
            return Self.refused(judgement)
        }
        do throws(AccountResolverError) {
            try keepTime(now, resolver)
            let placed = try store.place(account, over: stored, importers, resolver, at: now)
            let deferred = judgeImports(placed.imports, &judgement)
            judgeDependents(placed.dependents, &judgement)
            if judgement.hasFailed {
                try store.restore(placed.before, for: account.key, resolver, at: now)
            } else {
                lastReplaced = (account.key, placed.before)
            }
            store.leave(at: now)
            let isStoredAlready = if case .token(account.text, _) = stored { true } else { false }
            return judgement.verdict(
                AcceptedUpload(
                    account, deferred: deferred, dependents: placed.dependents, isStoredAlready: isStoredAlready))
        } catch {
            forgetAll()
            judgement.refuse(.uploadBinding, at: .whole, .text("the stored accounts cannot be read: \(error)"))
            judgement.couldNotJudge([.uploadDependents])
            return Self.refused(judgement)
        }
    }

    /// An upload that was accepted did not come to be stored: the account is again what the resolver has.
    public mutating func takeBack(_ account: PublicKey, resolver: some AccountResolver, at now: UnixTime) {
        let saved = lastReplaced?.account == account ? lastReplaced?.before : nil
        lastReplaced = nil
        reload(account, over: saved, resolver, at: now)
    }

    /// An account was changed by another than this judge: from now on it is what the resolver has.
    public mutating func reload(_ account: PublicKey, resolver: some AccountResolver, at now: UnixTime) {
        if lastReplaced?.account == account { lastReplaced = nil }
        reload(account, over: nil, resolver, at: now)
    }

    /// The imports of others that would stop or start when `account` was no longer there; nothing changes by asking.
    ///
    /// - Throws: when an account that tells it cannot be read.
    public mutating func dependents(
        ofDeleting account: PublicKey, importers: [PublicKey], resolver: some AccountResolver, at now: UnixTime
    ) throws(AccountResolverError) -> [DependentImport] {
        if importers.isEmpty { return [] }
        do throws(AccountResolverError) {
            try keepTime(now, resolver)
            let dependents = try store.changes(byPutting: .unknown, for: account, importers, resolver, at: now)
            try store.reload(account, resolver, at: now)
            store.leave(at: now)
            return dependents
        } catch {
            forgetAll()
            throw error
        }
    }

    // MARK: -

    private func judgePath(_ path: String, _ standing: AccountStanding?, _ judgement: inout Judgement) {
        let key: PublicKey
        do throws(KeyTextError) {
            key = try PublicKey(path, role: .account)
        } catch {
            return judgement.refuse(.uploadPath, at: "path", .key(error))
        }
        guard let standing else { return judgement.couldNotJudge([.uploadPath]) }
        if standing.key != key { judgement.refuse(.uploadPath, at: "path", .pathIsNotSubject) }
    }

    /// The verdicts on the imports, whole or not at all; gives those that are deferred.
    private func judgeImports(_ imports: [Verdict<Binding>], _ judgement: inout Judgement) -> [Int] {
        var deferred: [Int] = []
        for (index, verdict) in imports.enumerated() {
            if case .refused(let refusal) = verdict, isDeferred(refusal) {
                deferred.append(index)
                for finding in refusal.failures { judgement.warn(finding.rule, at: finding.place, finding.detail) }
                for finding in refusal.warnings { judgement.warn(finding.rule, at: finding.place, finding.detail) }
                continue
            }
            judgement.merge(verdict)
            if !verdict.isAccepted {
                judgement.refuse(.uploadBinding, at: Place("imports").element(index), .importRefused)
            }
        }
        return deferred
    }

    private func judgeDependents(_ dependents: [DependentImport], _ judgement: inout Judgement) {
        for dependent in dependents {
            let detail = Detail.dependentImport(dependent.account, dependent.index, stops: dependent.change == .stops)
            if dependent.change == .stops, brokenDependents == .refused {
                judgement.refuse(.uploadDependents, at: .whole, detail)
            } else {
                judgement.warn(.uploadDependents, at: .whole, detail)
            }
        }
    }

    /// Does what the time asks for. Verdicts of a later time say nothing about an earlier one.
    private mutating func keepTime(
        _ now: UnixTime, _ resolver: some AccountResolver
    ) throws(AccountResolverError) {
        if now < latest { forgetAll() }
        latest = now
        try store.advance(to: now, from: resolver)
    }

    private mutating func reload(
        _ account: PublicKey, over saved: StoredAccount?, _ resolver: some AccountResolver, at now: UnixTime
    ) {
        do throws(AccountResolverError) {
            try keepTime(now, resolver)
            try store.reload(account, over: saved, resolver, at: now)
            store.held.insert(account)
            store.leave(at: now)
        } catch {
            // What is not kept is asked for when it is needed, and then refuses what it cannot tell of.
            forgetAll()
        }
    }

    private mutating func forgetAll() {
        let counters = store.counters
        store = TrustStore(chain: store.chain, limits: store.limits)
        store.counters = counters
        lastReplaced = nil
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
}
