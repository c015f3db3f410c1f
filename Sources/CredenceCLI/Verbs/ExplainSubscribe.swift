import ArgumentParser
import Subjects
import Trust

/// `credence explain subscribe SUBJECT`
struct ExplainSubscribe: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscribe", abstract: "Why a user may subscribe to a subject, or not, and what feeds it.",
        discussion: "Stream imports of the account that the subject meets are told, those in force and the others.")

    @Argument(help: "A subject, which may have wildcards.") var subject: String
    @Option(name: [.short, .long], help: ArgumentHelp("The queue group to subscribe in.", valueName: "name"))
    var queue: String?
    @OptionGroup var options: ExplainUserOptions

    func run() throws {
        let pattern = try SubjectArgument.pattern(subject, flag: "the subject")
        let queue = try self.queue.map { text throws(CommandFailure) in
            do throws(SubjectError) {
                return try QueueName(text)
            } catch {
                throw CommandFailure(
                    .badInput, "\(Files.quoted(text)): \(error)", hint: PermissionOptions.hint(for: error, in: text))
            }
        }
        try Explain.show(.subscribe(pattern, queue: queue), .subscribe(pattern, queue), options, cluster: nil)
    }
}
