import ArgumentParser
import Trust

/// `credence bench exchange`: how many tokens are exchanged a second, beside their bare signature work.
struct BenchExchange: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exchange",
        abstract: "Time exchanges of a user token in this process, beside the signature work that each of them needs.",
        discussion: """
            The bare work of one exchange is three checks of a signature (subject token, proof, and the new token as a \
            server checks it) and one signature. Both are timed in turns. Neither HTTP nor the journal is in it, nor the \
            making of the proof, which is the caller's.
            """)

    @Option(help: ArgumentHelp("For how long.", valueName: "number")) var seconds = 5.0
    @Flag(help: "Print one JSON object.") var json = false

    func run() async throws {
        let result = try await ExchangeBenchmark(at: WallClock.now()).run(seconds: seconds)
        try StandardOutput.write(json ? Self.json(of: result) : Self.text(of: result))
    }

    static func json(of result: ExchangeBenchmark.Result) -> String {
        var writer = JSONWriter()
        writer.object {
            $0.member("exchanges", result.exchanges)
            $0.name("exchanges_per_second")
            $0.number(Figures.rounded(result.rate))
            $0.spread("nanoseconds_per_exchange", result.perExchange)
            $0.spread("bare_nanoseconds_per_exchange", result.perBareWork)
            $0.name("nanoseconds_per_proof")
            $0.number(Figures.rounded(result.perProof))
            $0.name("ratio")
            $0.number(Figures.rounded(result.ratio))
        }
        return writer.text + "\n"
    }

    static func text(of result: ExchangeBenchmark.Result) -> String {
        """
        \(result.exchanges) exchanges, \(Figures.rounded(result.rate)) a second
        an exchange:             \(result.perExchange.text)
        its bare signature work: \(result.perBareWork.text)
        the rate of exchanges is \(Figures.rounded(result.ratio)) of the rate of their bare work

        """
    }
}
