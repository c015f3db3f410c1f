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
        var name = given
        if given == nil, listing.count == 1 { name = listing.name(at: 0) }
        if let given, let key = try? PublicKey(given, role: .account) {
            name = (0..<listing.count).lazy.map { listing.name(at: $0) }.first { name in
                let token = try? store.accountToken(named: name)
                return token?.withUnsafeBufferPointer { UnverifiedSubject.unsafeSubject(utf8: $0) } == key
            }
        }
        guard let name else {
            throw given.map {
                CommandFailure(
                    .noInput, "no account of the store is \(Files.quoted($0))", hint: "check the key and the store")
            } ?? CommandFailure(.usage, "the store has \(listing.count) accounts", hint: "name one with --name")
        }
        guard let account = judge.judge(accountNamed: name, in: listing, operator: `operator`) else {
            throw CommandFailure(
                .noInput, "the store has no account \(Files.quoted(name))",
                hint: "`credence list accounts` shows those that it has")
        }
        return (name, account)
    }
}
