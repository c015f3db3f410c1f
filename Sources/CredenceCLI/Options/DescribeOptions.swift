import ArgumentParser
import FolderStores
import Trust

/// What every verb takes that describes something of a store.
struct DescribeOptions: ParsableArguments {
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @Flag(name: [.customShort("R"), .long], help: "Show tokens and secrets that stand inside the claims.")
    var raw = false
    @OptionGroup var judgement: JudgementOptions
    @OptionGroup var options: StoreOptions

    /// The store's part that is described, with the judge of it.
    func scene(operator name: String?) throws(CommandFailure) -> StoreScene {
        let store = try options.open(operator: name)
        guard store.layout == .operatorFolder else {
            throw CommandFailure(
                .badInput, "\(Files.quoted(store.path)) is a resolver's folder, without an operator and names",
                hint: "`credence describe jwt` shows a file by itself, `credence validate` all of them")
        }
        let judge = StoreJudge(policy: judgement.rules, at: judgement.moment, workers: Workers(count: 1))
        let token = try read { () throws(StoreFault) in try store.operatorToken() }
        let `operator` = TrustedOperator(
            token, name: store.operatorName ?? "", verifier: judge.verifier, now: judge.now)
        return StoreScene(store: store, judge: judge, operatorToken: token, operator: `operator`)
    }

    /// Prints a token with a verdict of more rules than those for tokens.
    func show(_ token: [UInt8], _ outcome: Outcome, _ judge: StoreJudge) throws {
        let description = description(of: token, outcome, judge)
        try StandardOutput.write(json ? description.json : description.text)
        if !outcome.isAccepted { throw ExitStatus.no.asError }
    }

    func description(of token: [UInt8], _ outcome: Outcome, _ judge: StoreJudge) -> TokenDescription {
        let report = token.withUnsafeBufferPointer { judge.verifier.report(utf8: $0, at: judge.now) }
        return TokenDescription(report, secrets: raw ? .shown : .masked, outcome: outcome)
    }
}
