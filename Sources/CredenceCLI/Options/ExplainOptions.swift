import ArgumentParser
import FolderStores
import Trust

/// What `credence explain import` takes beside the import.
struct ExplainOptions: ParsableArguments {
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @OptionGroup var judgement: JudgementOptions
    @OptionGroup var options: StoreOptions
    @OptionGroup var `operator`: OperatorFileOption

    func scene() throws(CommandFailure) -> StoreScene {
        try StoreScene(explaining: options, `operator`, judgement)
    }
}

/// Which user is meant: by a file, or by the name that it has in the store; and the rest that `credence explain` takes.
///
/// Groups of options inside groups cost the parser time, so it does not hold `ExplainOptions`.
struct ExplainUserOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "The user: a token, a decorated .jwt or a .creds file, `-` for standard input; or its name in the store.",
            valueName: "file or name"))
    var user: String
    @Option(name: [.short, .long], help: "The account in whose folder the user is looked for by its name.")
    var account: String?
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @OptionGroup var judgement: JudgementOptions
    @OptionGroup var options: StoreOptions
    @OptionGroup var `operator`: OperatorFileOption

    func validate() throws {
        if user == "-", `operator`.file == "-" {
            throw ValidationError("standard input cannot be both the user and the operator")
        }
    }

    func scene() throws(CommandFailure) -> StoreScene {
        try StoreScene(explaining: options, `operator`, judgement)
    }
}

extension StoreScene {
    /// The store, under its own operator or the one that is given, with the judge of it.
    fileprivate init(
        explaining options: StoreOptions, _ operator: OperatorFileOption, _ judgement: JudgementOptions
    ) throws(CommandFailure) {
        store = try options.open()
        judge = StoreJudge(policy: judgement.rules, at: judgement.moment, workers: Workers(count: 1))
        operatorToken = try `operator`.token(of: store)
        self.operator = TrustedOperator(
            operatorToken, name: store.operatorName ?? "", verifier: judge.verifier, now: judge.now)
    }
}
