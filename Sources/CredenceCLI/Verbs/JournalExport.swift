import AccountServer
import ArgumentParser
import Trust

/// `credence journal export`: entries as lines, with what is needed to verify them elsewhere.
struct JournalExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write entries of a journal as lines of JSON that can be verified by themselves.",
        discussion: """
            Before the entries stand what is known of those before them (base) and, where it names one of them, the \
            signed head. `credence journal verify FILE` and `credence audit --journal FILE` read it. Exits with 1 \
            when something in the journal does not fit; such lines are left out.
            """)

    @Argument(help: ArgumentHelp("The journal's folder.", valueName: "folder")) var path: String
    @Option(help: ArgumentHelp("The first entry; without it, the first that there is.", valueName: "number"))
    var from: Int64 = 1
    @Option(help: ArgumentHelp("The last entry; without it, the last that there is.", valueName: "number"))
    var to: Int64 = .max

    func validate() throws {
        if from < 1 || to < from { throw ValidationError("--from counts from 1, and --to is not before it") }
    }

    func run() throws {
        try JournalInput.requireFolder(path)
        let survey: JournalSurvey
        do {
            survey = try JournalExtract.write(folderAt: path, from: from, to: to) { try StandardOutput.write($0) }
        } catch let fault as JournalFault {
            throw CommandFailure(fault)
        }
        for finding in survey.findings {
            StandardError.write("warning: \(JournalVerify.place(of: finding)): \(finding.message)\n")
        }
        if !survey.isWhole { throw ExitStatus.no.asError }
    }
}
