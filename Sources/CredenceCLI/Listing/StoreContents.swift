import FolderStores
import NKeys
import SystemTimeZones
import Trust

/// What a store holds, for the verbs that list it. Tokens are read, refused ones too: a list shows what is there.
struct StoreContents {
    let store: FolderStore
    private let verifier = TokenVerifier(policy: .compatible, zones: SystemZones())
    private let now = WallClock.now()

    init(_ store: FolderStore) { self.store = store }

    /// Something in a store.
    struct Entry {
        var name: String
        var role: KeyRole
        /// The key that it is; nil when its token does not say it readably.
        var key: PublicKey?
        /// Whether the token holds by itself.
        var isAccepted: Bool
        /// Further keys that sign for it.
        var signingKeys: [PublicKey] = []
        /// The account that a user belongs to.
        var account: String?
    }

    /// The operator; in a resolver's folder there is none.
    func `operator`() throws(CommandFailure) -> Entry? {
        guard store.layout == .operatorFolder else { return nil }
        let token = try read { () throws(StoreFault) in try store.operatorToken() }
        return entry(token, name: store.operatorName ?? "", role: .operator)
    }

    /// The accounts, in the order of their names. What cannot be read is told on standard error.
    func accounts() throws(CommandFailure) -> [Entry] {
        let listing = try read { () throws(StoreFault) in try store.accounts() }
        for fault in listing.faults { warn(fault) }
        var entries: [Entry] = []
        for index in 0..<listing.count {
            let name = listing.name(at: index)
            do throws(StoreFault) {
                entries.append(entry(try store.accountToken(named: name), name: name, role: .account))
            } catch {
                warn(error)
            }
        }
        return entries
    }

    /// The users of an account, in the order of their names.
    func users(of account: String) throws(CommandFailure) -> [Entry] {
        var entries: [Entry] = []
        for name in try read({ () throws(StoreFault) in try store.userNames(ofAccount: account) }) {
            do throws(StoreFault) {
                let token = try store.userToken(named: name, ofAccount: account)
                var user = entry(token, name: name, role: .user)
                user.account = account
                entries.append(user)
            } catch {
                warn(error)
            }
        }
        return entries
    }

    private func entry(_ token: [UInt8], name: String, role: KeyRole) -> Entry {
        let report = token.withUnsafeBufferPointer { verifier.report(utf8: $0, at: now) }
        let key = report.claims.map(\.common.subject)
        var entry = Entry(name: name, role: role, key: key?.role == role ? key : nil, isAccepted: report.isAccepted)
        switch report.claims {
        case let claims as OperatorClaims: entry.signingKeys = claims.signingKeys
        case let claims as AccountClaims: entry.signingKeys = claims.signingKeys.map(\.key)
        default: break
        }
        return entry
    }

    private func warn(_ fault: StoreFault) { StandardError.write("warning: \(fault)\n") }
}
