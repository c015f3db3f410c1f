import ArgumentParser

/// `credence add ...`
struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make an operator, an account, a user, an export or an import.",
        subcommands: [AddOperator.self, AddAccount.self, AddUser.self, AddExport.self, AddImport.self],
        aliases: ["create"])
}
