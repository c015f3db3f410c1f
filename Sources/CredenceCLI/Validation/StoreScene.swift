import FolderStores
import NKeys
import Trust

/// A store whose operator is judged, and who judges the rest.
struct StoreScene {
    let store: FolderStore
    let judge: StoreJudge
    let operatorToken: [UInt8]
    let `operator`: TrustedOperator

    /// The account that is meant, judged with its imports and users.
    func account(_ given: String?) throws(CommandFailure) -> (name: String, StoreReport.Account) {
        let listing = try read { () throws(StoreFault) in try store.accounts() }
        let name = try name(of: given, in: listing)
        guard let account = judge.judge(accountNamed: name, in: listing, operator: `operator`) else {
            throw CommandFailure(
                .noInput, "the store has no account \(Files.quoted(name))",
                hint: "`credence list accounts` shows those that it has")
        }
        return (name, account)
    }

    /// The name of the account that is meant, or of the only one.
    func name(of given: String?, in listing: AccountListing) throws(CommandFailure) -> String {
        if let given { try name(given, in: listing) } else { try onlyName(in: listing) }
    }

    /// The name of an account's folder: what is given, or that of the account whose key is given.
    private func name(_ given: String, in listing: AccountListing) throws(CommandFailure) -> String {
        // In a resolver's folder accounts are named by their keys.
        guard store.layout == .operatorFolder, let key = try? PublicKey(given, role: .account) else { return given }
        for index in 0..<listing.count {
            let token = try? store.accountToken(named: listing.name(at: index))
            let subject = token?.withUnsafeBufferPointer { UnverifiedSubject.unsafeSubject(utf8: $0) }
            if subject == key { return listing.name(at: index) }
        }
        throw CommandFailure(
            .noInput, "no account of the store is \(Files.quoted(given))", hint: "check the key and the store")
    }

    private func onlyName(in listing: AccountListing) throws(CommandFailure) -> String {
        if listing.count == 1 { return listing.name(at: 0) }
        throw CommandFailure(.usage, "the store has \(listing.count) accounts", hint: "name the one that is meant")
    }
}
