import ArgumentParser
import Trust

/// `credence add export`: what an account offers to others.
struct AddExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Let other accounts import a stream or a service of an account.")

    @Option(name: [.short, .long], help: "What is exported; may hold wildcards.") var subject: String
    @Flag(name: [.customShort("r"), .long], help: "A service, which answers; a stream without.") var service = false
    @OptionGroup var export: ExportOptions
    @OptionGroup var change: ChangeOptions

    func run() throws {
        let subject = try SubjectArgument.pattern(subject, flag: "--subject")
        try change.change { draft in
            var added: Export = service ? .service(subject, name: subject.text) : .stream(subject, name: subject.text)
            try export.apply(to: &added)
            draft.claims.exports.append(added)
            return "added \(added.tokenRequired ? "private" : "public") \(added.kind.rawValue) export "
                + "`\(subject.text)` to account \(draft.name)"
        }
    }
}
