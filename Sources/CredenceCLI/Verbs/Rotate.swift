import ArgumentParser
import Trust

/// `credence rotate`: a new signing key in the place of an old one.
struct Rotate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a new signing key in the place of an old one, without a moment in which nothing holds.",
        discussion: """
            `start` makes the new key, adds it beside the old one and signs again what the old one signed; `report` says \
            what still hangs on the old one; `finish` takes it away. Identity keys are not rotated: they are what \
            everything else names. Docs/Operations.md has the whole way, with servers and clients.
            """,
        subcommands: [RotateStart.self, RotateReport.self, RotateFinish.self])
}

/// What every verb of a rotation takes.
struct RotationOptions: ParsableArguments {
    @Option(
        name: .customLong("configuration"),
        help: ArgumentHelp(
            "A configuration of `credence callout` or of the token endpoint, in which the key is looked for; can be "
                + "repeated.", valueName: "file"))
    var configurations: [String] = []
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @OptionGroup var `operator`: OperatorOption
    @OptionGroup var options: StoreOptions

    func workspace() throws(CommandFailure) -> Workspace { try Workspace(options, operator: `operator`.name) }

    /// Prints what was done and how things stand, and ends with 1 where something hangs on the old key.
    func tell(_ outcome: KeyRotator.Outcome) throws {
        let report = outcome.report
        if json {
            var writer = JSONWriter()
            writer.object { object in
                object.member("done", outcome.done)
                object.name("rotation")
                report.write(to: &object)
            }
            try StandardOutput.write(writer.text + "\n")
        } else {
            let lines = outcome.done + report.lines
            try StandardOutput.write(lines.map { Printable.line($0) + "\n" }.joined())
        }
    }
}
