import ArgumentParser
import FolderStores
import NKeys
import SystemTimeZones
import Trust

/// `credence generate creds`: the file that a user connects with.
struct GenerateCreds: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "creds", abstract: "Write the creds of a user: its token and its seed.",
        discussion: "Whoever has the file can connect as the user. A file is written for its owner alone.")

    @Option(name: [.short, .long], help: "The account; not needed where there is one.") var account: String?
    @Option(name: [.short, .long], help: "The user.") var name: String
    @Option(
        name: [.short, .long], help: ArgumentHelp("The file to write; standard output without it.", valueName: "file"))
    var outputFile: String?
    @Flag(name: [.customShort("F"), .long], help: "Replace the file where there is one.") var force = false
    @OptionGroup var `operator`: OperatorOption
    @OptionGroup var options: StoreOptions

    func run() throws {
        let workspace = try Workspace(options, operator: `operator`.name)
        let account = try workspace.accountName(account)
        let token = try read { () throws(StoreFault) in
            try workspace.store.userToken(named: name, ofAccount: account)
        }
        let pair = try seed(of: token, in: workspace)
        let creds: SecretBytes
        do {
            creds = try CredentialsFile.render(token: token, seed: pair.seed)
        } catch {
            throw CommandFailure(.badInput, "the token of user \(Files.quoted(name)): \(error)")
        }
        try creds.withUnsafeBytes { (bytes) throws(CommandFailure) in
            guard let outputFile, outputFile != "--" else { return try StandardOutput.write(bytes) }
            try Files.writeSecret(bytes, to: outputFile, replacing: force ? .allowed : .refused)
        }
    }

    /// The key pair of the user. A token that no server would accept is told of, and written all the same.
    private func seed(of token: [UInt8], in workspace: Workspace) throws(CommandFailure) -> KeyPair {
        let verifier = TokenVerifier(zones: SystemZones())
        let report = token.withUnsafeBufferPointer { verifier.report(utf8: $0, at: workspace.now) }
        let what = "the token of user \(Files.quoted(name))"
        guard let claims = report.claims as? UserClaims else {
            let finding = report.failures.first.map { Printable.finding($0) } ?? "no user token"
            throw CommandFailure(
                .badInput, "\(what) cannot be read: \(finding)", hint: "`credence describe jwt` shows what it is")
        }
        for finding in report.failures {
            StandardError.write("warning: \(what) is refused: \(Printable.finding(finding))\n")
        }
        let subject = claims.common.subject
        if let pair = try read({ () throws(StoreFault) in try workspace.keystore.keyPair(for: subject) }) {
            return pair
        }
        throw CommandFailure(
            .noInput, "the seed of `\(subject.text)` is not in the keystore \(Files.quoted(workspace.keystore.path))",
            hint: "name the keystore that has it with --keystore")
    }
}
