import ArgumentParser

/// `credence replay ...`
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Attack imports in every fact that binds them, and see what gets through.",
        subcommands: [ReplayGenerate.self, ReplayRun.self])
}
