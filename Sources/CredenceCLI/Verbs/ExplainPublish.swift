import ArgumentParser
import Subjects
import Trust

/// `credence explain publish SUBJECT`
struct ExplainPublish: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Why a user may publish on a subject, or not, and where it goes from there.",
        discussion: "Service imports of the account that the subject meets are told, those in force and the others.")

    @Argument(help: "A subject without wildcards.") var subject: String
    @Option(help: ArgumentHelp("The cluster, for mappings that differ between clusters.", valueName: "name"))
    var cluster: String?
    @OptionGroup var options: ExplainUserOptions

    func run() throws {
        let subject = try SubjectArgument.literal(subject, flag: "the subject")
        try Explain.show(.publish(subject), .publish(subject), options, cluster: cluster)
    }
}
