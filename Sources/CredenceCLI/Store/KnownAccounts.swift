import FolderStores
import NKeys
import SystemTimeZones
import Trust

/// The accounts of a store, by name and by key: whom a verb names, and who exports what is imported.
struct KnownAccounts {
    let workspace: Workspace
    let `operator`: VerifiedToken<OperatorClaims>

    /// The key of an account that a command line names: by itself, or by the name of its folder.
    func key(_ text: String, flag: String) throws(CommandFailure) -> PublicKey {
        try KeyArgument.refuseSeed(text, flag: flag)
        if let key = try? PublicKey(text) {
            guard key.role == .account else {
                throw CommandFailure(
                    .badInput, "\(flag): an account's key is needed, and this is one of `\(key.role.name)`")
            }
            return key
        }
        let token: [UInt8]
        do {
            token = try workspace.store.accountToken(named: text)
        } catch {
            guard error.kind == .missing else { throw CommandFailure(error) }
            throw CommandFailure(
                .noInput, "\(flag): the store has no account \(Files.quoted(text))",
                hint: "name an account of the store, or give the key of one that is elsewhere")
        }
        let subject = token.withUnsafeBufferPointer { UnverifiedSubject.unsafeSubject(utf8: $0) }
        guard let subject, subject.role == .account else {
            throw CommandFailure(.badInput, "\(flag): the token of account \(Files.quoted(text)) names no account")
        }
        return subject
    }

    /// The account of a key as it stands in the store, for an import that is bound.
    func exporter(_ key: PublicKey) throws(CommandFailure) -> Exporter {
        let resolver = try read { () throws(StoreFault) in try FolderAccountResolver(workspace.store) }
        // One of them may be the exporter.
        for fault in resolver.faults { StandardError.write("warning: \(fault)\n") }
        do throws(AccountResolverError) {
            guard case .token(let token)? = try resolver.account(for: key) else { return .unknown }
            return Exporter(workspace.chain(under: `operator`).account(token, for: key, at: workspace.now))
        } catch {
            throw CommandFailure(.inputOutput, "account `\(key.text)` cannot be read: \(error)")
        }
    }

    /// The names of accounts by their keys. What cannot be read has none.
    static func names(in store: FolderStore) throws(CommandFailure) -> [PublicKey: String] {
        let listing = try read { () throws(StoreFault) in try store.accounts() }
        var names: [PublicKey: String] = [:]
        for index in 0..<listing.count {
            let name = listing.name(at: index)
            guard let token = try? store.accountToken(named: name),
                let key = token.withUnsafeBufferPointer({ UnverifiedSubject.unsafeSubject(utf8: $0) })
            else { continue }
            names[key] = names[key] ?? name
        }
        return names
    }

    /// Every import of `exporter` in the accounts of the store, with its account; what is refused is in force nowhere.
    func forEachImport(
        from exporter: PublicKey, _ body: (_ account: String, TrustedAccount, _ index: Int) -> Void
    ) throws(CommandFailure) {
        let listing = try read { () throws(StoreFault) in try workspace.store.accounts() }
        let chain = workspace.chain(under: `operator`)
        for index in 0..<listing.count {
            let name = listing.name(at: index)
            guard let token = try? workspace.store.accountToken(named: name),
                let account = token.withUnsafeBufferPointer({ chain.account(utf8: $0, at: workspace.now) }).proof
            else { continue }
            for (index, item) in account.claims.imports.enumerated() where item.account == exporter {
                body(name, account, index)
            }
        }
    }
}
