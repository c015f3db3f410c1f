import ArgumentParser

/// `credence describe operator`
struct DescribeOperator: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator", abstract: "Show the operator of a store, and what the rules say of it.")

    @Option(name: [.short, .long], help: "The operator, where there are several.") var name: String?
    @OptionGroup var describe: DescribeOptions

    func run() throws {
        let scene = try describe.scene(operator: name)
        try describe.show(scene.operatorToken, scene.operator.entity.outcome, scene.judge)
    }
}
