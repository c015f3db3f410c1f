import ArgumentParser
import FolderStores
import Glibc
import NKeys
import SystemTimeZones
import Trust

/// `credence bench resolve`: how long a whole store takes to be put in force.
struct BenchResolve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: "Time loading a store: every account, every import, every circle.",
        discussion: """
            Every signature is checked once. `credence bench make-store` makes stores to measure on.
            """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var `operator`: OperatorFileOption
    @Flag(help: "Then time as many bare checks of signatures with the same workers, and print the ratio.")
    var besideBare = false
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false
    @OptionGroup var judgement: JudgementOptions

    func run() async throws {
        let store = try options.open()
        let token = try `operator`.token(of: store)
        let listing = try read { () throws(StoreFault) in try store.accounts() }
        let benchmark = ResolveBenchmark(
            verifier: TokenVerifier(policy: judgement.rules, zones: SystemZones()), now: judgement.moment,
            workers: .perProcessor)
        let trusted = TrustedOperator(
            token, name: store.operatorName ?? "", verifier: benchmark.verifier, now: benchmark.now)
        let result = try await benchmark.run(
            listing, isResolver: store.layout == .resolverFolder, operator: trusted,
            bare: besideBare ? .beside : .none)
        try StandardOutput.write(json ? Self.json(of: result) : Self.text(of: result))
    }

    private static func json(of result: ResolveBenchmark.Result) -> String {
        var writer = JSONWriter()
        writer.object {
            $0.member("accounts", result.accounts)
            $0.member("imports", result.imports)
            $0.member("accepted_imports", result.acceptedImports)
            $0.member("signatures_verified", result.signatures)
            $0.name("seconds")
            $0.number(Figures.rounded(result.seconds))
            $0.member("peak_bytes", result.peakBytes)
            if let bare = result.bareSeconds {
                $0.name("bare_seconds")
                $0.number(Figures.rounded(bare))
                $0.name("ratio")
                $0.number(Figures.rounded(result.seconds / bare))
            }
        }
        return writer.text + "\n"
    }

    private static func text(of result: ResolveBenchmark.Result) -> String {
        var lines = """
            \(result.accounts) accounts, \(result.acceptedImports) of \(result.imports) imports in force
            \(Figures.rounded(result.seconds)) s, \(result.signatures) signatures, at most \(result.peakBytes / 1_000_000) MB

            """
        if let bare = result.bareSeconds {
            lines +=
                "bare checks: \(Figures.rounded(bare)) s; loading takes \(Figures.rounded(result.seconds / bare)) of it\n"
        }
        return lines
    }
}
