import ArgumentParser

/// `credence delete ...`
struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take an export or an import away from an account.",
        subcommands: [DeleteExport.self, DeleteImport.self])
}
