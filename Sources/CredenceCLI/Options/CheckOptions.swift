import ArgumentParser
import FolderStores
import SystemTimeZones
import Trust

/// Whose permissions are asked for, and how the user is judged before.
struct CheckOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "The user: a token, a decorated .jwt or a .creds file; `-` for standard input.", valueName: "file"))
    var user: String

    @OptionGroup var options: StoreOptions
    @OptionGroup var `operator`: OperatorFileOption

    @Option(help: ArgumentHelp("The cluster, for mappings that differ between clusters.", valueName: "name"))
    var cluster: String?

    @OptionGroup var judgement: JudgementOptions

    func validate() throws {
        if user == "-", `operator`.file == "-" {
            throw ValidationError("standard input cannot be both the user and the operator")
        }
    }

    /// Judges the user, in the account that the store has, under the operator of the store.
    func checker() throws(CommandFailure) -> SubjectChecker {
        let token = try TokenInput.read(user)
        let store = try options.open()
        let verifier = TokenVerifier(policy: judgement.rules, zones: SystemZones())
        let now = judgement.moment
        let trusted = TrustedOperator(
            try `operator`.token(of: store), name: store.operatorName ?? "", verifier: verifier, now: now)
        let chain = ChainVerifier(anchors: trusted.anchors, verifier: verifier)
        let accounts = try read { () throws(StoreFault) in try FolderAccountResolver(store) }
        let verdict = chain.user(String(decoding: token, as: UTF8.self), resolver: accounts, at: now)
        if verdict.failures.contains(where: { $0.rule == .accountUnknown }) {
            // One of the accounts that cannot be read may be the user's.
            for fault in accounts.faults { StandardError.write(CommandFailure(fault).text) }
        }
        return try SubjectChecker(verdict, operator: trusted.entity, cluster: cluster)
    }
}
