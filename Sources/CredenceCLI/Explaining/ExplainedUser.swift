import FolderStores
import Glibc
import NKeys
import Trust

/// A user with its account, both judged, as an explanation needs them.
struct ExplainedUser {
    let verdict: Verdict<TrustedUser>
    let token: JudgedToken
    /// The account; nil when it is not known, or was not asked for.
    let account: JudgedToken?
    /// The name of the account in the store; nil when it is not known.
    let accountName: String?

    /// The rules against the user, those against the operator among them.
    func failures(under operator: StoreReport.Entity) -> [Finding] {
        guard !verdict.isAccepted else { return [] }
        let above = `operator`.outcome.failures.map { finding in
            let path = finding.place.path
            return finding.moved(to: path.isEmpty ? "operator" : Place("operator.\(path)"))
        }
        return (above + verdict.failures).inCatalogueOrder()
    }
}

extension StoreScene {
    /// The user that is meant, judged as `credence check` does: in the account that the store has for its token, or as
    /// `credence validate` does, in the account in whose folder it is found by its name.
    func explainedUser(_ options: ExplainUserOptions) throws(CommandFailure) -> ExplainedUser {
        try KeyArgument.refuseSeed(options.user, flag: "--user")
        if options.account == nil, isFile(options.user) {
            let token = try TokenInput.read(options.user)
            let resolver = try read { () throws(StoreFault) in try FolderAccountResolver(store) }
            let user = explainedUser(token, resolver) { key in name(ofAccount: key) }
            if user.account == nil { for fault in resolver.faults { StandardError.write(CommandFailure(fault).text) } }
            return user
        }
        guard store.layout == .operatorFolder else {
            throw CommandFailure(
                .noInput, "no file \(Files.quoted(options.user)), and a resolver's folder holds no users",
                hint: "name a file with the user's token")
        }
        let listing = try read { () throws(StoreFault) in try store.accounts() }
        let account =
            if let given = options.account { try name(of: given, in: listing) } else {
                try onlyAccount(withUser: options.user, in: listing)
            }
        let owner = try read { () throws(StoreFault) in try store.accountToken(named: account) }
        let token = try read { () throws(StoreFault) in
            try store.userToken(named: options.user, ofAccount: account)
        }
        return explainedUser(token, OneAccount(token: String(decoding: owner, as: UTF8.self))) { _ in account }
    }

    private func isFile(_ text: String) -> Bool {
        text == "-" || text.contains("/") || access(text, F_OK) == 0
    }

    private func explainedUser(
        _ token: [UInt8], _ resolver: some AccountResolver, name: (PublicKey) -> String?
    ) -> ExplainedUser {
        let verdict = chain.user(String(decoding: token, as: UTF8.self), resolver: resolver, at: judge.now)
        let report = token.withUnsafeBufferPointer { judge.verifier.report(utf8: $0, at: judge.now) }
        let claims = report.claims as? UserClaims
        let judged = JudgedToken(
            claims: claims, failures: report.failures, warnings: report.warnings, notJudged: report.notJudged)
        // A forged token names no account that anybody need look for.
        let asks = !verdict.notJudged.contains(.accountUnknown)
        guard asks, let key = claims.map({ $0.issuerAccount ?? $0.common.issuer }),
            case .token(let owner)? = (try? resolver.account(for: key)) ?? nil
        else { return ExplainedUser(verdict: verdict, token: judged, account: nil, accountName: nil) }
        let account = chain.account(owner, for: key, at: judge.now)
        let ownerReport = Array(owner.utf8).withUnsafeBufferPointer { judge.verifier.report(utf8: $0, at: judge.now) }
        return ExplainedUser(
            verdict: verdict, token: judged,
            account: JudgedToken(account, claims: ownerReport.claims as? AccountClaims),
            accountName: name(key))
    }

    /// The name under which the store has the account of a key: of two files the first, as the resolver takes it.
    private func name(ofAccount key: PublicKey) -> String? {
        if store.layout == .resolverFolder { return key.text }
        guard let listing = try? store.accounts() else { return nil }
        return (0..<listing.count).lazy.map { listing.name(at: $0) }.first { name in
            let token = try? store.accountToken(named: name)
            return token?.withUnsafeBufferPointer { UnverifiedSubject.unsafeSubject(utf8: $0) } == key
        }
    }

    private func onlyAccount(withUser user: String, in listing: AccountListing) throws(CommandFailure) -> String {
        let names = (0..<listing.count).map { listing.name(at: $0) }.filter { account in
            (try? store.userNames(ofAccount: account).contains(user)) ?? false
        }
        if names.count == 1 { return names[0] }
        guard names.isEmpty else {
            let several = names.prefix(10).map(Files.quoted).joined(separator: ", ")
            throw CommandFailure(
                .usage, "several accounts have a user \(Files.quoted(user)): \(several)",
                hint: "name one with --account")
        }
        throw CommandFailure(
            .noInput, "no file and no user of the store is named \(Files.quoted(user))",
            hint: "`credence list users` shows those that it has")
    }
}
