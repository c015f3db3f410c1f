import ArgumentParser
import NKeys
import Trust

/// What every verb takes that changes an account.
struct ChangeOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "The account; not needed where there is one.") var account: String?
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @OptionGroup var key: SigningKeyOption
    @OptionGroup var `operator`: OperatorOption
    @OptionGroup var options: StoreOptions

    func workspace() throws(CommandFailure) -> Workspace { try Workspace(options, operator: `operator`.name) }

    /// Changes the account, and prints what was done, or every rule that stands against it.
    func change(_ change: (inout AccountDraft) throws -> String) throws {
        let workspace = try workspace()
        let name = try workspace.accountName(account)
        let editor = AccountEditor(
            workspace: workspace, signing: try Signing(workspace, choice: key.choice), name: name)
        try Self.telling(json: json, account: name) {
            let changed = try editor.edit(change)
            for finding in changed.warnings { StandardError.write("warning: \(Printable.finding(finding))\n") }
            for remark in changed.remarks { StandardError.write("warning: \(Printable.line(remark))\n") }
            guard json else { return try StandardOutput.write(Printable.line(changed.done) + "\n") }
            var writer = JSONWriter()
            writer.object {
                $0.member("accepted", true)
                $0.member("account", name)
                $0.member("subject", changed.account.key.text)
                $0.member("done", changed.done)
                $0.findings("failures", [])
                $0.findings("warnings", changed.warnings)
                $0.member("remarks", changed.remarks)
            }
            try StandardOutput.write(writer.text + "\n")
        }
    }

    /// Does something that rules may refuse, and tells them: as text, or as one JSON object.
    static func telling(json: Bool, account: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let refused as RefusedToken {
            guard json else { throw refused.failure }
            var writer = JSONWriter()
            writer.object {
                $0.member("accepted", false)
                $0.member("account", account)
                $0.findings("failures", refused.refusal.failures)
                $0.findings("warnings", refused.refusal.warnings)
            }
            try StandardOutput.write(writer.text + "\n")
            throw ExitStatus.no.asError
        }
    }
}
