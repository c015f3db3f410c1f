import ArgumentParser
import SystemTimeZones
import Trust

/// `credence bench tokens`: how long a token takes to be decoded and verified.
struct BenchTokens: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens", abstract: "Time the judgement of tokens, beside the bare check of a signature.",
        discussion: "Times are those that one thread computed, so that other work on the machine counts little.")

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("A file with one token a line; `-` for standard input.", valueName: "file"))
    var file: String

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var judgement: JudgementOptions

    func run() throws {
        let bytes = try Files.read(file, limit: 1 << 30)
        let benchmark = TokenBenchmark(
            verifier: TokenVerifier(policy: judgement.rules, zones: SystemZones()), now: judgement.moment)
        let result = try bytes.withUnsafeBufferPointer { (bytes) throws(CommandFailure) in try benchmark.run(bytes) }
        try StandardOutput.write(json ? Self.json(of: result) : Self.text(of: result))
    }

    static func json(of result: TokenBenchmark.Result) -> String {
        var writer = JSONWriter()
        writer.object {
            $0.member("tokens", result.tokens)
            $0.member("accepted", result.accepted)
            $0.spread("microseconds_per_token", result.perToken)
            $0.spread("bare_verify_microseconds", result.perBareCheck)
            $0.name("ratio")
            $0.number(Figures.rounded(result.ratio))
            $0.member("passes", result.passes)
        }
        return writer.text + "\n"
    }

    static func text(of result: TokenBenchmark.Result) -> String {
        """
        \(result.tokens) tokens, \(result.accepted) accepted, \(result.passes) passes
        a token:           min \(Figures.rounded(result.perToken.minimum)) µs, median \(Figures.rounded(result.perToken.median)) µs
        a signature alone: min \(Figures.rounded(result.perBareCheck.minimum)) µs, \
        median \(Figures.rounded(result.perBareCheck.median)) µs
        ratio: \(Figures.rounded(result.ratio))

        """
    }
}

extension JSONWriter {
    fileprivate mutating func spread(_ name: String, _ spread: TokenBenchmark.Spread) {
        object(name) {
            $0.name("min")
            $0.number(Figures.rounded(spread.minimum))
            $0.name("median")
            $0.number(Figures.rounded(spread.median))
        }
    }
}
