import ArgumentParser
import Trust

/// `credence edit export`: changes what is asked, and nothing else.
struct EditExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Change an export of an account; what is not named stays.",
        discussion: "Imports in the store that stop or start to hold by it are told.")

    @Option(name: [.short, .long], help: "The subject of the export.") var subject: String
    @Flag(name: [.customShort("r"), .long], help: "The service of that subject, where a stream has it too.")
    var service = false
    @Flag(help: "Measure the service no longer.") var rmLatencySampling = false
    @OptionGroup var export: ExportOptions
    @OptionGroup var change: ChangeOptions

    func run() throws {
        let subject = try SubjectArgument.pattern(subject, flag: "--subject")
        try change.change { draft in
            let index = try draft.export(of: subject, service: service)
            let old = draft.claims.exports[index]
            if rmLatencySampling { draft.claims.exports[index].latency = nil }
            try export.apply(to: &draft.claims.exports[index])
            let new = draft.claims.exports[index]
            guard new != old else {
                throw CommandFailure(.usage, "nothing is changed", hint: "say what, such as --description")
            }
            draft.dependents = .told
            let made =
                new.tokenRequired == old.tokenRequired
                ? "" : ", which is now \(new.tokenRequired ? "private" : "public")"
            return "changed \(new.kind.rawValue) export `\(subject.text)` of account \(draft.name)\(made)"
        }
    }
}
