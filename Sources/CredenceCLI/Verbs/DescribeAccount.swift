import ArgumentParser
import FolderStores
import NKeys
import Trust

/// `credence describe account`: what an account is, and which of its imports are in force.
struct DescribeAccount: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Show an account: exports, limits, keys, and which imports are in force.",
        discussion: """
            Account and imports are judged as `credence validate` judges them, against the exporters in the store. \
            The exit code is 1 when the account or one of its imports is refused.
            """)

    @Argument(help: "The account: its name or its key; not needed where there is one.") var account: String?
    @Option(name: [.short, .long], help: "The same, as nsc takes it.") var name: String?
    @OptionGroup var `operator`: OperatorOption
    @OptionGroup var describe: DescribeOptions

    func validate() throws {
        if account != nil, name != nil { throw ValidationError("name the account once") }
    }

    func run() throws {
        let scene = try describe.scene(operator: `operator`.name)
        let (file, account) = try scene.account(account ?? name)
        let token = try read { () throws(StoreFault) in try scene.store.accountToken(named: file) }
        let description = describe.description(of: token, account.entity.outcome, scene.judge)
        let report = token.withUnsafeBufferPointer { scene.judge.verifier.report(utf8: $0, at: scene.judge.now) }
        let isAccepted = account.entity.outcome.isAccepted && account.imports.allSatisfy(\.outcome.isAccepted)
        if describe.json {
            var writer = JSONWriter()
            writer.object {
                description.write(into: &$0, isAccepted: isAccepted)
                $0.list("imports") { list in
                    for (index, item) in account.imports.enumerated() {
                        list.object { $0.importing(item, at: index) }
                    }
                }
            }
            try StandardOutput.write(writer.text + "\n")
        } else {
            var lines = description.summary
            if let claims = report.claims as? AccountClaims {
                let names = try KnownAccounts.names(in: scene.store)
                lines += AccountText(claims: claims, report: account, names: names).lines
            }
            try StandardOutput.write(lines.map { Printable.line($0) + "\n" }.joined())
        }
        if !isAccepted { throw ExitStatus.no.asError }
    }
}
