import ArgumentParser
import FolderStores
import Trust

/// What every verb takes that says why.
struct ExplainOptions: ParsableArguments {
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @OptionGroup var judgement: JudgementOptions
    @OptionGroup var options: StoreOptions
    @OptionGroup var `operator`: OperatorFileOption

    /// The store, with the judge of it.
    func scene() throws(CommandFailure) -> StoreScene {
        let store = try options.open()
        let judge = StoreJudge(policy: judgement.rules, at: judgement.moment, workers: Workers(count: 1))
        let token = try `operator`.token(of: store)
        let trusted = TrustedOperator(token, name: store.operatorName ?? "", verifier: judge.verifier, now: judge.now)
        return StoreScene(store: store, judge: judge, operatorToken: token, operator: trusted)
    }
}

/// Which user is meant: by a file, or by the name that it has in the store.
struct ExplainUserOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "The user: a token, a decorated .jwt or a .creds file, `-` for standard input; or its name in the store.",
            valueName: "file or name"))
    var user: String
    @Option(name: [.short, .long], help: "The account in whose folder the user is looked for by its name.")
    var account: String?
    @OptionGroup var explain: ExplainOptions

    func validate() throws {
        if user == "-", explain.operator.file == "-" {
            throw ValidationError("standard input cannot be both the user and the operator")
        }
    }
}
