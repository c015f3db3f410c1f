import ArgumentParser
import FolderStores
import NKeys
import Trust

/// `credence list ...`
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a store and a keystore hold.",
        subcommands: [ListOperators.self, ListAccounts.self, ListUsers.self, ListKeys.self])
}

/// `credence list operators`
struct ListOperators: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operators", abstract: "Show the operators in a folder of stores.", aliases: ["operator"])

    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @OptionGroup var options: StoreOptions

    func run() throws {
        var entries: [StoreContents.Entry] = []
        for store in try stores() {
            if let entry = try StoreContents(store).operator() { entries.append(entry) }
        }
        try StandardOutput.write(entries.listing(as: "operators", json: json))
    }

    /// The stores in the folder: one, or those that it is said to hold.
    private func stores() throws(CommandFailure) -> [FolderStore] {
        let path = try options.locations().stores
        do throws(StoreFault) {
            _ = try FolderStore(at: path)
        } catch {
            if case .severalOperators(let names) = error.kind {
                var stores: [FolderStore] = []
                for name in names { stores.append(try options.open(operator: name)) }
                return stores
            }
        }
        return [try options.open()]
    }
}

/// `credence list accounts`
struct ListAccounts: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accounts", abstract: "Show the accounts of an operator.", aliases: ["account"])

    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @OptionGroup var `operator`: OperatorOption
    @OptionGroup var options: StoreOptions

    func run() throws {
        let contents = StoreContents(try options.open(operator: `operator`.name))
        try StandardOutput.write(try contents.accounts().listing(as: "accounts", json: json))
    }
}

/// `credence list users`
struct ListUsers: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users", abstract: "Show the users of an account, or of all.", aliases: ["user"])

    @Option(name: [.short, .long], help: "The account; all of them without it.") var account: String?
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @OptionGroup var `operator`: OperatorOption
    @OptionGroup var options: StoreOptions

    func run() throws {
        let contents = StoreContents(try options.open(operator: `operator`.name))
        var entries: [StoreContents.Entry] = []
        if let account {
            _ = try read { () throws(StoreFault) in try contents.store.accountToken(named: account) }
            entries = try contents.users(of: account)
        } else {
            for account in try contents.accounts() { entries += try contents.users(of: account.name) }
        }
        try StandardOutput.write(entries.listing(as: "users", json: json))
    }
}

extension [StoreContents.Entry] {
    /// The entries as one JSON object, or as a table.
    fileprivate func listing(as name: String, json: Bool) -> String {
        let showsAccounts = name == "users"
        if json {
            var writer = JSONWriter()
            writer.object { object in
                object.list(name) { list in
                    for entry in self {
                        list.object {
                            $0.member("name", entry.name)
                            $0.member("subject", entry.key?.text)
                            if showsAccounts { $0.member("account", entry.account) }
                            $0.member("accepted", entry.isAccepted)
                        }
                    }
                }
            }
            return writer.text + "\n"
        }
        var table = showsAccounts ? TextTable("account", "name", "key", "token") : TextTable("name", "key", "token")
        for entry in self {
            let key = entry.key?.text ?? "-"
            let verdict = entry.isAccepted ? "accepted" : "refused"
            if showsAccounts {
                table.add(entry.account ?? "-", entry.name, key, verdict)
            } else {
                table.add(entry.name, key, verdict)
            }
        }
        return table.text
    }
}
