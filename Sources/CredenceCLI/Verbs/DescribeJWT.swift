import ArgumentParser
import SystemTimeZones
import Trust

/// `credence describe jwt`: one token of any type, and what the T rules say of it.
struct DescribeJWT: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jwt", abstract: "Show one token: header, claims, and the verdict of the rules for tokens.",
        discussion: "The chain above the token is not judged: see `credence validate`.")

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("A token, a decorated .jwt or a .creds file; `-` for standard input.", valueName: "file"))
    var file: String

    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.")
    var json = false

    @Flag(name: [.customShort("R"), .long], help: "Show tokens and secrets that stand inside the claims.")
    var raw = false

    @OptionGroup var judgement: JudgementOptions

    func run() throws {
        let token = try TokenInput.read(file)
        let verifier = TokenVerifier(policy: judgement.rules, zones: SystemZones())
        let report = token.withUnsafeBufferPointer { verifier.report(utf8: $0, at: judgement.moment) }
        let description = TokenDescription(report, secrets: raw ? .shown : .masked)
        try StandardOutput.write(json ? description.json : description.text)
        if report.payload == nil {
            // Not a token that is refused: no token at all.
            throw CommandFailure(
                .badInput, "\(Files.name(file)) holds no token that can be read",
                hint: "give the whole token: three parts of letters, digits, `-` and `_`, joined by dots")
        }
        if !report.isAccepted { throw ExitStatus.no.asError }
    }
}
