import ArgumentParser

/// `credence generate ...`
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make keys, creds, activations and configurations of servers.",
        subcommands: [GenerateNKey.self, GenerateCreds.self, GenerateActivation.self, GenerateConfig.self])
}
