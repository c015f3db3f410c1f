import ArgumentParser

/// The command `credence`: one file a verb, and the exit codes of `ExitStatus`.
@main
struct Credence: AsyncParsableCommand {
    /// The version of the command.
    static let number = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "credence",
        abstract: "Operators, accounts, users and what they may import: made, read and judged.",
        discussion: """
            Works on the folders and keys that nsc keeps. Exit codes: 0 yes, 1 no (refused, findings), 64 wrong usage, \
            65 input that cannot be read as what it should be, 66 no such input, 70 internal error, 74 input or output.
            """,
        version: "credence \(number)",
        subcommands: [
            Validate.self, AuditCommand.self, Check.self, Explain.self, Describe.self, Add.self, Edit.self, Delete.self,
            Generate.self, RevocationVerbs.self, Rotate.self, Login.self, List.self, AccountServerCommand.self,
            BrokerCommand.self, CalloutCommand.self,
            JournalVerbs.self,
            RestoreCommand.self, ReplayCommand.self, Bench.self, Completion.self,
        ])

    /// Parses and runs, and turns what goes wrong into text on standard error and an exit code.
    static func main() async {
        do {
            let arguments = Check.spelledOut(OptionalValues.filled(Array(CommandLine.arguments.dropFirst())))
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            StandardError.write(failure.text)
            exit(withError: ExitCode(failure.status.rawValue))
        } catch {
            let code = exitCode(for: error)
            switch code {
            case .validationFailure:
                StandardError.write(fullMessage(for: error) + "\n")
                exit(withError: code)
            case .success: exit(withError: error)
            default:
                if error is ExitCode { exit(withError: error) }
                StandardError.write("error: internal error: \(error)\n")
                exit(withError: ExitCode(ExitStatus.internalError.rawValue))
            }
        }
    }
}
