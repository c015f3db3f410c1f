import ArgumentParser
import Subjects

/// `credence check subscribe SUBJECT`
struct CheckSubscribe: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscribe", abstract: "May the user subscribe to this subject.")

    @Argument(help: "A subject, which may have wildcards.")
    var subject: String

    @Option(name: [.short, .long], help: ArgumentHelp("The queue group to subscribe in.", valueName: "name"))
    var queue: String?

    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.")
    var json = false

    @OptionGroup var options: CheckOptions

    func run() throws {
        let pattern = try parsed(subject) { text throws(SubjectError) in try SubjectPattern(text) }
        let queue = try self.queue.map { try parsed($0) { text throws(SubjectError) in try QueueName(text) } }
        try Check.report(.subscribe(pattern, queue), options, json: json)
    }

    private func parsed<Value>(
        _ text: String, _ read: (String) throws(SubjectError) -> Value
    ) throws(CommandFailure) -> Value {
        do {
            return try read(text)
        } catch {
            throw CommandFailure(
                .badInput, "\(Files.quoted(text)): \(error)", hint: PermissionOptions.hint(for: error, in: text))
        }
    }
}
