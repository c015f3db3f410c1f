import ArgumentParser
import FolderStores
import NKeys
import Trust

/// `credence rotate finish`
struct RotateFinish: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finish", abstract: "Take the old key of a rotation away.",
        discussion: """
            Only when nothing in the store hangs on it, and the time in which both keys were to hold is over; --now takes \
            it away all the same, and says what breaks. Its seed stays in the keystore.
            """)

    @Option(
        name: .customLong("key"),
        help: ArgumentHelp("The key that is to go; not needed for the only one.", valueName: "key"))
    var old: String?
    @Flag(help: "Do not wait, whatever hangs on the key.") var now = false
    @OptionGroup var key: SigningKeyOption
    @OptionGroup var rotation: RotationOptions

    func run() throws {
        let workspace = try rotation.workspace()
        let rotator = KeyRotator(workspace: workspace, choice: key.choice, configurations: rotation.configurations)
        let outcome: KeyRotator.Outcome
        do {
            outcome = try rotator.finish(try oldKey(in: workspace), when: now ? .now : .whenSafe)
        } catch let refused as RefusedToken {
            throw refused.failure
        }
        let (report, hanging) = (outcome.report, outcome.report.findings.hanging)
        if report.isRefused {
            if rotation.json { try rotation.tell(outcome) }
            let why =
                hanging.isEmpty
                ? "both keys are to hold until \(report.rotation.until)"
                : "\(hanging.count) things hang on it: \(hanging.prefix(3).map(\.line).joined(separator: "; "))"
            throw CommandFailure(
                .no, "`\(report.rotation.old.text)` is not taken away: \(why)",
                hint: hanging.isEmpty
                    ? "--now does not wait" : "`credence rotate report` shows all; --now takes it away all the same")
        }
        for dependent in hanging {
            StandardError.write("warning: no longer holds: \(Printable.line(dependent.line))\n")
        }
        guard !rotation.json else { return try rotation.tell(outcome) }
        try StandardOutput.write(outcome.done.map { Printable.line($0) + "\n" }.joined())
    }

    private func oldKey(in workspace: Workspace) throws(CommandFailure) -> PublicKey {
        if let old { return try Self.key(old) }
        let rotations = try RotationRecord(of: workspace.store).rotations
        if rotations.count == 1 { return rotations[0].old }
        throw CommandFailure(
            .usage, "\(rotations.isEmpty ? "no rotation is" : "several rotations are") under way",
            hint: rotations.isEmpty ? "begin one with `credence rotate start`" : "name the old key of one with --key")
    }

    static func key(_ text: String) throws(CommandFailure) -> PublicKey {
        try KeyArgument.refuseSeed(text, flag: "--key")
        do {
            return try PublicKey(text)
        } catch {
            throw CommandFailure(
                .badInput, "--key: \(error)", hint: "`credence rotate report` shows the keys that are to go")
        }
    }
}
