import NATSWire
import Testing

@Suite struct ClientOptionsTests {
    private static func options(_ text: String) throws(WireFault) -> ClientOptions {
        try ClientOptions(parsing: Array(text.utf8))
    }

    @Test func `what is not said is as the field has it`() throws {
        let options = try Self.options("{}")
        #expect(options.isVerbose && options.isPedantic && options.echoes)
        #expect(!options.hasHeaders && !options.wantsNoResponders && options.protocolVersion == 0)
        #expect(options.token.isEmpty && options.signature.isEmpty && !options.asksForAccount)
    }

    @Test func `every member is read, whatever the case of its name`() throws {
        for change in [{ $0 }, { $0.uppercased() }, { $0.prefix(1).uppercased() + $0.dropFirst() }]
            as [(String) -> String]
        {
            let members = [
                "verbose": "false", "pedantic": "false", "echo": "false", "headers": "true", "no_responders": "true",
                "protocol": "1", "jwt": "\"t\"", "sig": "\"s\"", "name": "\"n\"", "lang": "\"l\"", "version": "\"v\"",
                "nkey": "\"k\"", "user": "\"u\"", "pass": "\"p\"", "auth_token": "\"a\"", "tls_required": "true",
                "new_account": "true", "unknown": "[{}]",
            ]
            let text = members.map { "\"\(change($0.key))\": \($0.value)" }.joined(separator: ",")
            let options = try Self.options("{\(text)}")
            #expect(!options.isVerbose && !options.isPedantic && !options.echoes)
            #expect(options.hasHeaders && options.wantsNoResponders && options.protocolVersion == 1)
            #expect(
                [
                    options.token, options.signature, options.name, options.language, options.version, options.key,
                    options.user, options.password, options.authToken,
                ] == ["t", "s", "n", "l", "v", "k", "u", "p", "a"])
            #expect(options.asksForAccount)
        }
    }

    @Test(arguments: [
        "verbose", "pedantic", "echo", "headers", "no_responders", "protocol", "jwt", "sig", "name", "lang", "version",
        "nkey", "user", "pass", "auth_token", "tls_required", "account", "new_account", "JWT", "Sig",
    ])
    func `a member of another type is a fault, and null is none`(_ name: String) throws {
        for value in ["[]", "{}", "1.5", "\"1\"", "1", "true", "\"x\""] {
            let lower = name.lowercased()
            let isBool = ["verbose", "pedantic", "echo", "headers", "no_responders", "tls_required", "new_account"]
                .contains(lower)
            let fits =
                isBool ? value == "true" : lower == "protocol" ? value == "1" : value.hasPrefix("\"")
            if fits {
                _ = try Self.options("{\"\(name)\": \(value)}")
            } else {
                #expect(throws: WireFault.member(name)) { try Self.options("{\"\(name)\": \(value)}") }
            }
        }
        _ = try Self.options("{\"\(name)\": null}")
    }

    @Test(arguments: [
        "", " ", "null", "[]", "\"a\"", "1", "{", "{}x", "{} {}", "{\"a\"}", "{\"a\":}", "{'a':1}", "{\"a\":1,}",
        "{\"a\":\"\u{1}\"}",
        "{\"jwt\":\"a\",\"jwt\":\"b\"}", "{\"jwt\":\"a\",\"JWT\":\"b\"}", "{\"Sig\":\"a\",\"sig\":\"a\"}",
        "{\"protocol\":99999999999999999999}", "{\"protocol\":1e0}", "{\"jwt\":\"\\ud800\"}", "{\"name\":\"\\u12\"}",
    ])
    func `what is no object of known members, each once, is a fault`(_ text: String) {
        #expect(throws: WireFault.self) { try Self.options(text) }
    }

    @Test func `bytes that are no UTF-8, depth and size are faults and no traps`() throws {
        #expect(throws: WireFault.self) {
            try ClientOptions(parsing: Array("{\"name\":\"".utf8) + [0xFF] + Array("\"}".utf8))
        }
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: WireFault.self) { try Self.options("{\"x\":\(deep)") }
        let huge = String(repeating: "x", count: 1 << 20)
        #expect(try Self.options("{\"name\":\"\(huge)\"}").name.utf8.count == 1 << 20)
        let many = (0..<20_000).map { "\"m\($0)\":0" }.joined(separator: ",")
        #expect(try Self.options("{\(many)}").isVerbose)
    }

    @Test func `nothing of what a client says is printed`() throws {
        let options = try Self.options(#"{"jwt":"secret","pass":"secret","auth_token":"secret"}"#)
        #expect(!"\(options)".contains("secret") && !String(reflecting: options).contains("secret"))
        var text = ""
        dump(options, to: &text)
        #expect(!text.contains("secret"))
    }
}
