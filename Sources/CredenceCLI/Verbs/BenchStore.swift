import ArgumentParser
import NKeys
import Trust

/// `credence bench store`: a live store of accounts under updates.
struct BenchStore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Time updates of accounts that are in force, and what known accounts cost.",
        discussion: """
            Accounts with throw-away keys are made in memory, which takes a while. All are known, some are active, and a \
            hundred import from one. Then users are revoked, and exports withdrawn and given back.
            """)

    @Option(help: "How many accounts are known.") var accounts = 100_000
    @Option(help: "How many of them are active, each with 5 imports.") var active = 10_000
    @Option(help: "How many updates of each kind are timed.") var rounds = 60
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false

    private static let importers = 100

    func validate() throws {
        guard active >= Self.importers + 2, accounts >= active, accounts <= 10_000_000 else {
            throw ValidationError("--active is at least \(Self.importers + 2), and --accounts at least --active")
        }
        // An account's `iat` may be at most a minute ahead.
        guard (1...60).contains(rounds) else { throw ValidationError("--rounds is from 1 to 60") }
    }

    func run() async throws {
        var shape = MeasuredWorld.Shape(accounts: accounts)
        shape.importers = active
        shape.importersOfFirst = Self.importers
        let workers = Workers.perProcessor
        let world = try await MeasuredWorld(shape, at: WallClock.now(), workers: workers)
        let tokens = try await world.tokens(with: workers)
        let result = try StoreBenchmark(world: world, tokens: tokens, active: active, rounds: rounds).run()
        try StandardOutput.write(json ? Self.json(of: result) : Self.text(of: result))
    }

    private static func json(of result: StoreBenchmark.Result) -> String {
        var writer = JSONWriter()
        writer.object {
            $0.member("accounts", result.accounts)
            $0.member("active", result.active)
            $0.name("bytes_per_known_account")
            $0.number(Figures.rounded(result.bytesPerKnownAccount))
            $0.name("bytes_per_active_account")
            $0.number(Figures.rounded(result.bytesPerActiveAccount))
            $0.name("load_seconds")
            $0.number(Figures.rounded(result.loadSeconds))
            for (name, times) in [
                ("enforcement_milliseconds", result.enforcement),
                ("many_importers_milliseconds", result.manyImporters),
            ] {
                $0.object(name) {
                    $0.name("median")
                    $0.number(Figures.rounded(times[times.count / 2]))
                    $0.name("max")
                    $0.number(Figures.rounded(times.last ?? 0))
                }
            }
            $0.member("imports_per_update", result.importsPerUpdate)
        }
        return writer.text + "\n"
    }

    private static func text(of result: StoreBenchmark.Result) -> String {
        func spread(_ times: [Double]) -> String {
            "median \(Figures.rounded(times[times.count / 2])) ms, at most \(Figures.rounded(times.last ?? 0)) ms"
        }
        return """
            \(result.accounts) accounts known, \(Figures.rounded(result.bytesPerKnownAccount)) bytes each beside the token
            \(result.active) active, \(Figures.rounded(result.bytesPerActiveAccount)) bytes each; loaded in \
            \(Figures.rounded(result.loadSeconds)) s
            a revocation, until it says who must go: \(spread(result.enforcement))
            an export withdrawn or given back, with \(result.importsPerUpdate) imports of it: \
            \(spread(result.manyImporters))

            """
    }
}
