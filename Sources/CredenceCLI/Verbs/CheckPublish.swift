import ArgumentParser
import Subjects

/// `credence check publish SUBJECT`
struct CheckPublish: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "May the user publish on this subject.")

    @Argument(help: "A subject without wildcards.")
    var subject: String

    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.")
    var json = false

    @OptionGroup var options: CheckOptions

    func run() throws {
        let request: CheckRequest
        do throws(SubjectError) {
            request = .publish(try Subject(subject))
        } catch {
            throw CommandFailure(
                .badInput, "\(Files.quoted(subject)): \(error)", hint: PermissionOptions.hint(for: error, in: subject))
        }
        try Check.report(request, options, json: json)
    }
}
