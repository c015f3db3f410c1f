import ArgumentParser
import Trust

/// `credence explain user`: why a user is accepted, or not.
struct ExplainUser: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Why a user is accepted in its account, or not.",
        discussion: "What only a connection can show (address, hours, proof of the key) is not asked.")

    @OptionGroup var options: ExplainUserOptions

    func run() throws {
        let scene = try options.scene()
        let user = try scene.explainedUser(options)
        let tree = scene.explainer.user(user.verdict, token: user.token, account: user.account)
        try Explain.show(
            tree, isYes: user.verdict.isAccepted, json: options.json,
            failures: user.failures(under: scene.operator.entity), warnings: user.verdict.warnings
        ) {
            $0.member("subject", user.token.name?.subject.text)
            $0.member("accepted", user.verdict.isAccepted)
        }
    }
}
