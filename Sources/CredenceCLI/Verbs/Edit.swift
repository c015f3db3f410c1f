import ArgumentParser

/// `credence edit ...`
struct Edit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Change what an account says.", subcommands: [EditExport.self])
}
