/// Every rule by which tokens of foreign issuers, exchanges and authorization requests are refused, in the order of the
/// catalogue (Docs/Identity.md).
///
/// A rule's raw value is its code. Codes are stable, like those of `Rule`: both stand side by side in answers.
public enum IdentityRule: String, CaseIterable, Hashable, Sendable {
    // F: a token of a foreign issuer
    case foreignSize = "F-size"
    case foreignForm = "F-form"
    case foreignHeader = "F-header"
    case foreignEmbeddedKey = "F-embedded-key"
    case foreignIssuer = "F-issuer"
    case foreignAlgorithm = "F-alg"
    case foreignType = "F-type"
    case foreignKeys = "F-keys"
    case foreignKey = "F-key"
    case foreignSignature = "F-signature"
    case foreignAudience = "F-audience"
    case foreignExpired = "F-expired"
    case foreignNotBefore = "F-not-before"
    case foreignIssuedAt = "F-issued-at"
    case foreignAge = "F-age"
    case foreignClaims = "F-claims"
    case foreignReplay = "F-replay"

    // X: an exchange
    case exchangeTransport = "X-transport"
    case exchangeRequest = "X-request"
    case exchangeGrant = "X-grant"
    case exchangeTokenType = "X-token-type"
    case exchangeSubject = "X-subject"
    case exchangeProof = "X-proof"
    case exchangeActor = "X-actor"
    case exchangeAudience = "X-audience"
    case exchangeRole = "X-role"
    case exchangeScope = "X-scope"
    case exchangeLifetime = "X-lifetime"
    case exchangeUnavailable = "X-unavailable"

    // Q: an authorization request of a server (auth callout)
    case authorizationRequest = "Q-request"
    case authorizationCredential = "Q-credential"
    case authorizationTime = "Q-time"

    /// The code of the rule, for example `F-audience`.
    public var code: String { rawValue }
}

extension IdentityRule: Comparable {
    /// Catalogue order.
    public static func < (left: IdentityRule, right: IdentityRule) -> Bool { left.position < right.position }

    /// Where the rule stands in the catalogue, from 0.
    public var position: Int { Self.allCases.firstIndex(of: self) ?? Self.allCases.count }
}
