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

    @OptionGroup var audience: VerifierOptions

    func validate() throws {
        if let at, RFC3339.parse(at) == nil {
            throw ValidationError("\(Files.quoted(at)) is no RFC 3339 time such as 2026-11-20T22:13:00Z")
        }
    }

    /// The moment as of which everything is judged.
    var moment: UnixTime { at.flatMap(RFC3339.parse) ?? WallClock.now() }

    /// The policy by that name, for a verifier of these names.
    var rules: Policy { audience.applied(to: policy.policy) }
}

extension JudgementOptions.PolicyName {
    /// The policy.
    var policy: Policy { self == .strict ? .strict : .compatible }
}

/// Who judges users: the names by which their tokens have to mean it (C-user-audience).
struct VerifierOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A name of the verifier: users whose audience it is are taken; can be repeated.", valueName: "name"))
    var audience: [String] = []
    @Flag(help: "Refuse users that name no audience.") var requireAudience = false

    func validate() throws {
        for name in audience {
            if let fault = AudienceFault(in: name) {
                throw ValidationError("--audience \(Files.quoted(name)): \(fault)")
            }
        }
    }

    /// `policy` for a verifier of these names.
    func applied(to policy: Policy) -> Policy {
        var policy = policy
        policy.audiences.formUnion(audience)
        if requireAudience { policy.audienceDemand = .required }
        return policy
    }
}
