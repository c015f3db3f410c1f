import NKeys
import SystemTimeZones
import Trust

/// An activation token as a command line gives it: a file, or `-` for standard input; never a URL.
enum ActivationInput {
    /// The token's text. It may be anything: it is judged when the import is bound.
    static func read(_ path: String) throws -> String {
        if path.contains("://") {
            throw RefusedToken(
                Refusal(Finding(.activationInvalid, at: "token", .tokenIsURL)), what: "the import is not added")
        }
        return String(decoding: try TokenInput.read(path), as: UTF8.self)
    }

    /// What a token says, accepted or not; nil when it says nothing that an activation says.
    static func claims(of token: String) -> ActivationClaims? {
        let verifier = TokenVerifier(policy: .compatible, zones: SystemZones())
        var token = token
        return token.withUTF8 { verifier.report(utf8: $0, at: WallClock.now()) }.claims as? ActivationClaims
    }
}

extension ActivationClaims {
    /// The account that the token says it comes from.
    var exporter: PublicKey { issuerAccount ?? common.issuer }
}
