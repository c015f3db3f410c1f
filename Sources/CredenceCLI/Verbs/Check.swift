import ArgumentParser
import Trust

/// `credence check ...`: what a user may publish and subscribe to.
struct Check: ParsableCommand {
    static let name = "check"
    static let configuration = CommandConfiguration(
        commandName: name, abstract: "May a user publish or subscribe here, and by which rule.",
        discussion: """
            The user is judged first, in the account that the store has: one that is refused may do nothing. What only \
            a connection can show (address, hours, proof of the key) is not asked. An answer names the list and the \
            entry that decided, and where that stands: in the user's token, or in its account's as default permissions \
            or as the template of a role.

            A publish that the account maps is checked on the subjects that it is mapped to; it is allowed when all \
            that a message may go to are. `credence check --stdin` answers many questions.
            """,
        subcommands: [CheckPublish.self, CheckSubscribe.self, CheckStream.self])

    /// The arguments with `check --stdin` spelled out as the subcommand that it is.
    static func spelledOut(_ arguments: [String]) -> [String] {
        guard arguments.first == name, arguments.prefix(while: { $0 != "--" }).contains("--stdin")
        else { return arguments }
        return [name, CheckStream.name] + arguments.dropFirst().filter { $0 != "--stdin" }
    }

    func run() throws {
        throw ValidationError("say what to check: `publish SUBJECT`, `subscribe SUBJECT` or --stdin")
    }

    /// Prints the answer; a denial is a no.
    static func report(_ request: CheckRequest, _ options: CheckOptions, json: Bool) throws {
        let checker = try options.checker()
        let answer = checker.answer(request)
        if !json { warn(checker) }
        try StandardOutput.write(json ? answer.json : CheckText(answer).text)
        if !answer.isAllowed { throw ExitStatus.no.asError }
    }

    static func warn(_ checker: SubjectChecker) {
        for finding in checker.warnings { StandardError.write("warning: \(Printable.finding(finding))\n") }
    }
}
