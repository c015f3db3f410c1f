import NKeys
import Trust

/// Finds accounts in a store's folder, for those who judge users as they come.
///
/// In a resolver's folder a key leads to its file at once, so every answer is of the moment. In an operator's folder
/// the files are named after people's names: which account is whose is read once, at the start, and again when
/// `reloaded()` is called; the token itself is read at every question.
public struct FolderAccountResolver: AccountResolver {
    private let store: FolderStore
    private let names: [PublicKey: String]
    /// Accounts that could not be read when the folder was walked.
    public let faults: [StoreFault]

    /// A resolver over the accounts of `store`.
    ///
    /// - Throws: when the folder of accounts cannot be read.
    /// - Complexity: reads every account token of an operator's folder once; nothing of a resolver's folder.
    public init(_ store: FolderStore) throws(StoreFault) {
        self.store = store
        guard store.layout == .operatorFolder else {
            names = [:]
            faults = []
            return
        }
        let listing = try store.accounts()
        let reader = StoreReader(listing)
        var names: [PublicKey: String] = [:]
        var faults = listing.faults
        for index in 0..<listing.count {
            do throws(StoreFault) {
                let subject = try reader.withToken(ofAccountAt: index) { token in
                    UnverifiedSubject.unsafeSubject(utf8: token.bindMemory(to: UInt8.self))
                }
                // Two files for one account: the first by name counts, whoever copied it.
                if let subject, names[subject] == nil { names[subject] = listing.name(at: index) }
            } catch {
                faults.append(error)
            }
        }
        self.names = names
        self.faults = faults
    }

    /// The same store as it is now.
    public func reloaded() throws(StoreFault) -> FolderAccountResolver { try FolderAccountResolver(store) }

    /// The account token stored for `key`, to be judged; nil when there is none.
    public func account(for key: PublicKey) throws(AccountResolverError) -> ResolvedAccount? {
        let name = store.layout == .operatorFolder ? names[key] : key.text
        guard key.role == .account, let name else { return nil }
        do throws(StoreFault) {
            return .token(String(decoding: try store.accountToken(named: name), as: UTF8.self))
        } catch {
            if error.kind == .missing { return nil }
            throw AccountResolverError("\(error)")
        }
    }
}
