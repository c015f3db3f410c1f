import ArgumentParser
import FolderStores
import Trust

/// `credence describe user`
struct DescribeUser: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Show a user of an account, and what the rules say of it in that account.")

    @Option(name: [.short, .long], help: "The user.") var name: String
    @Option(name: [.short, .long], help: "The account; not needed where there is one.") var account: String?
    @OptionGroup var `operator`: OperatorOption
    @OptionGroup var describe: DescribeOptions

    func run() throws {
        let scene = try describe.scene(operator: `operator`.name)
        let (account, _) = try scene.account(account)
        let token = try read { () throws(StoreFault) in
            try scene.store.userToken(named: name, ofAccount: account)
        }
        let owner = try read { () throws(StoreFault) in try scene.store.accountToken(named: account) }
        let chain = ChainVerifier(anchors: scene.operator.anchors, verifier: scene.judge.verifier)
        let verdict = chain.user(
            String(decoding: token, as: UTF8.self),
            resolver: OneAccount(token: String(decoding: owner, as: UTF8.self)), at: scene.judge.now)
        try describe.show(token, Outcome(verdict), scene.judge)
    }
}
