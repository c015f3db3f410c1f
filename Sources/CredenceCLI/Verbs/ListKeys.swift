import ArgumentParser
import FolderStores
import NKeys
import Trust

/// `credence list keys`: the keys that a store names, and whether their seeds are in the keystore. No seed is shown.
struct ListKeys: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Show the keys of a store, and whose seeds the keystore has.", aliases: ["key"])

    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @OptionGroup var `operator`: OperatorOption
    @OptionGroup var options: StoreOptions

    private struct Row {
        var name: String?
        var account: String?
        var key: PublicKey
        var isSigningKey = false
        var isStored: Bool
    }

    func run() throws {
        let contents = StoreContents(try options.open(operator: `operator`.name))
        let keystore = try options.keystore()
        let (stored, faults) = try read { () throws(StoreFault) in try keystore.keys() }
        for fault in faults { StandardError.write("warning: \(fault)\n") }
        var entries = [try contents.operator()].compactMap { $0 }
        for account in try contents.accounts() {
            entries.append(account)
            entries += try contents.users(of: account.name)
        }
        let rows = Self.rows(of: entries, stored: Set(stored))
        try StandardOutput.write(json ? Self.json(rows) : Self.text(rows))
    }

    /// The keys of the store, each below its owner, and then those that the store does not name.
    private static func rows(of entries: [StoreContents.Entry], stored: Set<PublicKey>) -> [Row] {
        var rows: [Row] = []
        var rest = stored
        for entry in entries {
            let keys = [entry.key].compactMap { $0 } + entry.signingKeys
            for (index, key) in keys.enumerated() {
                let isSigningKey = entry.key == nil || index > 0
                rows.append(
                    Row(
                        name: entry.name, account: entry.account, key: key, isSigningKey: isSigningKey,
                        isStored: stored.contains(key)))
                rest.remove(key)
            }
        }
        return rows + rest.sorted().map { Row(name: nil, account: nil, key: $0, isStored: true) }
    }

    private static func json(_ rows: [Row]) -> String {
        var writer = JSONWriter()
        writer.object { object in
            object.list("keys") { list in
                for row in rows {
                    list.object {
                        $0.member("key", row.key.text)
                        $0.member("role", row.key.role.name)
                        $0.member("name", row.name)
                        $0.member("account", row.account)
                        $0.member("signing", row.isSigningKey)
                        $0.member("stored", row.isStored)
                    }
                }
            }
        }
        return writer.text + "\n"
    }

    private static func text(_ rows: [Row]) -> String {
        var table = TextTable("owner", "role", "key", "seed")
        for row in rows {
            let name = row.name.map { name in row.account.map { "\($0)/\(name)" } ?? name } ?? "(not in the store)"
            let role = row.key.role.name + (row.isSigningKey ? ", signing" : "")
            table.add(name, role, row.key.text, row.isStored ? "stored" : "-")
        }
        return table.text
    }
}
