import Testing
import Trust

@testable import Identity

/// Key sets from outside: what in them is a key, and what is left out.
@Suite struct KeySetTests {
    private static let all = Set(ForeignAlgorithm.allCases.filter { !$0.isSymmetric })

    private func set(_ keys: [String], _ algorithms: Set<ForeignAlgorithm> = all) async throws -> KeySet {
        await KeySet(try KeyDocument(Array(#"{"keys":[\#(keys.joined(separator: ","))]}"#.utf8)), for: algorithms)
    }

    private func text(_ count: Int, first: UInt8 = 0x80, last: UInt8 = 1) -> String {
        base64URL([first] + [UInt8](repeating: 0x55, count: count - 2) + [last])
    }

    @Test func `keys that are weak or wrong are left out and told of`() async throws {
        let world = try await ForeignWorld.shared
        let (n, e) = (text(256), "AQAB")
        let (x, y) = (base64URL([UInt8](repeating: 1, count: 32)), base64URL([UInt8](repeating: 2, count: 32)))
        let faults: [(String, String)] = [
            (#"{"kty":"RSA","n":"\#(text(128))","e":"\#(e)"}"#, "1024 bits"),
            (#"{"kty":"RSA","n":"\#(text(256, first: 0x7F))","e":"\#(e)"}"#, "2047 bits"),
            (#"{"kty":"RSA","n":"\#(text(1025))","e":"\#(e)"}"#, "8200 bits"),
            (#"{"kty":"RSA","n":"\#(text(256, last: 2))","e":"\#(e)"}"#, "even"),
            (#"{"kty":"RSA","n":"\#(n)","e":"AQ"}"#, "exponent"),
            (#"{"kty":"RSA","n":"\#(n)","e":"AQAA"}"#, "exponent"),
            (#"{"kty":"RSA","n":"\#(n)","e":"AQAAAAE"}"#, "exponent"),
            (#"{"kty":"RSA","n":"\#(n)","e":""}"#, "exponent"),
            (#"{"kty":"RSA","n":"","e":"\#(e)"}"#, "0 bits"), (#"{"kty":"RSA","n":"\#(n)="}"#, "`n`"),
            (#"{"kty":"RSA","n":"\#(n)"}"#, "`e`"), (#"{"kty":"RSA","n":1,"e":"\#(e)"}"#, "`n`"),
            (#"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)"}"#, "not on the curve"),
            (#"{"kty":"EC","crv":"P-256","x":"\#(text(33))","y":"\#(y)"}"#, "32 bytes"),
            (#"{"kty":"EC","crv":"P-384","x":"\#(x)","y":"\#(y)"}"#, "48 bytes"),
            (#"{"kty":"EC","x":"\#(x)","y":"\#(y)"}"#, "`crv`"),
            (#"{"kty":"OKP","crv":"Ed25519","x":"\#(text(31))"}"#, "Ed25519"),
            (
                #"{"kty":"OKP","crv":"Ed25519","x":"\#(base64URL([1] + [UInt8](repeating: 0, count: 31)))"}"#,
                "small order"
            ),
            (#"{"kty":"OKP","crv":"Ed25519","x":"\#(base64URL([UInt8](repeating: 0, count: 32)))"}"#, "small order"),
            (#"{"kty":"oct","k":"\#(x)"}"#, "a secret"),
            (#"{"kty":"RSA","n":"\#(n)","e":"\#(e)","d":"\#(n)"}"#, "private"),
            (#"{"kty":"EC","d":null}"#, "private"), (#"{"kty":"OKP","k":"AA"}"#, "private"),
            (#"{"kty":"RSA","n":"\#(n)","e":"\#(e)","kid":1}"#, "`kid`"),
            (#"{"kty":"RSA","n":"\#(n)","e":"\#(e)","kid":"\#(String(repeating: "a", count: 257))"}"#, "`kid`"),
            (#"{"kty":"RSA","n":"\#(n)","e":"\#(e)","alg":"ES256"}"#, "`alg`"),
            (#"{"kty":"RSA","n":"\#(n)","e":"\#(e)","alg":"HS256"}"#, "`alg`"),
            (#"{"kty":"RSA","n":"\#(n)","e":"\#(e)","use":1}"#, "`use`"),
            (#"{"kty":"RSA","n":"\#(n)","e":"\#(e)","key_ops":"verify"}"#, "`key_ops`"), (#"{}"#, "`kty`"),
            (#"{"kty":1}"#, "`kty`"),
        ]
        for (key, reason) in faults {
            let found = try await set([key, world.curve.jwk], [.rs256, .es256, .es384, .edDSA])
            #expect(found.keys.map(\.identifier) == [Array("curve".utf8)], "\(key.prefix(80))")
            #expect(found.warnings.count == 1, "\(key.prefix(80))")
            #expect(found.warnings.first?.contains(reason) == true, "\(found.warnings) \(reason)")
            #expect(found.warnings.first?.hasPrefix("`keys[0]` is left out: ") == true)
        }
    }

    @Test func `keys for something else are left out without a word`() async throws {
        let world = try await ForeignWorld.shared
        let members = world.rsa.publicMembers
        for key in [
            #"{"kty":"AKP","alg":"ML-DSA-65","pub":"AA"}"#, #"{"kty":"rsa"}"#,
            #"{"kty":"OKP","crv":"X25519","x":"AA"}"#,
            #"{"kty":"OKP","crv":"Ed448","x":"AA"}"#, #"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#,
            #"{"use":"enc",\#(members)}"#, #"{"use":"SIG",\#(members)}"#, #"{"key_ops":["sign"],\#(members)}"#,
            #"{"alg":"RSA-OAEP",\#(members)}"#, #"{"alg":"rs256",\#(members)}"#,
        ] {
            let found = try await set([key, world.curve.jwk])
            #expect(
                found.keys.map(\.identifier) == [Array("curve".utf8)] && found.warnings.isEmpty, "\(key.prefix(80))")
        }
        let good = #"{"use":"sig","key_ops":["sign","verify"],"alg":"RS256","x5c":["x"],"x5t":"y",\#(members)}"#
        #expect(try await set([good]).keys.count == 1)
    }

    @Test func `two keys of one name are none`() async throws {
        let world = try await ForeignWorld.shared
        let found = try await set([world.curve.jwk, world.rsa.jwk, world.stranger.jwk])
        #expect(found.keys.map(\.identifier) == [Array("rsa".utf8)])
        #expect(found.warnings.map { String($0.prefix(9)) } == ["`keys[0]`", "`keys[2]`"])
        // Two without a name are two.
        #expect(
            try await set(["{\(world.rsa.publicMembers)}", "{\(world.curve.publicMembers)}"], [.rs256, .es256]).keys
                .count == 2)
    }

    @Test func `a key is for one algorithm`() async throws {
        let world = try await ForeignWorld.shared
        let nameless = "{\(world.rsa.publicMembers)}"
        #expect(try await set([nameless], [.rs256, .es256]).keys.map(\.algorithm) == [.rs256])
        let unsure = try await set([nameless], [.rs256, .ps256])
        #expect(unsure.keys.isEmpty && unsure.warnings.count == 1)
        #expect(try await set([world.rsa.jwk], [.rs256, .ps256]).keys.map(\.algorithm) == [.rs256])
        #expect(try await set([world.rsa.jwk], [.es256]).keys.isEmpty)
    }

    @Test func `a modulus with a zero in front is the same number`() async throws {
        let world = try await ForeignWorld.shared
        let n = try #require(world.rsa.publicMembers.firstMatch(of: /"n":"([^"]+)"/)?.1)
        let bytes = try #require(Base64URL.bytes(n.utf8))
        let padded = #"{"keys":[{"kty":"RSA","kid":"rsa","n":"\#(base64URL([0] + bytes))","e":"AQAB"}]}"#
        var issuer = world.issuer
        issuer.keys = .set(Array(padded.utf8))
        let verdict = await ForeignTokenVerifier([issuer]).verify(try world.mint.token(world.rsa), at: ForeignWorld.now)
        #expect(verdict.faults == [])
    }

    @Test func `a document that is no key set is none`() throws {
        for text in [
            "", "[]", "null", "{}", #"{"keys":null}"#, #"{"keys":{}}"#, #"{"keys":[1]}"#, #"{"keys":[[]]}"#,
            #"{"keys":[],"keys":[]}"#, #"{"keys":[{"kty":"RSA","kty":"EC"}]}"#, #"{"keys":[]}x"#, "<html>",
            #"{"Keys":[]}"#, "\u{FEFF}{\"keys\":[]}", String(repeating: #"{"keys":["#, count: 100),
        ] {
            #expect(throws: KeyDocument.Fault.form, "\(text.prefix(20))") { try KeyDocument(Array(text.utf8)) }
        }
        #expect(throws: KeyDocument.Fault.size) {
            try KeyDocument([UInt8](repeating: 0x20, count: KeyDocument.maximumBytes + 1))
        }
        func many(_ count: Int) -> [UInt8] {
            Array(#"{"keys":[\#([String](repeating: "{}", count: count).joined(separator: ","))]}"#.utf8)
        }
        #expect(throws: KeyDocument.Fault.tooManyKeys) { try KeyDocument(many(65)) }
        #expect(try KeyDocument(many(64)).leftOut.count == 64)
        #expect(try KeyDocument(many(0)).keys.isEmpty)
    }

    @Test func `the examples of RFC 7515 and RFC 8037 verify`() async throws {
        // RFC 7515, appendices A.1 to A.3 (their keys and tokens), and RFC 8037, appendix A.4.
        let examples = try RFCExample.all()
        #expect(examples.count == 4)
        for example in examples {
            let token = CompactToken(example.token)
            let signature = try #require(token.signature)
            let keys: KeySet
            if let secret = example.secret {
                keys = await KeySet(secret: try #require(Base64URL.bytes(secret.utf8)), for: [example.algorithm])
            } else {
                keys = try await set([String(decoding: example.key, as: UTF8.self)], [example.algorithm])
            }
            guard case .key(let key) = keys.selection(nil, example.algorithm) else {
                Issue.record("\(example.name): \(keys.warnings)")
                continue
            }
            #expect(key.verifies(signature, of: token.signedBytes), "\(example.name)")
            var other = Array(token.signedBytes)
            other[0] ^= 1
            #expect(!key.verifies(signature, of: other[...]), "\(example.name)")
        }
    }
}
