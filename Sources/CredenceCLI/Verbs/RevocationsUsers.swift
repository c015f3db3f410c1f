import ArgumentParser
import FolderStores
import NKeys
import Trust

/// Which user, with nsc's flags.
struct UserOption: ParsableArguments {
    @Option(
        name: [
            .customLong("user"), .customShort("u"), .customShort("n"), .customLong("name"),
            .customLong("user-public-key"),
        ],
        help: ArgumentHelp("The user: a name, a key, or `*` for all.", valueName: "user"))
    var user: String

    /// The user's key; nil for all.
    func key(in account: String, _ workspace: Workspace) throws(CommandFailure) -> PublicKey? {
        if user == "*" { return nil }
        try KeyArgument.refuseSeed(user, flag: "--user")
        if (try? PublicKey(user)) != nil { return try KeyArgument.publicKey(user, role: .user, flag: "--user") }
        let token = try read { () throws(StoreFault) in
            try workspace.store.userToken(named: user, ofAccount: account)
        }
        guard let user = StoredUser(user, token) else {
            throw CommandFailure(.badInput, "the token of user \(Files.quoted(self.user)) names no user")
        }
        return user.key
    }
}

/// `credence revocations add-user`
struct RevokeUser: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add-user", abstract: "Revoke a user of an account, or all of them.", aliases: ["add_user"])

    @OptionGroup var user: UserOption
    @OptionGroup var time: RevocationTime
    @OptionGroup var change: ChangeOptions

    func run() throws {
        try change.change { draft in
            let workspace = draft.accounts.workspace
            let key = try user.key(in: draft.name, workspace)
            let affected = try StoredUser.all(of: draft.name, in: workspace.store).filter {
                key == nil || $0.key == key
            }
            var revocations = draft.claims.revocations
            let time = time.revoke(
                key, in: &revocations, covering: affected.compactMap(\.issuedAt).max(), &draft)
            draft.claims.revocations = revocations
            for user in affected where user.issuedAt.map({ $0 > time }) ?? false {
                draft.remarks.append(
                    "user \(Files.quoted(user.name)) is not covered: its token was issued later, at "
                        + "\(user.issuedAt ?? time)")
            }
            return "revoked \(key.map { "user \($0.text)" } ?? "all users") of account \(draft.name) until \(time)"
        }
    }
}

/// `credence revocations delete-user`
struct RestoreUser: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete-user", abstract: "Take the revocation of a user back.", aliases: ["delete_user"])

    @OptionGroup var user: UserOption
    @OptionGroup var change: ChangeOptions

    func run() throws {
        try change.change { draft in
            let key = try user.key(in: draft.name, draft.accounts.workspace)
            let what = key.map { "user \($0.text)" } ?? "all users"
            let time = try draft.claims.revocations.takeBack(key, of: what)
            draft.remarks.append("tokens issued until \(time) count again")
            if key != nil, let everyone = draft.claims.revocations.everyone {
                draft.remarks.append("all users are revoked until \(everyone), this one too")
            }
            return "deleted the revocation of \(what) of account \(draft.name)"
        }
    }
}

/// `credence revocations list-users`
struct ListRevokedUsers: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list-users", abstract: "Show the users that an account revokes.", aliases: ["list_users"])

    @Option(name: [.short, .long], help: "The account; not needed where there is one.") var account: String?
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @OptionGroup var `operator`: OperatorOption
    @OptionGroup var options: StoreOptions

    func run() throws {
        let workspace = try Workspace(options, operator: `operator`.name)
        let account = try workspace.accountName(account)
        let (claims, _) = try workspace.editableAccount(account, under: workspace.operatorToken())
        var names: [PublicKey: String] = [:]
        for user in try StoredUser.all(of: account, in: workspace.store) { names[user.key] = user.name }
        var table = TextTable("user", "key", "issued until")
        var writer = JSONWriter()
        writer.object { object in
            object.member("account", account)
            object.list("revocations") { list in
                for (key, time) in claims.revocations.sorted {
                    let name = key.flatMap { names[$0] }
                    table.add(key == nil ? "(all)" : name ?? "-", key?.text ?? "*", "\(time)")
                    list.object {
                        $0.member("user", name)
                        $0.member("key", key?.text ?? "*")
                        $0.member("at", "\(time)")
                    }
                }
            }
        }
        try StandardOutput.write(json ? writer.text + "\n" : table.text)
    }
}
