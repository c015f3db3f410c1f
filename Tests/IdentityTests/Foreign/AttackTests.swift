import Foundation
import JWTKit
import Testing
import Trust

@testable import Identity

/// Attacks by their names (RFC 8725, section 2, and the field's history), each refused by its own code, and each beside the
/// token that differs in nothing else and is taken.
@Suite struct AttackTests {
    private func world() async throws -> ForeignWorld { try await .shared }

    /// What becomes of a token, as `code place`; empty when it is taken.
    private func faults(_ token: String, _ issuer: ForeignIssuer? = nil) async throws -> [String] {
        let world = try await world()
        let verifier = ForeignTokenVerifier([issuer ?? world.issuer])
        return await verifier.verify(token, at: ForeignWorld.now).faults
    }

    // MARK: Algorithms

    @Test(arguments: ["none", "None", "NONE", "nOnE", "none ", "", "HS256", "ES256K", "es256", "Es256", "RS1", "ES384"])
    func `no algorithm but a configured one in its one spelling is taken`(name: String) async throws {
        let world = try await world()
        let token = try world.mint.token(world.curve, header: ["alg": #""\#(name)""#])
        #expect(try await faults(token) == ["F-alg header.alg"])
        #expect(try await faults(world.mint.token(world.curve, header: ["alg": #""ES256""#])) == [])
    }

    @Test func `a token without a signature is no token`() async throws {
        let world = try await world()
        let header = #"{"alg":"none","typ":"at+jwt"}"#
        let unsigned = base64URL(header.utf8) + "." + base64URL(world.mint.claims().utf8)
        #expect(try await faults(unsigned + ".") == ["F-form "])
        #expect(try await faults(unsigned) == ["F-form "])
        #expect(try await faults(unsigned + ".AA") == ["F-alg header.alg"])
    }

    @Test(arguments: ["null", "1", #"["ES256"]"#, #"{"a":"ES256"}"#, "true"])
    func `an algorithm that is no text is none`(value: String) async throws {
        let world = try await world()
        #expect(try await faults(world.mint.token(world.curve, header: ["alg": value])) == ["F-alg header.alg"])
        #expect(try await faults(world.mint.token(world.curve, header: ["alg": nil])) == ["F-alg header.alg"])
    }

    @Test func `a public key is no secret, in whatever form it is used as one`() async throws {
        let world = try await world()
        let pem = world.rsa.pem
        let body = pem.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        let der = try #require(Data(base64Encoded: body))
        let secrets = [Array(pem.utf8), Array((pem + "\n").utf8), Array(der), Array(world.rsa.jwk.utf8)]
        for secret in secrets {
            let forger = try await MintKey.secret(secret)
            let token = try world.mint.token(forger, header: ["kid": #""rsa""#])
            #expect(try await faults(token) == ["F-alg header.alg"])
            // Nor can an issuer be configured to take both.
            var both = world.issuer
            both.algorithms.insert(.hs256)
            #expect(!both.faults.isEmpty)
            #expect(try await faults(token, both) == ["F-issuer iss"])
        }
        #expect(try await faults(world.mint.token(world.rsa)) == [])
    }

    @Test func `a key serves its own algorithm only`() async throws {
        let world = try await world()
        let other = try world.mint.token(world.curve, header: ["kid": #""edwards""#])
        #expect(try await faults(other) == ["F-key header.kid"])
        let probabilistic = try await MintKey.rsa(.ps256, kid: "ps")
        var issuer = world.issuer
        issuer.algorithms = [.rs256, .ps256]
        issuer.keys = .set(Array(#"{"keys":[{"kid":"ps","alg":"RS256",\#(probabilistic.publicMembers)}]}"#.utf8))
        #expect(try await faults(world.mint.token(probabilistic), issuer) == ["F-key header.kid"])
        issuer.keys = .set(keySet([probabilistic]))
        #expect(try await faults(world.mint.token(probabilistic), issuer) == [])
    }

    // MARK: Keys

    @Test(arguments: [
        #""../../../../dev/null""#, #""/dev/null""#, #""x' UNION SELECT 'key';--""#, #""curve\u0000""#, #""curve ""#,
        #""Curve""#, #""""#, #""|whoami""#, #""http://127.0.0.1/key""#, #""rsa,curve""#, #""*""#,
    ])
    func `a key's name is text that is compared and nothing else`(kid: String) async throws {
        let world = try await world()
        #expect(try await faults(world.mint.token(world.curve, header: ["kid": kid])) == ["F-key header.kid"])
        #expect(try await faults(world.mint.token(world.curve, header: ["kid": #""curve""#])) == [])
        #expect(try await faults(world.mint.token(world.curve, header: ["kid": #""\u0063urve""#])) == [])
    }

    @Test func `a key's name is text, and not a long one`() async throws {
        let world = try await world()
        for kid in ["null", "1", #"["curve"]"#, #"{}"#, #""\#(String(repeating: "a", count: 10_000))""#] {
            #expect(try await faults(world.mint.token(world.curve, header: ["kid": kid])) == ["F-key header.kid"])
        }
    }

    @Test func `without a key's name the only key that fits is taken, and of several none`() async throws {
        let world = try await world()
        let token = try world.mint.token(world.curve, header: ["kid": nil])
        #expect(try await faults(token) == [])
        var issuer = world.issuer
        issuer.keys = .set(keySet([world.curve, try await .curve(.es256, kid: "second")]))
        #expect(try await faults(token, issuer) == ["F-key header.kid"])
        issuer.keys = .set(keySet([world.rsa]))
        #expect(try await faults(token, issuer) == ["F-key header.kid"])
    }

    @Test func `a key that comes with the token is told of and not used`() async throws {
        let world = try await world()
        let jwk = "{\(world.stranger.publicMembers)}"
        for (name, value) in [
            ("jwk", jwk), ("jku", #""https://attacker.example/jwks""#), ("x5u", #""https://attacker.example/x""#),
            ("x5c", #"["AAAA"]"#),
        ] {
            let forged = try world.mint.token(world.stranger, header: [name: value])
            let verdict = await world.verifier.verify(forged, at: ForeignWorld.now)
            #expect(verdict.faults == ["F-signature signature"])
            #expect(verdict.warnings.map(\.code) == ["F-embedded-key"])
            #expect(verdict.warnings.map(\.place) == ["header.\(name)"])
            let honest = try world.mint.token(world.curve, header: [name: value])
            let taken = await world.verifier.verify(honest, at: ForeignWorld.now)
            #expect(taken.proof != nil)
            #expect(taken.warnings.map(\.place) == ["header.\(name)"])
        }
        let thumbprint = try world.mint.token(world.curve, header: ["x5t": #""AAAA""#])
        #expect(await world.verifier.verify(thumbprint, at: ForeignWorld.now).warnings.isEmpty)
    }

    @Test func `another issuer's key signs for that issuer alone`() async throws {
        let world = try await world()
        var other = world.issuer
        other.issuer = "https://other.example.com"
        other.keys = .set(keySet([world.stranger]))
        let verifier = ForeignTokenVerifier([world.issuer, other])
        let theirs = try TokenMint(issuer: other.issuer).token(world.stranger)
        #expect(await verifier.verify(theirs, at: ForeignWorld.now).proof?.issuer == other.issuer)
        // The same name of a key, which is another key at each.
        let forged = try world.mint.token(world.stranger)
        #expect(await verifier.verify(forged, at: ForeignWorld.now).faults == ["F-signature signature"])
        let renamed = try world.mint.token(world.stranger, header: ["kid": #""theirs""#])
        #expect(await verifier.verify(renamed, at: ForeignWorld.now).faults == ["F-key header.kid"])
        #expect(await verifier.verify(try world.mint.token(world.curve), at: ForeignWorld.now).proof != nil)
    }

    @Test(arguments: [
        "https://login.example.com/", "https://LOGIN.example.com", "http://login.example.com", "login.example.com",
        "https://login.example.com\u{0}", "",
    ])
    func `an issuer's name is compared byte by byte`(name: String) async throws {
        let world = try await world()
        let text = name.replacing("\u{0}", with: #"\u0000"#)
        let token = try world.mint.token(world.curve, claims: ["iss": #""\#(text)""#])
        #expect(try await faults(token) == ["F-issuer iss"])
    }

    @Test func `two spellings of one text in Unicode are two names`() async throws {
        let world = try await world()
        let (composed, decomposed) = ("https://caf\u{E9}.example", "https://cafe\u{301}.example")
        var issuer = world.issuer
        (issuer.issuer, issuer.requiredClaims) = (composed, ["caf\u{E9}"])
        let verifier = ForeignTokenVerifier([issuer])
        let good = try TokenMint(issuer: composed).token(world.curve, claims: ["caf\u{E9}": "1"])
        #expect(await verifier.verify(good, at: ForeignWorld.now).faults == [])
        let other = try TokenMint(issuer: decomposed).token(world.curve, claims: ["caf\u{E9}": "1"])
        #expect(await verifier.verify(other, at: ForeignWorld.now).faults == ["F-issuer iss"])
        let claim = try TokenMint(issuer: composed).token(world.curve, claims: ["cafe\u{301}": "1"])
        #expect(await verifier.verify(claim, at: ForeignWorld.now).faults == ["F-claims caf\u{E9}"])
    }

    // MARK: Signatures

    @Test func `signatures that prove nothing are refused`() async throws {
        let world = try await world()
        let good = try world.mint.token(world.curve)
        let parts = good.split(separator: ".").map(String.init)
        let signature = try #require(Base64URL.bytes(parts[2].utf8))
        let order = Array(
            Data([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0] + Array(repeating: 0xFF, count: 8))
                + Data([
                    0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
                ]))
        let zero = [UInt8](repeating: 0, count: 32)
        let forged: [[UInt8]] = [
            zero + zero, zero + signature[32...], Array(signature[..<32]) + zero, order + order, zero + order,
            Array(signature.dropLast()), Array(signature.dropFirst()), signature + [0], [0] + signature,
            Array(signature.reversed()), der(signature), [0], Array(repeating: 0xFF, count: 64),
        ]
        for bytes in forged {
            #expect(try await faults("\(parts[0]).\(parts[1]).\(base64URL(bytes))") == ["F-signature signature"])
        }
        #expect(try await faults(good) == [])
    }

    @Test func `a signature is of the token that it stands in`() async throws {
        let world = try await world()
        for key in world.keys {
            let good = try world.mint.token(key).split(separator: ".")
            let other = try world.mint.token(key, claims: ["sub": #""mallory""#]).split(separator: ".")
            #expect(try await faults("\(good[0]).\(other[1]).\(good[2])") == ["F-signature signature"])
            for cut in [1, good[2].count / 2, good[2].count - 4] {
                let shorter = try await faults("\(good[0]).\(good[1]).\(good[2].prefix(cut / 4 * 4 + 2))")
                #expect(
                    shorter.allSatisfy { $0 == "F-signature signature" || $0 == "F-form signature" } && !shorter.isEmpty
                )
            }
        }
    }

    // MARK: Headers and nesting

    @Test(arguments: [
        ("crit", #"["exp"]"#), ("crit", #"["b64"]"#), ("crit", "[]"), ("b64", "false"), ("b64", "true"),
        ("zip", #""DEF""#), ("enc", #""A128GCM""#), ("cty", #""JWT""#),
    ])
    func `a header that changes how a token is read is refused`(name: String, value: String) async throws {
        let world = try await world()
        let token = try world.mint.token(world.curve, header: [name: value])
        #expect(try await faults(token) == ["F-header header.\(name)"])
        #expect(try await faults(world.mint.token(world.curve, header: ["other": value])) == [])
    }

    @Test func `a token inside a token is none, and neither is an encrypted one`() async throws {
        let world = try await world()
        let inner = try world.mint.token(world.curve)
        let header = world.mint.header(world.curve)
        #expect(try await faults(world.mint.signed(world.curve, header: header, claims: inner)) == ["F-form claims"])
        #expect(
            try await faults(world.mint.signed(world.curve, header: header, claims: "\"\(inner)\"")) == [
                "F-form claims"
            ])
        #expect(try await faults("\(inner).AA.AA") == ["F-form "])
        #expect(try await faults(inner) == [])
    }

    /// A raw ECDSA signature in the form that certificates have it.
    private func der(_ raw: [UInt8]) -> [UInt8] {
        func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
            let short = Array(bytes.drop { $0 == 0 })
            let number = (short.first ?? 0) >= 0x80 ? [0] + short : short
            return [2, UInt8(number.count)] + number
        }
        let content = integer(raw[..<32]) + integer(raw[32...])
        return [0x30, UInt8(content.count)] + content
    }
}
