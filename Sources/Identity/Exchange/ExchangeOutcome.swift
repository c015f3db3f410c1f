import Trust

/// A code of an error of the token endpoint, as clients of OAuth know them (RFC 6749, section 5.2; RFC 8693, section
/// 2.2.2; RFC 8707, section 2). Beside it stand the codes of the rules, which say more.
public enum ExchangeError: String, CaseIterable, Hashable, Sendable {
    /// A parameter, or a token in it, does not hold.
    case invalidRequest = "invalid_request"
    /// Another grant than the exchange of tokens.
    case unsupportedGrantType = "unsupported_grant_type"
    /// The audience is not known, or not for this subject.
    case invalidTarget = "invalid_target"
    /// More is asked for than there is.
    case invalidScope = "invalid_scope"
    /// What is needed to judge or to sign is not at hand now.
    case temporarilyUnavailable = "temporarily_unavailable"

    /// The error that a refusal is, by the rules that failed: of several kinds the one that the caller can mend.
    public init(_ refusal: IdentityRefusal) {
        let codes = refusal.failures.map(\.code)
        let passing: Set<String> = [IdentityRule.exchangeUnavailable.code, IdentityRule.foreignKeys.code]
        if codes.allSatisfy(passing.contains) {
            self = .temporarilyUnavailable
        } else if codes.contains(IdentityRule.exchangeGrant.code) {
            self = .unsupportedGrantType
        } else if codes.allSatisfy({ $0 == IdentityRule.exchangeAudience.code }) {
            self = .invalidTarget
        } else if codes.allSatisfy({ $0 == IdentityRule.exchangeScope.code }) {
            self = .invalidScope
        } else {
            self = .invalidRequest
        }
    }
}

/// What an exchange came to.
public enum ExchangeOutcome: Sendable {
    /// A user token was signed. It counts when it was written down, and is handed out after that.
    case issued(IssuedUser)
    case refused(IdentityRefusal, about: ExchangeParty)
}

/// Whom an exchange was about, as far as it was verified; for the log and the journal.
public struct ExchangeParty: Hashable, Sendable {
    /// The account, its key or its name; empty until it is known.
    public var account = ""
    /// The role that took a foreign token; empty for none.
    public var role = ""
}

/// A user token that was issued for another token.
public struct IssuedUser: Sendable {
    /// The token.
    public let token: VerifiedToken<UserClaims>
    /// For whom, and by what.
    public let party: ExchangeParty
    /// For how long it is valid, in seconds.
    public let lifetime: Int64
    /// What it allows, as a scope.
    public let scope: String
    /// What was remarked beside it.
    public let warnings: [IdentityFinding]
}
