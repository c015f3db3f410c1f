import AccountServer
import ArgumentParser
import NKeys
import SystemTimeZones
import Trust

/// `credence restore`: the data of an account server, made anew from its journal.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make the data folder of an account server anew from its journal.",
        discussion: """
            Reads the journal from its first entry on, holds every entry to the one before it, and writes what was \
            accepted last of each account into a new data folder, with a copy of the journal, which the server goes on \
            with. Nothing is written over. A journal that is not whole is refused. Docs/Operations.md says how to keep \
            the copies.
            """)

    enum Store: String, ExpressibleByArgument, CaseIterable {
        case sqlite, folder
    }

    @Option(help: ArgumentHelp("The journal: a copy of the folder `journal` of the data.", valueName: "dir"))
    var journal: String
    @Option(help: ArgumentHelp("The data folder to make.", valueName: "dir")) var data: String
    @Option(help: "What the server is to keep accounts in: sqlite or folder.") var store = Store.sqlite
    @Option(
        help: ArgumentHelp(
            "The public key of the server that signed the journal's head; an unsigned one is refused then. May be "
                + "repeated.", valueName: "key"))
    var signedBy: [String] = []
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false

    func run() async throws {
        var keys: Set<PublicKey> = []
        for text in signedBy { keys.insert(try KeyArgument.publicKey(text, role: .server, flag: "--signed-by")) }
        var state = JournalState(verifier: TokenVerifier(policy: .compatible, zones: SystemZones()))
        let survey = try RestoredData.survey(journal, requiring: keys) { entry, _, _ in state.take(entry) }
        if survey.base != nil {
            throw CommandFailure(
                .no, "the beginning of the journal was taken away: it does not say all that is stored",
                hint: "put the older files back, and remove `journal.base`; Docs/Operations.md says how to keep them")
        }
        if survey.endsInsideLine, survey.findings.count == 1 {
            // A copy of a journal that was written to meanwhile: the entry is behind what was copied.
            StandardError.write("note: the last line of the journal has no end, and is left out\n")
        } else if let finding = survey.findings.first {
            let line = finding.line.map { ", line \($0)" } ?? ""
            throw CommandFailure(
                .no, "the journal is not whole: \(Files.quoted(finding.file))\(line): \(finding.message)",
                hint: "take another copy")
        }
        guard survey.count > 0 else {
            throw CommandFailure(.no, "the journal has no entries", hint: "name the folder that has `journal-….jsonl`")
        }
        let changes: [StoreChange]
        do throws(JournalState.Fault) {
            changes = try state.changes()
        } catch {
            throw CommandFailure(.no, "the journal cannot be restored: \(error)", hint: "take another copy")
        }
        let target = try RestoredData(data, store == .sqlite ? .sqlite : .folder)
        let copied = try target.copyJournal(from: journal)
        guard copied.last == survey.last, copied.findings == survey.findings else {
            throw CommandFailure(
                .no, "the journal changed while it was read", hint: "restore from a copy, not where a server writes")
        }
        try await target.fill(changes)
        try target.finish()
        try report(changes, entries: survey.last.number)
    }

    private func report(_ changes: [StoreChange], entries: Int64) throws {
        var (accounts, deleted, others) = (0, 0, 0)
        for change in changes {
            switch (change.key, change.value) {
            case (.account, .token): accounts += 1
            case (.account, .deleted): deleted += 1
            default: others += 1
            }
        }
        guard json else {
            return try StandardOutput.write(
                "restored \(accounts) accounts, \(deleted) deleted ones and \(others) other tokens, up to entry \(entries)\n"
            )
        }
        var writer = JSONWriter()
        writer.object {
            $0.member("accounts", accounts)
            $0.member("deleted", deleted)
            $0.member("others", others)
            $0.member("entries", entries)
        }
        try StandardOutput.write(writer.text + "\n")
    }
}
