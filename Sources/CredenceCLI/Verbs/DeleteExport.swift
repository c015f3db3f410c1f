import ArgumentParser
import Trust

/// `credence delete export`
struct DeleteExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Let nobody import a stream or service of an account any longer.",
        discussion: "Its revocations go with it. Imports in the store that stop by it are told.")

    @Option(name: [.short, .long], help: "The subject of the export.") var subject: String
    @Flag(name: [.customShort("r"), .long], help: "The service of that subject, where a stream has it too.")
    var service = false
    @OptionGroup var change: ChangeOptions

    func run() throws {
        let subject = try SubjectArgument.pattern(subject, flag: "--subject")
        try change.change { draft in
            let export = draft.claims.exports.remove(at: try draft.export(of: subject, service: service))
            draft.dependents = .told
            if !export.revocations.isEmpty {
                draft.remarks.append(
                    "its revocations are gone: tokens that they cover count again if the export is made again")
            }
            return "deleted \(export.kind.rawValue) export `\(subject.text)` from account \(draft.name)"
        }
    }
}
