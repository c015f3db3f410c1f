import Audit
import FolderStores
import NKeys

/// The tokens in a store's folder, and those in the creds of its keystore.
struct FolderSource: TokenSource {
    let operatorToken: StoredToken?
    let faults: [AuditFault]
    private let store: FolderStore
    private let keystore: Keystore?
    private let listing: AccountListing
    private var isResolver: Bool { store.layout == .resolverFolder }

    /// The source of a store. Creds are looked at where there is a keystore, for users whose tokens are gone.
    init(_ store: FolderStore, keystore: Keystore?) throws(CommandFailure) {
        self.store = store
        self.keystore = keystore
        listing = try read { () throws(StoreFault) in try store.accounts() }
        var faults = listing.faults.map(AuditFault.init)
        operatorToken = Self.operatorToken(of: store, &faults)
        self.faults = faults
    }

    private static func operatorToken(of store: FolderStore, _ faults: inout [AuditFault]) -> StoredToken? {
        guard store.layout == .operatorFolder else { return nil }
        let name = store.operatorName ?? ""
        do throws(StoreFault) {
            return StoredToken(name: name, origin: Origin(file: "\(name).jwt"), token: try store.operatorToken())
        } catch {
            faults.append(AuditFault(error))
            return nil
        }
    }

    var count: Int { listing.count }

    func entries(in range: Range<Int>) -> [AuditEntry] {
        let reader = StoreReader(listing)
        return range.map { entry($0, with: reader) }
    }

    private func entry(_ index: Int, with reader: StoreReader) -> AuditEntry {
        let name = listing.name(at: index)
        var entry = AuditEntry(
            name: name, filedUnder: isResolver ? try? PublicKey(name, role: .account) : nil,
            origin: Origin(file: isResolver ? "\(name).jwt" : "accounts/\(name)/\(name).jwt"), token: nil,
            users: isResolver ? nil : [])
        do throws(StoreFault) {
            entry.token = try reader.withToken(ofAccountAt: index) { [UInt8]($0) }
        } catch {
            entry.faults.append(AuditFault(error))
        }
        var users: [StoredToken] = []
        reader.forEachUser(ofAccountAt: index) { fault in
            entry.faults.append(AuditFault(fault))
        } _: { user, token in
            let user = String(decoding: user, as: UTF8.self)
            let origin = Origin(file: "accounts/\(name)/users/\(user).jwt")
            users.append(StoredToken(name: user, origin: origin, token: [UInt8](token)))
        }
        if !isResolver { entry.users = users }
        addCredentials(to: &entry)
        return entry
    }

    /// The tokens of creds; the seeds beside them stay in memory that is wiped, and go with it.
    private func addCredentials(to entry: inout AuditEntry) {
        guard let keystore, let name = store.operatorName, !isResolver else { return }
        let users: [String]
        do throws(StoreFault) {
            users = try keystore.credsNames(account: entry.name, operator: name)
        } catch {
            return entry.faults.append(AuditFault(error))
        }
        for user in users {
            do throws(StoreFault) {
                guard let creds = try keystore.creds(user: user, account: entry.name, operator: name) else { continue }
                let origin = Origin(file: "creds/\(name)/\(entry.name)/\(user).creds")
                entry.credentials.append(StoredToken(name: user, origin: origin, token: creds.token))
            } catch {
                entry.faults.append(AuditFault(error))
            }
        }
    }
}

extension AuditFault {
    /// A fault of a store as the audit tells it.
    init(_ fault: StoreFault) {
        self.init(.unreadable, in: Origin(file: fault.path), fault.description, hint: fault.hint)
    }
}
