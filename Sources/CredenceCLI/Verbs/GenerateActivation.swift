import ArgumentParser
import NKeys
import Subjects
import SystemTimeZones
import Trust

/// `credence generate activation`: the token by which one account may import one subject of another.
struct GenerateActivation: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activation", abstract: "Write the token by which an account may import a private export.",
        discussion: """
            The token grants exactly the subject, or a part of what is exported, to exactly the account. It is signed by \
            the exporting account or a signing key of it without a role. A file is written for its owner alone.
            """)

    @Option(name: [.short, .long], help: "What is granted: the subject of an export, or a part of it.")
    var subject: String
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Who may import: a key, or the name of an account of the store.", valueName: "account"))
    var targetAccount: String
    @Flag(name: [.customShort("r"), .long], help: "The service of that subject, where a stream has it too.")
    var service = false
    @OptionGroup var validity: ValidityOptions
    @Option(
        name: [.short, .long], help: ArgumentHelp("The file to write; standard output without it.", valueName: "file"))
    var outputFile: String?
    @Flag(name: [.customShort("F"), .long], help: "Replace the file where there is one.") var force = false
    @OptionGroup var change: ChangeOptions

    func run() throws {
        let subject = try SubjectArgument.pattern(subject, flag: "--subject")
        let workspace = try change.workspace()
        let name = try workspace.accountName(change.account)
        let `operator` = try workspace.operatorToken()
        // The whole chain: a token of an account that no server accepts binds nothing.
        _ = try workspace.trustedAccount(name, under: `operator`)
        let account = try workspace.accountToken(name)
        let importer = try KnownAccounts(workspace: workspace, operator: `operator`)
            .key(targetAccount, flag: "--target-account")

        let exports = account.claims.exports.filter { $0.subject.contains(subject) }
        let isService = service || !exports.contains { $0.kind == .stream } && !exports.isEmpty
        let kind: ExportKind = isService ? .service : .stream
        var claims = ActivationClaims(importer: importer, subject: subject, kind: kind)
        try validity.apply(to: &claims.common, now: workspace.now)
        var remarks: [String] = []
        if exports.contains(where: { $0.kind == kind && !$0.tokenRequired }) {
            remarks.append("the \(kind.rawValue) export is public: nobody needs a token for it")
        }
        let signing = try Signing(workspace, choice: change.key.choice)
        try ChangeOptions.telling(json: change.json, account: name) {
            let signer = try signing.signer(for: account, under: `operator`)
            let token: VerifiedToken<ActivationClaims>
            do throws(SigningError) {
                token = try signer.sign(claims, exportedBy: account, under: `operator`, at: workspace.now)
            } catch {
                throw error.refusal(of: "the activation of \(Files.quoted(subject.text))")
            }
            try write(token, account: name, remarks)
        }
    }

    private func write(
        _ token: VerifiedToken<ActivationClaims>, account: String, _ remarks: [String]
    ) throws {
        for remark in remarks { StandardError.write("warning: \(remark)\n") }
        let toFile = outputFile.flatMap { $0 == "--" ? nil : $0 }
        if let toFile {
            let text = try DecoratedToken.render(Array(token.text.utf8), label: .activation)
            try text.withUnsafeBytes { try Files.writeSecret($0, to: toFile, replacing: force ? .allowed : .refused) }
            if !change.json {
                try StandardOutput.write(
                    "wrote activation `\(token.claims.subject.text)` for account \(token.subject.text) to "
                        + "\(Printable.line(toFile))\n")
            }
        } else if !change.json {
            try StandardOutput.write(DecoratedToken.render(Array(token.text.utf8), label: .activation))
        }
        guard change.json else { return }
        var writer = JSONWriter()
        writer.object {
            $0.member("accepted", true)
            $0.member("account", account)
            $0.member("target", token.subject.text)
            $0.member("subject", token.claims.subject.text)
            $0.member("kind", token.claims.kind.rawValue)
            $0.member("token", toFile == nil ? token.text : nil)
            $0.findings("failures", [])
            $0.findings("warnings", [])
            $0.member("remarks", remarks)
        }
        try StandardOutput.write(writer.text + "\n")
    }
}
