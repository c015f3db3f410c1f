import Testing
import Trust

@testable import Identity

/// One token has one spelling, and whatever is changed in it breaks it.
@Suite struct TokenFormTests {
    private func faults(_ token: String) async throws -> [String] {
        await (try await ForeignWorld.shared).verifier.verify(token, at: ForeignWorld.now).faults
    }

    @Test func `a token that is too large is not decoded`() async throws {
        let world = try await ForeignWorld.shared
        func padded(_ count: Int) throws -> String {
            try world.mint.token(world.edwards, claims: ["x": "\"\(String(repeating: "a", count: count))\""])
        }
        let empty = try padded(0).utf8.count
        // Three bytes are four characters; the last few are found by trying.
        var count = (CompactToken.maximumBytes - empty) * 3 / 4
        while try padded(count + 1).utf8.count <= CompactToken.maximumBytes { count += 1 }
        #expect(try await faults(padded(count)) == [])
        #expect(try await faults(padded(count + 1)) == ["F-size "])
        #expect(try await faults(String(repeating: "\u{0}", count: 1 << 20)) == ["F-size "])
        #expect(try await faults(String(repeating: ".", count: CompactToken.maximumBytes)) == ["F-form "])
    }

    @Test func `a token has three segments, none empty, and no other spelling`() async throws {
        let world = try await ForeignWorld.shared
        let good = try world.mint.token(world.curve)
        let parts = good.split(separator: ".").map(String.init)
        let (header, claims, signature) = (parts[0], parts[1], parts[2])
        for wrong in [
            "", ".", "..", "...", "\(header)", "\(header).\(claims)", ".\(claims).\(signature)",
            "\(header)..\(signature)",
            "\(good).", ".\(good)", "\(good).\(signature)",
        ] { #expect(try await faults(wrong) == ["F-form "], "\(wrong.count)") }
        for wrong in [" \(header)", "\(header) ", "\(header)=", "\(header)\n", "+\(header)", "\(header)A", "=", "*"] {
            #expect(try await faults("\(wrong).\(claims).\(signature)").first == "F-form header", "\(wrong.count)")
        }
        for wrong in ["\(signature)=", "\(signature)==", "\(signature)\n", "\(signature)AAA", "="] {
            #expect(try await faults("\(header).\(claims).\(wrong)") == ["F-form signature"])
        }
        #expect(try await faults(good) == [])
    }

    @Test(arguments: [
        #"{"alg":"ES256","alg":"none"}"#, #"{"alg":"ES256","\u0061lg":"ES256"}"#, "[]", "null", #""x""#, " ", "{",
        #"{"alg":"ES256"} {}"#, #"{"alg":"ES256",}"#, #"{'alg':'ES256'}"#, "\u{FEFF}{}", #"{"a":{"b":1,"b":2}}"#,
        #"{"a":"\ud800"}"#, #"{"a":01}"#, #"{"a":NaN}"#, "{\"a\":\"\n\"}",
    ])
    func `a header or claims that readers could read in two ways are refused`(text: String) async throws {
        let world = try await ForeignWorld.shared
        let asHeader = try world.mint.signed(world.curve, header: text, claims: world.mint.claims())
        #expect(try await faults(asHeader).first == "F-form header")
        let asClaims = try world.mint.signed(world.curve, header: world.mint.header(world.curve), claims: text)
        #expect(try await faults(asClaims) == ["F-form claims"])
    }

    @Test func `a claim is not there twice`() async throws {
        let world = try await ForeignWorld.shared
        let claims = world.mint.claims()
        for twice in [#""aud":"credence""#, #""exp":1900000000"#, #""\u0073ub":"alice""#] {
            let token = try world.mint.signed(
                world.curve, header: world.mint.header(world.curve), claims: "{\(twice)," + claims.dropFirst())
            #expect(try await faults(token) == ["F-form claims"])
        }
        let other = try world.mint.signed(
            world.curve, header: world.mint.header(world.curve), claims: #"{"AUD":"x","# + claims.dropFirst())
        #expect(try await faults(other) == [])
    }

    @Test func `text that is no UTF-8 is refused`() async throws {
        let world = try await ForeignWorld.shared
        let good = try world.mint.token(world.curve).split(separator: ".").map(String.init)
        let bytes: [UInt8] = Array(#"{"sub":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)
        #expect(try await faults("\(good[0]).\(base64URL(bytes)).\(good[2])") == ["F-form claims"])
    }

    @Test func `every change of one character of a good token is refused`() async throws {
        let world = try await ForeignWorld.shared
        let seed = UInt64.random(in: .min ... .max)
        var random = AnnouncedRandom(seed: seed)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ".utf8)
        let verifier = world.verifier
        for key in world.keys {
            let good = Array(try world.mint.token(key).utf8)
            #expect(await verifier.verify(String(decoding: good, as: UTF8.self), at: ForeignWorld.now).proof != nil)
            for position in good.indices {
                var bad = good
                // Two others each: a neighbour in the alphabet, where unused bits could hide, and any.
                for _ in 0..<2 {
                    bad[position] = alphabet.randomElement(using: &random) ?? 0x2E
                    if bad[position] == good[position] { bad[position] = good[position] == 0x41 ? 0x42 : 0x41 }
                    let verdict = await verifier.verify(String(decoding: bad, as: UTF8.self), at: ForeignWorld.now)
                    #expect(verdict.proof == nil, "\(key.kid), character \(position), seed \(seed)")
                    #expect(!verdict.failures.isEmpty)
                }
                bad = good
                bad.remove(at: position)
                let shorter = await verifier.verify(String(decoding: bad, as: UTF8.self), at: ForeignWorld.now)
                #expect(shorter.proof == nil, "\(key.kid) without character \(position)")
            }
        }
    }

    @Test func `every bit of the last character of a signature counts`() async throws {
        let world = try await ForeignWorld.shared
        for key in world.keys {
            let good = try world.mint.token(key)
            for character in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            where character != good.last {
                #expect(try await !faults(good.dropLast() + String(character)).isEmpty)
            }
        }
    }

    @Test func `no message holds a part of a token or a line's end`() async throws {
        let world = try await ForeignWorld.shared
        let token = try world.mint.token(
            world.stranger, header: ["kid": #""secret-name\n""#, "typ": #""x\ny""#, "jku": #""https://a.example""#],
            claims: ["aud": #""secret-audience""#, "sub": "1", "exp": #""\n""#])
        let verdict = await world.verifier.verify(token, at: ForeignWorld.now)
        #expect(verdict.failures.count >= 4)
        for finding in verdict.failures + verdict.warnings {
            #expect(!finding.message.contains("secret") && !finding.message.contains("\n"))
            #expect(!token.split(separator: ".").contains { finding.message.contains($0) })
        }
    }
}
