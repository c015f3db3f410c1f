import ArgumentParser
import FolderStores
import Subjects
import Trust

/// `credence explain ...`: why, as a tree of rules.
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say why an import is in force or not, and why a user may or may not: a tree of rules.",
        discussion: """
            Each rule stands with its outcome, the token it was judged on (by type, `sub` and `jti`) and the claims \
            that decided. What refuses is what `credence validate` and `credence check` name. The exit code is 0 when \
            the import is in force or the user may, else 1.
            """,
        subcommands: [ExplainImport.self, ExplainUser.self, ExplainPublish.self, ExplainSubscribe.self])

    /// Prints a tree as text, or as the last member of an object that begins as `members` say; a refusal is a no.
    static func show(
        _ tree: Explanation, isYes: Bool, json: Bool, failures: [Finding], warnings: [Finding],
        members: (inout JSONWriter) -> Void
    ) throws {
        if json {
            var writer = JSONWriter()
            writer.object {
                members(&$0)
                $0.findings("failures", failures)
                $0.findings("warnings", warnings)
                $0.name("explanation")
                $0.explanation(tree)
            }
            try StandardOutput.write(writer.text + "\n")
        } else {
            try StandardOutput.write(ExplanationText(tree).text)
        }
        if !isYes { throw ExitStatus.no.asError }
    }

    /// Explains what a user asks to do.
    static func show(
        _ operation: MessageOperation, _ request: CheckRequest, _ options: ExplainUserOptions, cluster: String?
    ) throws {
        let scene = try options.scene()
        let user = try scene.explainedUser(options)
        let listing = try read { () throws(StoreFault) in try scene.store.accounts() }
        var inForce: AccountInForce?
        if user.verdict.isAccepted, let name = user.accountName {
            inForce = try scene.explainedAccount(named: name, in: listing).inForce
        }
        let tree: Explanation
        do throws(PermissionsError) {
            tree = try scene.explainer.operation(
                operation, user.verdict, token: user.token, account: user.account, inForce: inForce, cluster: cluster)
        } catch {
            throw CommandFailure(.badInput, "the user's permissions: \(error)")
        }
        let isAllowed = tree.outcome == .holds
        try show(
            tree, isYes: isAllowed, json: options.json, failures: user.failures(under: scene.operator.entity),
            warnings: user.verdict.warnings
        ) {
            $0.member("operation", request.operation)
            $0.member("subject", request.subject)
            $0.member("queue", request.queue?.text)
            $0.member("allowed", isAllowed)
        }
    }
}
