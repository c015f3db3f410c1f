import ArgumentParser
import NKeys

/// `credence rotate start`
struct RotateStart: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Make the new key, and sign with it what the old one signed.",
        discussion: """
            Both keys hold until the rotation is finished. Run it again to go on with one that was interrupted, or to \
            sign what came since. What could not be signed again is listed, and the exit code is 1 then.
            """,
        subcommands: [RotateOperatorKey.self, RotateAccountKey.self])
}

/// What `rotate start` takes for both kinds of key.
struct RotationStart: ParsableArguments {
    @Option(
        help: ArgumentHelp("How long both keys are to hold: 72h, 30d, a day, a time; 0 for no time.", valueName: "time")
    )
    var overlap = Deadline.afterSeconds(72 * 3600)
    @OptionGroup var key: SigningKeyOption
    @OptionGroup var rotation: RotationOptions

    func start(_ old: String?, of role: KeyRole, account: String?) throws {
        let rotator = KeyRotator(
            workspace: try rotation.workspace(), choice: key.choice, configurations: rotation.configurations)
        let outcome: KeyRotator.Outcome
        do {
            outcome = try rotator.start(old, of: role, account: account, overlap: overlap)
        } catch let refused as RefusedToken {
            throw refused.failure
        }
        try rotation.tell(outcome)
        if !outcome.report.findings.hanging.isEmpty { throw ExitStatus.no.asError }
    }
}

/// `credence rotate start operator`
struct RotateOperatorKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator", abstract: "Rotate a signing key of the operator.",
        discussion: "The operator's identity key signs its token: its seed is in the keystore, or in the file of -K.")

    @Option(
        name: .customLong("key"),
        help: ArgumentHelp("The key that is to go; not needed for the only one.", valueName: "key"))
    var old: String?
    @OptionGroup var start: RotationStart

    func run() throws { try start.start(old, of: .operator, account: nil) }
}

/// `credence rotate start account`
struct RotateAccountKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Rotate a signing key of an account.",
        discussion:
            "The new key of a role has the same role and template. A key of the operator signs the account (-K).")

    @Option(name: [.short, .long], help: "The account; not needed where the key tells it, or there is one.")
    var account: String?
    @Option(
        name: .customLong("key"),
        help: ArgumentHelp("The key that is to go, or its role; not needed for the only one.", valueName: "key"))
    var old: String?
    @OptionGroup var start: RotationStart

    func run() throws { try start.start(old, of: .account, account: account) }
}
