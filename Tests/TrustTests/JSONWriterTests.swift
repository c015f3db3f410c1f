import Testing

@testable import Trust

@Suite("JSON that is written")
struct JSONWriterTests {
    @Test(
        "a character is written the same wherever in a string it stands",
        arguments: [JSONWriter.Escapes.printable, .tokens])
    func places(escapes: JSONWriter.Escapes) {
        let scalars = (0..<0x100).map { UnicodeScalar(UInt8($0)) } + ["\u{2028}", "\u{2029}", "\u{20ac}", "\u{1f600}"]
        for scalar in scalars {
            // By itself it is too short to be looked at together with others.
            var alone = JSONWriter(escapes: escapes)
            alone.string(String(Character(scalar)))
            for place in 0..<18 {
                let (before, after) = (String(repeating: "a", count: place), String(repeating: "~", count: 17 - place))
                var json = JSONWriter(escapes: escapes)
                json.string(before + String(Character(scalar)) + after)
                #expect(json.text == "\"" + before + alone.text.dropFirst().dropLast() + after + "\"")
            }
        }
    }

    @Test("objects, lists and values are parted by commas and nothing else")
    func structure() {
        var json = JSONWriter()
        json.object {
            $0.member("a", "b")
            $0.member("none", nil as String?)
            $0.list("list") { list in
                list.integer(1)
                list.object { _ in }
                list.list { _ in }
                list.boolean(false)
            }
            $0.member("names", ["x", "y"])
            $0.object("o") { $0.member("n", Int64.min) }
            $0.name("f")
            $0.number(0.5)
            $0.name("i")
            $0.number(.infinity)
        }
        let text =
            #"{"a":"b","none":null,"list":[1,{},[],false],"names":["x","y"],"#
            + #""o":{"n":-9223372036854775808},"f":0.5,"i":null}"#
        #expect(json.text == text)
    }

    @Test(
        "strings are escaped as the reader wants them",
        arguments: [
            ("a\"b\\c", #""a\"b\\c""#, #""a\"b\\c""#), ("\n\r\t\u{8}\u{c}\u{1}", #""\n\r\t\b\f\u0001""#, nil),
            ("a<>&", #""a<>&""#, #""a\u003c\u003e\u0026""#), ("\u{2028}\u{2029}", #""\u2028\u2029""#, nil),
            ("\u{7f}\u{85}\u{a0}", "\"\\u007f\\u0085\u{a0}\"", "\"\u{7f}\u{85}\u{a0}\""),
            ("Zoë 🚀 \u{2027}\u{202a}", "\"Zoë 🚀 \u{2027}\u{202a}\"", nil), ("", "\"\"", nil),
        ])
    func escapes(text: String, printable: String, tokens: String?) {
        var json = JSONWriter()
        json.string(text)
        #expect(json.text == printable)
        json = JSONWriter(escapes: .tokens)
        json.string(text)
        #expect(json.text == tokens ?? printable)
    }

    @Test("what is written is read again as it was", arguments: [JSONWriter.Escapes.printable, .tokens])
    func readsBack(escapes: JSONWriter.Escapes) throws {
        let scalars = (0..<0x3000 as Range<UInt32>).compactMap(Unicode.Scalar.init).map(Character.init)
        let text = String(scalars)
        var json = JSONWriter(escapes: escapes)
        json.object { $0.member("name", text) }
        let read = try json.bytes.withUnsafeBytes { buffer in
            var reader = try JSONReader(PaddedBytes(buffer, count: buffer.count))
            var scope = try reader.beginText(known: [.name])
            #expect(try reader.nextMember(&scope) == .name)
            return try reader.string()
        }
        #expect(read.map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test("tokens, seeds and members for secrets are masked, nothing else")
    func masks() {
        let json =
            #"{"a":"eyJh.eyJi.c","token":"x","jwt":"","pass" : "p","b":["eyJ","a.b.c"],"c":{"sig":"s"},"d":"token"}"#
        let masked =
            #"{"a":"***","token":"***","jwt":"","pass" : "***","b":["eyJ","a.b.c"],"c":{"sig":"***"},"d":"token"}"#
        #expect(JSONMask.masked(json) == masked)
        #expect(JSONMask.covers("SU" + String(repeating: "A", count: 56)))
        #expect(!JSONMask.covers("UA" + String(repeating: "A", count: 54)))
        #expect(JSONMask.masked(#"["a\"b","\\"]"#) == #"["a\"b","\\"]"#)
        #expect(JSONMask.masked(#"["a"#) == #"["a""#)
    }
}

@Suite("Claims as JSON")
struct ClaimsJSONTests {
    @Test("embedded tokens are masked unless asked for")
    func masked() throws {
        let world = try SigningWorld()
        let token = try TokenSigner(world.account2).sign(world.activation, at: SigningWorld.now)
        var account = world.newAccount
        account.imports = [
            Import(subject: .all, account: world.account2.publicKey, kind: .stream, token: token.text)
        ]
        #expect(ClaimsJSON.json(of: account).contains(#""token":"***""#))
        #expect(!ClaimsJSON.json(of: account).contains("eyJ"))
        #expect(ClaimsJSON.json(of: account, embeddedTokens: .raw).contains(token.text))
        #expect(ClaimsJSON.json(of: account).contains(#""subject":">""#), "readable, not escaped as in a token")
    }

    @Test("nothing that a client sent as a secret is shown")
    func requests() throws {
        let world = try SigningWorld()
        var request = AuthorizationRequestClaims(common: world.user.common, userKey: world.user1.publicKey)
        request.connectOptions.password = "hunter2"
        request.connectOptions.authToken = "letmein"
        request.connectOptions.signature = "c2ln"
        let text = ClaimsJSON.json(of: request)
        #expect(!text.contains("hunter2") && !text.contains("letmein") && !text.contains("c2ln"))
        #expect(ClaimsJSON.json(of: request, embeddedTokens: .raw).contains("hunter2"))
    }

    @Test("claims of version 1 come out in the shape of version 2")
    func versions() throws {
        let text = ClaimsJSON.json(of: try SigningWorld().user, version: .one)
        #expect(text.hasSuffix(#""type":"user","version":1}}"#))
    }

    @Test(
        "a character that needs an escape has one wherever it stands among others",
        arguments: [JSONWriter.Escapes.printable, .tokens])
    func everyPlace(_ escapes: JSONWriter.Escapes) {
        for byte in UInt8(0)..<0x80 {
            let character = String(UnicodeScalar(byte))
            var alone = JSONWriter(escapes: escapes)
            alone.string(character)
            let written = alone.text.dropFirst().dropLast()
            // Alone it is looked at by itself; among others eight at a time may be passed over.
            let mustEscape =
                byte < 0x20 || byte == 0x22 || byte == 0x5c || (escapes == .tokens && "<>&".contains(character))
            #expect((written != character) == (mustEscape || (escapes == .printable && byte == 0x7f)), "\(byte)")
            for place in 0..<24 {
                let (before, after) = (String(repeating: "a", count: place), String(repeating: "b", count: 24 - place))
                var writer = JSONWriter(escapes: escapes)
                writer.string(before + character + after)
                #expect(writer.text == "\"\(before)\(written)\(after)\"", "byte \(byte) at \(place)")
            }
        }
    }
}
