import ArgumentParser

/// `credence journal ...`
struct JournalVerbs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal", abstract: "Verify, copy out and shorten the journal of an account server.",
        discussion: """
            A journal is a folder of entries that are chained by their hashes; Docs/Formats.md describes it. \
            `credence audit --journal` looks for abuse in what was uploaded.
            """,
        subcommands: [JournalVerify.self, JournalExport.self, JournalPrune.self])
}
