import FolderStores
import NKeys
import SystemTimeZones
import Trust

/// A store and the keys that go with it, as the verbs that sign need them.
struct Workspace {
    let store: FolderStore
    let keystore: Keystore
    /// When tokens are judged and signed.
    var now: UnixTime

    init(_ options: StoreOptions, operator name: String?) throws(CommandFailure) {
        store = try options.open(operator: name)
        keystore = try options.keystore()
        now = WallClock.now()
        guard store.layout == .operatorFolder else {
            throw CommandFailure(
                .badInput, "\(Files.quoted(store.path)) is a resolver's folder, without an operator and without users",
                hint: "name an operator's folder, as `credence add operator` makes it")
        }
    }

    /// A store and its keys, as they were opened.
    init(store: FolderStore, keystore: Keystore) {
        (self.store, self.keystore, now) = (store, keystore, WallClock.now())
    }

    /// The name of the operator's folder, by which creds are filed.
    var operatorName: String { store.operatorName ?? "" }

    /// The operator's token, judged.
    func operatorToken() throws(CommandFailure) -> VerifiedToken<OperatorClaims> {
        try verified(
            try read { () throws(StoreFault) in try store.operatorToken() }, "operator \(quoted(operatorName))")
    }

    /// The token of an account, judged.
    func accountToken(_ name: String) throws(CommandFailure) -> VerifiedToken<AccountClaims> {
        let token = try read { () throws(StoreFault) in try store.accountToken(named: name) }
        return try verified(token, "account \(quoted(name))")
    }

    /// The account, judged by the chain that leads to the operator.
    func trustedAccount(
        _ name: String, under operator: VerifiedToken<OperatorClaims>
    ) throws(CommandFailure) -> TrustedAccount {
        let token = try read { () throws(StoreFault) in try store.accountToken(named: name) }
        let verdict = token.withUnsafeBufferPointer { chain(under: `operator`).account(utf8: $0, at: now) }
        return try accepted(verdict, "the token of account \(quoted(name)) is refused")
    }

    /// Judges what was just signed as a server will: nothing is handed out that would be refused. What begins later is
    /// judged as of then.
    func judge(
        _ user: VerifiedToken<UserClaims>, of account: TrustedAccount, under operator: VerifiedToken<OperatorClaims>
    ) throws(CommandFailure) {
        let common = user.claims.common
        let moment = max(now, max(common.notBefore ?? now, common.issuedAt ?? now))
        var chain = chain(under: `operator`)
        // It is signed for another verifier, and judged as that one will.
        if let audience = common.audience { chain.verifier.policy.audiences = [audience] }
        let verdict = chain.user(user.text, of: account, at: moment)
        _ = try accepted(verdict, "user \(quoted(common.name)) is not signed")
    }

    /// What an account says that is to be changed, and the account itself where nothing stands against it.
    ///
    /// A fault that lies in how its imports and exports fit together does not stand in the way of the change that
    /// mends it; what comes of the change is judged as a whole.
    func editableAccount(
        _ name: String, under operator: VerifiedToken<OperatorClaims>
    ) throws(CommandFailure) -> (AccountClaims, TrustedAccount?) {
        let token = try read { () throws(StoreFault) in try store.accountToken(named: name) }
        let verdict = token.withUnsafeBufferPointer { chain(under: `operator`).account(utf8: $0, at: now) }
        if case .refused(let refusal) = verdict, refusal.failures.allSatisfy(Self.isMendable) {
            let verifier = TokenVerifier(zones: SystemZones())
            let report = token.withUnsafeBufferPointer { verifier.report(utf8: $0, at: now) }
            if let claims = report.claims as? AccountClaims { return (claims, nil) }
        }
        let account = try accepted(verdict, "the token of account \(quoted(name)) is refused")
        return (account.claims, account)
    }

    private static func isMendable(_ finding: Finding) -> Bool {
        switch finding.detail {
        case .importsOverlap, .importFromSelf, .exportContained, .exportRepeated, .tooMany, .wildcardExportsForbidden:
            true
        default: false
        }
    }

    /// Binds imports as a server should.
    var bindings: BindingVerifier { BindingVerifier(verifier: TokenVerifier(zones: SystemZones())) }

    func chain(under operator: VerifiedToken<OperatorClaims>) -> ChainVerifier {
        ChainVerifier(anchors: TrustAnchors([`operator`]), verifier: TokenVerifier(zones: SystemZones()))
    }

    /// The account that is meant: the one named, or the only one but the system's.
    func accountName(_ given: String?) throws(CommandFailure) -> String {
        if let given { return given }
        let listing = try read { () throws(StoreFault) in try store.accounts() }
        let system = try operatorToken().claims.systemAccount
        var names: [String] = []
        for index in 0..<listing.count {
            let name = listing.name(at: index)
            if let system, listing.count > 1, try accountToken(name).subject == system { continue }
            names.append(name)
            if names.count > 10 { break }
        }
        if names.count == 1 { return names[0] }
        let shown = names.prefix(10).map(quoted).joined(separator: ", ")
        throw CommandFailure(
            .usage, names.isEmpty ? "the store has no account" : "the store has several accounts: \(shown)",
            hint: names.isEmpty ? "make one with `credence add account`" : "name one with --account")
    }

    /// Does something with the store while no other process changes it.
    func changing<R>(_ body: (StoreWriter) throws -> R) throws -> R {
        let writer = try read { () throws(StoreFault) in try StoreWriter(store, whenLocked: .wait) }
        do {
            return try body(writer)
        } catch let fault as StoreFault {
            throw CommandFailure(fault)
        }
    }

    /// A token, judged by itself.
    func verified<Claims: TokenClaims>(
        _ token: [UInt8], _ what: String
    ) throws(CommandFailure) -> VerifiedToken<Claims> {
        let verifier = TokenVerifier(zones: SystemZones())
        let verdict = token.withUnsafeBufferPointer { verifier.verify(utf8: $0, as: Claims.self, at: now) }
        return try accepted(verdict, "the token of \(what) is refused")
    }

    private func accepted<Proof>(_ verdict: Verdict<Proof>, _ what: String) throws(CommandFailure) -> Proof {
        switch verdict {
        case .accepted(let proof, _): return proof
        case .refused(let refusal): throw CommandFailure(refusal, what: what)
        }
    }

    private func quoted(_ text: String) -> String { Files.quoted(text) }
}

/// Does something with a store or keystore, and says what its fault means.
func read<R>(_ body: () throws(StoreFault) -> R) throws(CommandFailure) -> R {
    do {
        return try body()
    } catch {
        throw CommandFailure(error)
    }
}
