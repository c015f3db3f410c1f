import ArgumentParser

@main
struct Credence: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "credence")
}
