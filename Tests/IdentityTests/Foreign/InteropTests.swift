import Foundation
import JWTKit
import Testing
import Trust

@testable import Identity

/// Tokens that jwt-kit makes as a whole, with its own idea of headers, JSON and times.
@Suite struct InteropTests {
    private struct Payload: JWTPayload {
        let iss: IssuerClaim
        let sub: SubjectClaim
        let aud: AudienceClaim
        let iat: IssuedAtClaim
        let exp: ExpirationClaim
        let jti: IDClaim
        let roles: [String]

        func verify(using algorithm: some JWTAlgorithm) throws {}
    }

    private func payload(_ audiences: [String]) -> Payload {
        let now = Double(TokenMint.now)
        return Payload(
            iss: "https://login.example.com", sub: "alice", aud: AudienceClaim(value: audiences),
            iat: IssuedAtClaim(value: Date(timeIntervalSince1970: now + 0.25)),
            exp: ExpirationClaim(value: Date(timeIntervalSince1970: now + 300.75)), jti: "one",
            roles: ["a/b", "\u{E9}"])
    }

    @Test(arguments: [["credence"], ["other", "credence"]])
    func `a token that jwt-kit makes is taken, fractions of seconds and all`(audiences: [String]) async throws {
        let key = ES256PrivateKey()
        let parameters = try #require(key.parameters)
        let x = try #require(Data(base64Encoded: parameters.x))
        let y = try #require(Data(base64Encoded: parameters.y))
        let keys = await JWTKeyCollection().add(ecdsa: key, kid: "one")
        let token = try await keys.sign(payload(audiences), kid: "one", header: ["typ": "at+jwt"])
        var issuer = try await ForeignWorld.shared.issuer
        issuer.keys = .set(
            Array(
                #"{"keys":[{"kty":"EC","crv":"P-256","kid":"one","x":"\#(base64URL(x))","y":"\#(base64URL(y))"}]}"#.utf8
            ))
        let verdict = await ForeignTokenVerifier([issuer]).verify(token, at: ForeignWorld.now)
        let proof = try #require(verdict.proof, "\(verdict.faults)")
        #expect(proof.audiences == audiences && proof.claims.value(at: ["roles"]) == .texts(["a/b", "\u{E9}"]))
        #expect(proof.issuedAt == ForeignWorld.now && proof.expires == ForeignWorld.now.advanced(by: 300))
        // And jwt-kit takes what it would not have made: the same claims with a member twice. That is why it does not read.
        let parts = token.split(separator: ".")
        let claims = try #require(Base64URL.bytes(parts[1].utf8))
        let twice = #"{"sub":"mallory","#.utf8 + claims.dropFirst()
        let header = try #require(Base64URL.bytes(parts[0].utf8))
        let signed = base64URL(header) + "." + base64URL(twice)
        let signature = try await keys.getKey(for: "one").sign(Array(signed.utf8))
        let forged = "\(signed).\(base64URL(signature))"
        #expect(throws: Never.self) { try DefaultJWTParser().parse(Array(forged.utf8), as: Payload.self) }
        #expect(await ForeignTokenVerifier([issuer]).verify(forged, at: ForeignWorld.now).faults == ["F-form claims"])
    }
}
