import Testing
import Trust

@testable import Identity

/// The rules about what a token says: for whom, for what, from when until when.
@Suite struct ClaimRuleTests {
    private func faults(
        header: [String: String?] = [:], _ claims: [String: String?] = [:], at seconds: Int64 = TokenMint.now,
        _ change: (inout ForeignIssuer) -> Void = { _ in }
    ) async throws -> [String] {
        let world = try await ForeignWorld.shared
        var issuer = world.issuer
        change(&issuer)
        let token = try world.mint.token(world.edwards, header: header, claims: claims)
        return await ForeignTokenVerifier([issuer]).verify(token, at: .zero.advanced(by: seconds)).faults
    }

    // MARK: Audience

    @Test func `a token is for who is named in it`() async throws {
        #expect(try await faults(["aud": #""credence""#]) == [])
        #expect(try await faults(["aud": #"["other","credence"]"#]) == [])
        for other in [
            #""other""#, #"["other"]"#, #""Credence""#, #""credence ""#, #""credence,other""#, #""*""#, #"["*"]"#, "[]",
            "null", "1", #"{"credence":1}"#, #"["credence",1]"#, #"[["credence"]]"#, #""""#,
        ] {
            #expect(try await faults(["aud": other]) == ["F-audience aud"], "\(other)")
        }
        #expect(try await faults(["aud": nil]) == ["F-audience aud"])
    }

    @Test func `an ID token is for the party that asked for it`() async throws {
        func idFaults(_ claims: [String: String?]) async throws -> [String] {
            try await faults(header: ["typ": #""JWT""#], claims) {
                $0.kind = .id
                $0.audiences.insert("cli")
            }
        }
        #expect(try await idFaults(["nonce": #""x""#]) == [])
        #expect(try await idFaults(["azp": #""cli""#]) == [])
        #expect(try await idFaults(["azp": #""other""#]) == ["F-audience azp"])
        #expect(try await idFaults(["azp": "1"]) == ["F-audience azp"])
        #expect(try await idFaults(["aud": #"["credence","other"]"#]) == ["F-audience azp"])
        #expect(try await idFaults(["aud": #"["credence","other"]"#, "azp": #""credence""#]) == [])
        #expect(try await idFaults(["aud": #"["credence","other"]"#, "azp": #""other""#]) == ["F-audience azp"])
        // The party of an access token may be anybody.
        #expect(try await faults(["azp": #""other""#]) == [])
    }

    // MARK: Type

    @Test func `an ID token is no access token`() async throws {
        for type in [#""JWT""#, #""jwt""#, #""at+jwt2""#, #""at""#, #""x/at+jwt""#, #""application/x/at+jwt""#, #""""#]
        {
            #expect(try await faults(header: ["typ": type], ["nonce": #""n""#]) == ["F-type header.typ"], "\(type)")
        }
        #expect(try await faults(header: ["typ": nil]) == ["F-type header.typ"])
        #expect(try await faults(header: ["typ": "1"]) == ["F-type header.typ"])
        for type in [#""at+jwt""#, #""AT+JWT""#, #""application/at+jwt""#, #""Application/AT+jwt""#] {
            #expect(try await faults(header: ["typ": type]) == [], "\(type)")
        }
    }

    @Test func `a token of another use is none of an issuer without types`() async throws {
        func plain(_ type: String?, _ claims: [String: String?] = [:]) async throws -> [String] {
            try await faults(header: ["typ": type], claims) { $0.kind = .plain }
        }
        #expect(try await plain(nil) == [])
        #expect(try await plain(#""JWT""#) == [])
        #expect(try await plain(#""application/jwt""#) == [])
        #expect(try await plain(#""at+jwt""#) == ["F-type header.typ"])
        #expect(try await plain(#""logout+jwt""#) == ["F-type header.typ"])
        for claim in ["nonce", "at_hash", "c_hash", "s_hash", "events"] {
            #expect(try await plain(#""JWT""#, [claim: #""x""#]) == ["F-type \(claim)"])
        }
        // An issuer of ID tokens gives us neither access tokens nor notifications.
        let id: (inout ForeignIssuer) -> Void = { $0.kind = .id }
        #expect(try await faults(header: ["typ": #""at+jwt""#], [:], id) == ["F-type header.typ"])
        #expect(try await faults(header: ["typ": nil], ["events": "{}"], id) == ["F-type events"])
        #expect(try await faults(header: ["typ": nil], [:], id) == [])
    }

    // MARK: Times

    @Test func `a token ends, and begins, within the leeway and not beyond`() async throws {
        let end = TokenMint.now + 300
        #expect(try await faults(at: end) == [])
        #expect(try await faults(at: end + 29) == [])
        #expect(try await faults(at: end + 30) == ["F-expired exp"])
        #expect(try await faults(at: end) { $0.leeway = 0 } == ["F-expired exp"])
        #expect(try await faults(at: end - 1) { $0.leeway = 0 } == [])
        let later = ["nbf": "\(TokenMint.now + 31)"]
        #expect(try await faults(later) == ["F-not-before nbf"])
        #expect(try await faults(later, at: TokenMint.now + 1) == [])
        #expect(try await faults(["iat": "\(TokenMint.now + 31)"]) == ["F-issued-at iat"])
        #expect(try await faults(["iat": "\(TokenMint.now + 30)"]) == [])
        let old = ["iat": "\(TokenMint.now - 3601)"]
        #expect(try await faults(old) == ["F-age iat"])
        #expect(try await faults(old) { $0.maximumAge = 3601 } == [])
    }

    @Test(arguments: [
        "-1", "-0", "0.5e3", "1e3", "1E3", "9223372036854775807", "9223372036854775808", "253402300800",
        "1800000000000", #""1800000300""#, "null", "true", "[]", "{}", "-1.5",
        "99999999999999999999999999999999999999999999.5",
    ])
    func `a time that is none is refused`(value: String) async throws {
        for name in ["exp", "iat", "nbf"] {
            #expect(try await faults([name: value]) == ["F-claims \(name)"], "\(name)")
        }
    }

    @Test func `a fraction of a second is dropped, and what is missing is missed`() async throws {
        let end = TokenMint.now + 300
        #expect(try await faults(["exp": "\(end).999"], at: end + 29) == [])
        #expect(try await faults(["exp": "\(end).999"], at: end + 30) == ["F-expired exp"])
        #expect(try await faults(["exp": nil]) == ["F-claims exp"])
        #expect(try await faults(["iat": nil]) == ["F-claims iat"])
        #expect(try await faults(["nbf": nil]) == [])
        #expect(try await faults(at: .max) == ["F-expired exp", "F-age iat"])
        #expect(try await faults(at: 0) == ["F-issued-at iat"])
    }

    // MARK: Other claims

    @Test func `a subject is there, and what is configured to be`() async throws {
        for subject in [#""""#, "null", "1", #"["alice"]"#] {
            #expect(try await faults(["sub": subject]) == ["F-claims sub"])
        }
        #expect(try await faults(["sub": nil]) == ["F-claims sub"])
        #expect(try await faults(["jti": "1"]) == ["F-claims jti"])
        let demanding: (inout ForeignIssuer) -> Void = { $0.requiredClaims = ["azp", "tenant", "sub"] }
        #expect(try await faults([:], demanding) == ["F-claims azp", "F-claims tenant"])
        #expect(try await faults(["azp": "null", "tenant": "1"], demanding) == ["F-claims azp"])
        #expect(try await faults(["azp": #""a""#, "tenant": "1.5"], demanding) == [])
    }

    @Test func `everything that fails by itself is told at once`() async throws {
        let all = try await faults(
            header: ["typ": #""JWT""#, "crit": #"["x"]"#],
            ["aud": #""other""#, "sub": nil, "nbf": "\(TokenMint.now + 9000)"], at: TokenMint.now + 4000)
        #expect(
            all == [
                "F-header header.crit", "F-type header.typ", "F-audience aud", "F-expired exp", "F-not-before nbf",
                "F-age iat", "F-claims sub",
            ])
        // What cannot be judged is not claimed: without an issuer nobody's rules apply.
        let stranger = try await faults(header: ["alg": #""none""#], ["iss": #""https://x""#, "aud": #""other""#])
        #expect(stranger == ["F-issuer iss"])
    }

    @Test func `a claim is found by its whole name`() async throws {
        let world = try await ForeignWorld.shared
        let token = try world.mint.token(
            world.edwards,
            claims: [
                "a.b": #""flat""#, "a": #"{"b":"deep","c":{"d":["x","y"]}}"#, "e": "[1]", "f": "1.5", "g": "null",
                "h": "true", "i": "-7", "https://example.com/roles": #"["r"]"#, "j": "[]",
            ])
        let claims = try #require(await world.verifier.verify(token, at: ForeignWorld.now).proof).claims
        #expect(claims.value(at: ["a.b"]) == .text("flat"))
        #expect(claims.value(at: ["a", "b"]) == .text("deep"))
        #expect(claims.value(at: ["a", "c", "d"]) == .texts(["x", "y"]))
        #expect(claims.value(at: ["https://example.com/roles"]) == .texts(["r"]))
        #expect(
            claims.value(at: ["a"]) == .other && claims.value(at: ["e"]) == .other && claims.value(at: ["f"]) == .other)
        #expect(claims.value(at: ["g"]) == nil && claims.value(at: []) == nil && claims.value(at: ["a", "x"]) == nil)
        #expect(claims.value(at: ["sub", "x"]) == nil && claims.value(at: ["a", "b", "c"]) == nil)
        #expect(claims.value(at: ["h"]) == .boolean(true) && claims.value(at: ["i"]) == .integer(-7))
        #expect(claims.value(at: ["j"]) == .texts([]))
    }
}
