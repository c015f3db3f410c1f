import ArgumentParser
import Trust

/// `credence check --stdin`: many questions about one user.
struct CheckStream: ParsableCommand {
    static let name = "stream"
    static let configuration = CommandConfiguration(
        commandName: name, abstract: "The same as `credence check --stdin`: answer one question a line.",
        discussion: """
            A line is `publish SUBJECT` or `subscribe SUBJECT [QUEUE]`; empty lines do not count. A line that is \
            neither gives an object with `line` and `error`, and the rest goes on. Answers are JSON, one object a line. \
            Exit code 0 when everything is allowed, 1 when something is denied, 65 when a line could not be read.
            """)

    @Flag(name: [.customShort("J"), .long], help: "Print JSON, as is done anyway.")
    var json = false

    @OptionGroup var options: CheckOptions

    func validate() throws {
        if options.user == "-" || options.operator.file == "-" {
            throw ValidationError("standard input holds the questions, and cannot hold a token too")
        }
    }

    func run() throws {
        let checker = try options.checker()
        var status = ExitStatus.yes
        if case .refused = checker.standing { status = .no }
        var output = ""
        func fail(_ line: Int, _ reason: String) {
            var writer = JSONWriter()
            writer.object {
                $0.member("line", line)
                $0.member("error", reason)
            }
            output += writer.text + "\n"
            status = .badInput
        }
        try LineReader.forEachLine { (line, number) throws(CommandFailure) in
            guard let line else {
                return fail(number, "the line is longer than \(LineReader.longestLine) bytes")
            }
            do throws(CheckRequest.Fault) {
                let answer = checker.answer(try CheckRequest(line: line))
                if !answer.isAllowed, status == .yes { status = .no }
                output += answer.json
            } catch {
                fail(number, error.text)
            }
        } flush: { () throws(CommandFailure) in
            try StandardOutput.write(output)
            output = ""
        }
        if status != .yes { throw status.asError }
    }
}
