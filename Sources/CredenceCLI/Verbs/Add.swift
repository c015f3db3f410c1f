import ArgumentParser

/// `credence add ...`
struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make an operator, an account or a user.",
        subcommands: [AddOperator.self, AddAccount.self, AddUser.self], aliases: ["create"])
}
