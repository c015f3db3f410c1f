import ArgumentParser
import FolderStores
import NKeys
import Subjects
import Trust

/// `credence explain import`: why an import is in force, or not.
struct ExplainImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Why an import is in force, or not.",
        discussion: """
            Every rule for imports stands once, with its outcome: those of the activation token below B-token-invalid, \
            the exporter and its own rules below B-exporter-unknown, the exports that decide below B-export-missing.
            """)

    @Option(name: [.short, .long], help: "The account that imports, by name or key; not needed where there is one.")
    var account: String?
    @Option(name: [.short, .long], help: "The import's place in the account's token, from 0.") var index: Int?
    @Option(name: [.short, .long], help: "Its subject instead, the exporter's or the local one.") var subject: String?
    @OptionGroup var explain: ExplainOptions

    func validate() throws {
        if (index == nil) == (subject == nil) {
            throw ValidationError("say which import is meant: --index or --subject")
        }
    }

    func run() throws {
        let subject = try subject.map { try SubjectArgument.pattern($0, flag: "--subject") }
        let scene = try explain.scene()
        let listing = try read { () throws(StoreFault) in try scene.store.accounts() }
        let name = try scene.name(of: account, in: listing)
        let account = try scene.explainedAccount(named: name, in: listing)
        guard let claims = account.token.claims as? AccountClaims else {
            throw CommandFailure(
                .badInput, "the token of account \(Files.quoted(name)) says nothing that can be read as an account",
                hint: "`credence validate` names the rules against it")
        }
        let index = try place(subject, in: claims, of: name)
        let verdict = account.inForce?.imports[index]
        let exporter = account.exporter(claims.imports[index].account)
        if exporter == nil { try scene.warnOfUnreadAccounts() }
        guard
            let tree = scene.explainer.import(at: index, of: account.token, verdict: verdict, exporter: exporter),
            account.imports.indices.contains(index)
        else { throw CommandFailure(.internalError, "the import was not judged") }
        let outcome = account.imports[index].outcome
        try Explain.show(
            tree, isYes: outcome.isAccepted, json: explain.json, failures: outcome.failures, warnings: outcome.warnings
        ) {
            $0.member("account", claims.common.subject.text)
            $0.member("index", index)
            $0.member("accepted", outcome.isAccepted)
        }
    }

    private func place(
        _ subject: SubjectPattern?, in claims: AccountClaims, of name: String
    ) throws(CommandFailure) -> Int {
        let imports = claims.imports
        if let index {
            if imports.indices.contains(index) { return index }
            throw CommandFailure(
                .noInput, "account \(Files.quoted(name)) has \(imports.count) imports, and none at \(index)",
                hint: "places count from 0; `credence describe account` shows them")
        }
        let matching = imports.indices.filter { index in
            let item = imports[index]
            return item.exporterSubject == subject || item.localPattern == subject || item.subject == subject
        }
        if matching.count == 1 { return matching[0] }
        let asked = Files.quoted(subject?.text ?? "")
        guard matching.isEmpty else {
            let several = matching.prefix(10).map { "\($0)" }.joined(separator: ", ")
            throw CommandFailure(.usage, "several imports match \(asked): \(several)", hint: "name one with --index")
        }
        throw CommandFailure(
            .noInput, "account \(Files.quoted(name)) has no import of \(asked)",
            hint: "`credence describe account` shows its imports")
    }
}
