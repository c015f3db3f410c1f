import ArgumentParser
import NKeys
import Trust

/// Which export, and whose activations of it, with nsc's flags.
struct ActivationOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "The subject of the export.") var subject: String
    @Flag(name: [.customShort("r"), .long], help: "The service of that subject, where a stream has it too.")
    var service = false
    @Option(
        name: [.short, .long], help: ArgumentHelp("Who imports: a key, a name, or `*` for all.", valueName: "account"))
    var targetAccount: String

    func export(in draft: AccountDraft) throws(CommandFailure) -> Int {
        try draft.export(of: try SubjectArgument.pattern(subject, flag: "--subject"), service: service)
    }

    /// The importer's key; nil for all.
    func key(_ draft: AccountDraft) throws(CommandFailure) -> PublicKey? {
        targetAccount == "*" ? nil : try draft.accounts.key(targetAccount, flag: "--target-account")
    }
}

/// `credence revocations add-activation`
struct RevokeActivation: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add-activation", abstract: "Revoke the activations of an export, of one account or of all.",
        discussion: "Imports in the store that stop by it are told, and those whose token it does not cover.",
        aliases: ["add_activation"])

    @OptionGroup var activation: ActivationOptions
    @OptionGroup var time: RevocationTime
    @OptionGroup var change: ChangeOptions

    func run() throws {
        try change.change { draft in
            let index = try activation.export(in: draft)
            let key = try activation.key(draft)
            let export = draft.claims.exports[index]
            let tokens = try Self.tokens(of: export, for: key, draft)
            var revocations = export.revocations
            let time = time.revoke(key, in: &revocations, covering: tokens.map(\.issuedAt).max(), &draft)
            draft.claims.exports[index].revocations = revocations
            for token in tokens where token.issuedAt > time {
                draft.remarks.append(
                    "the token of account \(Files.quoted(token.account)) for `\(token.subject)` is not covered: it was "
                        + "issued later, at \(token.issuedAt)")
            }
            if !export.tokenRequired {
                draft.remarks.append("the export is public: who imports it without a token is not stopped")
            }
            draft.dependents = .told
            return "revoked the activations of \(export.kind.rawValue) export `\(export.subject.text)` for "
                + "\(key.map { "account \($0.text)" } ?? "all accounts") until \(time)"
        }
    }

    private struct StoredActivation {
        let account: String
        let subject: String
        let issuedAt: UnixTime
    }

    /// The tokens for the export that accounts of the store hold.
    private static func tokens(
        of export: Export, for key: PublicKey?, _ draft: AccountDraft
    ) throws(CommandFailure) -> [StoredActivation] {
        var tokens: [StoredActivation] = []
        try draft.accounts.forEachImport(from: draft.before.common.subject) { name, account, index in
            let item = account.claims.imports[index]
            guard key == nil || account.key == key, item.kind == export.kind,
                export.subject.contains(item.exporterSubject),
                let issuedAt = item.token.flatMap(ActivationInput.claims)?.common.issuedAt
            else { return }
            tokens.append(StoredActivation(account: name, subject: item.exporterSubject.text, issuedAt: issuedAt))
        }
        return tokens
    }
}

/// `credence revocations delete-activation`
struct RestoreActivation: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete-activation", abstract: "Take the revocation of activations back.",
        aliases: ["delete_activation"])

    @OptionGroup var activation: ActivationOptions
    @OptionGroup var change: ChangeOptions

    func run() throws {
        try change.change { draft in
            let index = try activation.export(in: draft)
            let key = try activation.key(draft)
            let what = key.map { "account \($0.text)" } ?? "all accounts"
            let time = try draft.claims.exports[index].revocations.takeBack(key, of: what)
            draft.remarks.append("activations issued until \(time) count again")
            if key != nil, let everyone = draft.claims.exports[index].revocations.everyone {
                draft.remarks.append("the activations of all accounts are revoked until \(everyone), these too")
            }
            draft.dependents = .told
            return "deleted the revocation of \(what) for `\(activation.subject)`"
        }
    }
}

/// `credence revocations list-activations`
struct ListRevokedActivations: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list-activations", abstract: "Show whose activations the exports of an account revoke.",
        aliases: ["list_activations"])

    @Option(name: [.short, .long], help: "The subject of an export; all exports without.") var subject: String?
    @Flag(name: [.customShort("r"), .long], help: "Services only.") var service = false
    @Option(name: [.short, .long], help: "The account; not needed where there is one.") var account: String?
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @OptionGroup var `operator`: OperatorOption
    @OptionGroup var options: StoreOptions

    func run() throws {
        let workspace = try Workspace(options, operator: `operator`.name)
        let account = try workspace.accountName(account)
        let subject = try subject.map { try SubjectArgument.pattern($0, flag: "--subject") }
        let (claims, _) = try workspace.editableAccount(account, under: workspace.operatorToken())
        let names = try KnownAccounts.names(in: workspace.store)
        var table = TextTable("export", "kind", "account", "key", "issued until")
        var writer = JSONWriter()
        writer.object { object in
            object.member("account", account)
            object.list("revocations") { list in
                for export in claims.exports
                where (subject == nil || export.subject == subject) && (!service || export.kind == .service) {
                    for (key, time) in export.revocations.sorted {
                        let name = key.flatMap { names[$0] }
                        table.add(
                            export.subject.text, export.kind.rawValue, key == nil ? "(all)" : name ?? "-",
                            key?.text ?? "*", "\(time)")
                        list.object {
                            $0.member("export", export.subject.text)
                            $0.member("kind", export.kind.rawValue)
                            $0.member("account", name)
                            $0.member("key", key?.text ?? "*")
                            $0.member("at", "\(time)")
                        }
                    }
                }
            }
        }
        try StandardOutput.write(json ? writer.text + "\n" : table.text)
    }
}
