import ArgumentParser
import NKeys
import Subjects
import Trust

/// `credence add import`: what an account takes from another.
struct AddImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take a stream or service of another account into an account.",
        discussion: """
            Whether the import holds is judged at once against the exporter in the store; what does not hold is not \
            added. A private export needs a token, which its owner makes with `credence generate activation`; account, \
            subject and kind are those of the token where they are not given.
            """)

    @Option(help: ArgumentHelp("Who exports: a key, or the name of an account of the store.", valueName: "account"))
    var srcAccount: String?
    @Option(help: ArgumentHelp("What is imported, as the exporter names it.", valueName: "subject"))
    var remoteSubject: String?
    @Option(
        name: [.customShort("s"), .long],
        help: ArgumentHelp("What it is called here: `*` or `$1` stand for the exporter's `*`.", valueName: "subject"))
    var localSubject: String?
    @Flag(help: "A service; a stream without, or what the token says.") var service = false
    @Option(name: [.short, .long], help: "The import's name; its subject without one.") var name: String?
    @Flag(help: "Tell the exporter of a service who asks.") var share = false
    @Flag(help: "Messages that are traced stay so on the way out of a stream.") var allowTrace = false
    @Option(
        name: [.customShort("u"), .long],
        help: ArgumentHelp("The activation of a private export; `-` for standard input.", valueName: "file"))
    var token: String?
    @OptionGroup var change: ChangeOptions

    func validate() throws {
        if token == nil, srcAccount == nil || remoteSubject == nil {
            throw ValidationError("say what is imported: --src-account and --remote-subject, or --token")
        }
    }

    func run() throws {
        let remote = try remoteSubject.map { try SubjectArgument.pattern($0, flag: "--remote-subject") }
        try change.change { draft in
            let text = try token.map(ActivationInput.read)
            let item = try item(text, remote, draft.accounts)
            if item.kind == .stream, draft.claims.imports.contains(where: { $0.isSame(as: item) }) {
                // The server takes one of the two, and lets the other go without a word.
                throw CommandFailure(
                    .no, "account \(Files.quoted(draft.name)) imports `\(item.subject.text)` already",
                    hint: "`credence delete import` takes the other away")
            }
            draft.importsToBind.append(draft.claims.imports.count)
            draft.claims.imports.append(item)
            let local = item.localSubject.map { " as `\($0)`" } ?? ""
            return "added \(item.kind.rawValue) import `\(item.subject.text)`\(local) from account "
                + "\(item.account.text) to account \(draft.name)"
        }
    }

    /// The import. What the token says fills what the command line leaves out; whether they fit is judged later.
    private func item(_ text: String?, _ remote: SubjectPattern?, _ accounts: KnownAccounts) throws -> Import {
        let activation = text.flatMap(ActivationInput.claims)
        let source = try srcAccount.map { try accounts.key($0, flag: "--src-account") } ?? activation?.exporter
        guard let source, let subject = remote ?? activation?.subject else {
            throw CommandFailure(
                .badInput, "--token: \(Files.name(token ?? "-")) holds no activation that says what is imported",
                hint: "`credence describe jwt` shows what it is")
        }
        var item = Import(
            subject: subject, account: source, kind: service ? .service : activation?.kind ?? .stream,
            name: name ?? subject.text, token: text)
        item.localSubject = localSubject
        item.share = share
        item.allowTrace = allowTrace
        return item
    }
}

extension Import {
    /// Whether the other takes the same from the same account, under whatever name.
    fileprivate func isSame(as other: Import) -> Bool {
        account == other.account && kind == other.kind && exporterSubject == other.exporterSubject
    }
}
