import ArgumentParser
import Trust

/// `credence bench callout`: how long an answer of an authorization service takes, beside its signatures alone.
struct BenchCallout: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "callout", abstract: "Time the answer to an authorization request, beside its signatures alone.")

    @Option(help: ArgumentHelp("How many answers.", valueName: "n")) var count = 2000
    @Flag(help: "Have requests and answers sealed.") var sealed = false
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        guard (1...1_000_000).contains(count) else { throw ValidationError("--count: from 1 to 1000000") }
    }

    func run() async throws {
        let result = try await CalloutBenchmark(isSealed: sealed, at: WallClock.now()).run(count)
        guard json else {
            try StandardOutput.write(
                """
                \(result.answers) answers
                an answer:        \(result.answer.text)
                signatures alone: \(result.signatures.text)
                beyond them:      median \(Figures.rounded(result.beyond)) ns

                """)
            return
        }
        var writer = JSONWriter()
        writer.object {
            $0.member("answers", result.answers)
            $0.spread("nanoseconds_per_answer", result.answer)
            $0.spread("signature_nanoseconds", result.signatures)
            $0.name("beyond_signatures_median")
            $0.number(Figures.rounded(result.beyond))
        }
        try StandardOutput.write(writer.text + "\n")
    }
}
