import ArgumentParser
import SystemTimeZones
import Trust

/// When and how strictly tokens are judged.
struct JudgementOptions: ParsableArguments {
    /// The policies by name.
    enum PolicyName: String, ExpressibleByArgument, CaseIterable {
        case strict, compatible
    }

    @Option(help: ArgumentHelp("Judge as of another time, such as 2026-11-20T22:13:00Z.", valueName: "rfc3339"))
    var at: String?

    @Option(help: "How strictly the rules are applied; `compatible` accepts what older tools made.")
    var policy = PolicyName.strict

    func validate() throws {
        if let at, RFC3339.parse(at) == nil {
            throw ValidationError("\(Files.quoted(at)) is no RFC 3339 time such as 2026-11-20T22:13:00Z")
        }
    }

    /// The moment as of which everything is judged.
    var moment: UnixTime { at.flatMap(RFC3339.parse) ?? WallClock.now() }

    /// The policy by that name.
    var rules: Policy { policy == .strict ? .strict : .compatible }
}
