import ArgumentParser

/// `credence bench ...`
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how long judging takes on this machine, and what servers can do.",
        subcommands: [
            BenchCheck.self, BenchInterest.self, BenchTokens.self, BenchResolve.self, BenchStore.self,
            BenchMakeStore.self, BenchBroker.self, BenchMakeWorld.self, BenchExchange.self,
        ])
}
