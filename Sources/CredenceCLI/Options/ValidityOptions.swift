import ArgumentParser
import Trust

/// From when until when a token holds, with nsc's flags.
struct ValidityOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Valid until: `0` always, a day, a time, or 30m, 12h, 3d, 2w, 6M, 1y from now.", valueName: "time"))
    var expiry: Deadline?
    @Option(
        help: ArgumentHelp(
            "Valid from: `0` at once, a day, a time, or 30m, 12h, 3d, 2w, 6M, 1y from now.", valueName: "time"))
    var start: Deadline?

    /// Sets the times of claims.
    func apply(to claims: inout CommonClaims, now: UnixTime) throws(CommandFailure) {
        claims.expires = try expiry?.time(from: now)
        claims.notBefore = try start?.time(from: now)
        guard let expires = claims.expires else { return }
        guard expires > now else {
            throw CommandFailure(.badInput, "--expiry: \(expires) is past", hint: "name a time after \(now)")
        }
        if let notBefore = claims.notBefore, notBefore >= expires {
            throw CommandFailure(.badInput, "--start: \(notBefore) is not before --expiry, \(expires)")
        }
    }
}
