import ArgumentParser
import NKeys
import Trust

/// `credence delete import`
struct DeleteImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take an import out of an account.")

    @Option(name: [.short, .long], help: "The subject of the import, the exporter's or the local one.")
    var subject: String
    @Option(help: ArgumentHelp("Whose it is, where several match: a key or a name.", valueName: "account"))
    var srcAccount: String?
    @Flag(help: "The service, where a stream has the subject too.") var service = false
    @OptionGroup var change: ChangeOptions

    func run() throws {
        let subject = try SubjectArgument.pattern(subject, flag: "--subject")
        try change.change { draft in
            let source = try srcAccount.map { try draft.accounts.key($0, flag: "--src-account") }
            let imports = draft.claims.imports
            let matching = imports.indices.filter { index in
                let item = imports[index]
                return (item.exporterSubject == subject || item.localPattern == subject || item.subject == subject)
                    && (source == nil || item.account == source) && (!service || item.kind == .service)
            }
            guard let index = matching.first else {
                throw CommandFailure(
                    .noInput, "account \(Files.quoted(draft.name)) has no such import of \(Files.quoted(subject.text))",
                    hint: "`credence describe account` shows its imports")
            }
            guard matching.count == 1 else {
                let several = matching.prefix(10).map {
                    "\(imports[$0].kind.rawValue) `\(imports[$0].exporterSubject.text)` of `\(imports[$0].account.text)`"
                }
                throw CommandFailure(
                    .usage, "several imports match: \(several.joined(separator: ", "))",
                    hint: "name one by its local subject, or with --src-account and --service")
            }
            let item = draft.claims.imports.remove(at: index)
            return "deleted \(item.kind.rawValue) import `\(item.exporterSubject.text)` from account \(draft.name)"
        }
    }
}
