@testable import Identity
import Trust

extension VerifiedForeignToken {
    /// A token that is taken to have been verified.
    static func of(
        _ issuer: String = "https://login.example.com", subject: String = "alice",
        expires: UnixTime = IssuingWorld.now.advanced(by: 3600), claims: [String: ForeignClaims.Value] = [:]
    ) -> VerifiedForeignToken {
        var claims = claims
        claims["sub"] = claims["sub"] ?? .text(subject)
        return VerifiedForeignToken(
            issuer: issuer, subject: subject, audiences: ["credence"], issuedAt: IssuingWorld.now, expires: expires,
            identifier: nil, claims: ForeignClaims(claims))
    }
}
