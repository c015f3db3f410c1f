import ArgumentParser

/// `credence describe ...`
struct Describe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a token says, and what the rules say of it.",
        subcommands: [DescribeJWT.self, DescribeAccount.self, DescribeOperator.self, DescribeUser.self])
}
