import NKeys
import Testing

@testable import Trust

/// Imports that are not what they should be: each is refused by name, or means what it says; none stops anything else.
@Suite struct HostileImportTests {
    /// The failures of an account with this list of imports; `SELF`, `OTHER` and `OPERATOR` stand for keys.
    private func codes(_ imports: String) throws -> [String] {
        let forge = try BindingForge.shared.get()
        let texts = [
            "SELF": forge.accounts[0].publicKey.text, "OTHER": forge.accounts[1].publicKey.text,
            "OPERATOR": forge.operator.publicKey.text,
        ]
        let claims = texts.reduce("\"imports\":" + imports) { $0.replacing($1.key, with: $1.value) }
        return forge.verdict(of: forge.accounts[0].publicKey, claims).codes
    }

    static let lists: [(String, [String])] = [
        ("[]", []), ("null", ["T-json at imports"]),
        ("{}", ["T-json at imports"]), ("\"a\"", ["T-json at imports"]), ("7", ["T-json at imports"]),
        ("[null]", ["T-json at imports[0]"]), ("[7]", ["T-json at imports[0]"]),
        ("[[]]", ["T-json at imports[0]"]), ("[true]", ["T-json at imports[0]"]),
        (#"["https://a.example/t"]"#, ["T-json at imports[0]"]),
        (#"[{"subject":"a","account":"OTHER","type":"stream"},null]"#, ["T-json at imports[1]"]),
        (#"[{"subject":null,"account":"OTHER","type":"stream"}]"#, ["T-json at imports[0].subject"]),
        (#"[{"subject":7,"account":"OTHER","type":"stream"}]"#, ["T-json at imports[0].subject"]),
        (#"[{"subject":"a","account":null,"type":"stream"}]"#, ["T-json at imports[0].account"]),
        (#"[{"subject":"a","account":{},"type":"stream"}]"#, ["T-json at imports[0].account"]),
        (#"[{"subject":"a","account":"OPERATOR","type":"stream"}]"#, ["T-key at imports[0].account"]),
        (#"[{"subject":"a","account":"*","type":"stream"}]"#, ["T-key at imports[0].account"]),
        (#"[{"subject":"a","account":"OTHER","type":null}]"#, ["T-json at imports[0].type"]),
        (#"[{"subject":"a","account":"OTHER","type":"queue"}]"#, ["T-content at imports[0].type"]),
        (#"[{"subject":"a","account":"OTHER","type":"Stream"}]"#, ["T-content at imports[0].type"]),
        (#"[{"subject":"a","account":"OTHER","type":"stream","token":7}]"#, ["T-json at imports[0].token"]),
        (#"[{"subject":"a","account":"OTHER","type":"stream","token":null}]"#, ["T-json at imports[0].token"]),
        (#"[{"subject":"a","account":"OTHER","type":"stream","token":""}]"#, []),
        (#"[{"subject":"a","account":"SELF","type":"stream"}]"#, ["T-content at imports[0].account"]),
        (
            #"[{"subject":"a","account":"SELF","type":"service","local_subject":"b"}]"#,
            ["T-content at imports[0].account"]
        ),
        (
            #"[{"subject":"a","account":"OTHER","type":"stream","local_subject":"$1"}]"#,
            ["T-content at imports[0].local_subject"]
        ),
        (
            #"[{"subject":"a.*","account":"OTHER","type":"stream","local_subject":"$9223372036854775808"}]"#,
            ["T-content at imports[0].local_subject"]
        ),
        (
            #"[{"subject":"a.*","account":"OTHER","type":"stream","local_subject":"$-1"}]"#,
            ["T-content at imports[0].local_subject"]
        ),
    ]

    @Test(arguments: lists) func `what is no import is refused by name and place`(
        _ list: String, _ expected: [String]
    ) throws {
        #expect(try codes(list) == expected)
    }

    static let subjects = [
        "bestellungen.größe", "注文.*", "заказы.>", "🛰.$1", "a.\u{E9}.e\u{301}", "*x.>y", "$G.{{name()}}",
    ]

    @Test(arguments: subjects) func `subjects in any alphabet bind, and to themselves only`(_ subject: String) throws {
        let forge = try BindingForge.shared.get()
        var facts = BindingFacts(keys: BindingFacts.Keys(forge))
        facts.subject = subject
        facts.exports[0].subject = subject
        facts.token?.subject = subject
        #expect(try facts.codes(forge) == [])
        facts.token?.subject = subject + "x"
        #expect(try facts.codes(forge).isSuperset(of: ["B-subject"]))
    }

    @Test func `one letter in two spellings is two subjects`() throws {
        let forge = try BindingForge.shared.get()
        var facts = BindingFacts(keys: BindingFacts.Keys(forge))
        (facts.subject, facts.exports[0].subject) = ("\u{E9}", "\u{E9}")
        facts.token?.subject = "e\u{301}"
        #expect(try facts.codes(forge) == ["B-subject", "B-export-subject"])
    }

    @Test(arguments: [
        "", " ", "a b", "a..b", ".a", "a.", "a.>.b", #"a\tb"#, #"a\r\nPUB b 0\r\n"#, #"a\u0000"#, #"\u0085"#,
    ])
    func `what is no subject is refused`(_ subject: String) throws {
        let item = #"{"subject":"\#(subject)","account":"OTHER","type":"stream"}"#
        let codes = try codes("[\(item)]")
        #expect(codes == ["T-content at imports[0].subject"])
    }

    // MARK: What stands in a token's place

    /// The codes of an import with `text` for its token, from an export that demands none or one.
    private func codes(token text: String, demanded: Bool) throws -> Set<String> {
        let forge = try BindingForge.shared.get()
        let (importer, exporter) = (forge.accounts[0].publicKey, forge.accounts[1].publicKey)
        let accounts = [
            try forge.account(
                importer, #""imports":[{"subject":"a","account":"\#(exporter)","type":"stream","token":"\#(text)"}]"#),
            try forge.account(exporter, #""exports":[{"subject":"a","type":"stream","token_req":\#(demanded)}]"#),
        ]
        return Set(try #require(forge.inForce(accounts).first?.imports.first).failures.map(\.rule.code))
    }

    @Test(
        arguments: [
            "https://tokens.example/a.jwt", "file:///etc/passwd", "HTTP://169.254.169.254/latest", "nats://h", "://",
            "a://b.c.d",
        ]) func `a URL is refused and nothing is fetched`(_ url: String) throws
    {
        #expect(try codes(token: url, demanded: true) == ["B-token-invalid"])
        #expect(try codes(token: url, demanded: false) == ["B-token-invalid", "B-public-token"])
    }

    @Test(arguments: ["x", ".", "..", "a.b.c", "eyJ.eyJ.", String(repeating: "A", count: 1 << 18)])
    func `what is no token is refused, on a public export too`(_ text: String) throws {
        #expect(try codes(token: text, demanded: true).contains("B-token-invalid"))
        #expect(try codes(token: text, demanded: false).isSuperset(of: ["B-token-invalid", "B-public-token"]))
    }

    @Test func `a token of another type is no activation`() throws {
        let forge = try BindingForge.shared.get()
        let (importer, exporter) = (forge.accounts[0], forge.accounts[1])
        let user = try ChainWorld.mint("user", by: exporter, for: KeyPair.generate(.user).publicKey, nats: "")
        let account = try ChainWorld.mint(
            "account", by: forge.operator, for: importer.publicKey, nats: #""limits":{}"#)
        for token in [user, account] {
            let codes = try codes(token: token, demanded: true)
            #expect(codes.isSuperset(of: ["T-type", "B-token-invalid"]), "\(codes)")
        }
    }

    // MARK: What stands in an exporter's place

    @Test func `an exporter that nobody knows refuses one import and leaves the others`() throws {
        let forge = try BindingForge.shared.get()
        let (importer, exporter) = (forge.accounts[0].publicKey, forge.accounts[1].publicKey)
        let accounts = [
            try forge.account(
                importer,
                """
                "imports":[{"subject":"a","account":"\(try BindingForge.key(9))","type":"stream"},\
                {"subject":"a","account":"\(exporter)","type":"stream"}]
                """),
            try forge.account(exporter, #""exports":[{"subject":"a","type":"stream"}]"#),
        ]
        let imports = try #require(forge.inForce(accounts).first).imports
        #expect(imports.map(\.codes) == [["B-exporter-unknown at imports[0].account"], []])
    }

    @Test func `an account that is handed in for another is not the exporter`() throws {
        let forge = try BindingForge.shared.get()
        let (importer, exporter) = (forge.accounts[0].publicKey, forge.accounts[1].publicKey)
        let account = try forge.account(
            importer, #""imports":[{"subject":"a","account":"\#(exporter)","type":"stream"}]"#)
        let other = try forge.account(
            forge.accounts[2].publicKey, #""exports":[{"subject":">","type":"stream"}]"#)
        let binder = BindingVerifier(verifier: forge.chain.verifier)
        let verdict = binder.bind(importAt: 0, of: account, to: .trusted(other), at: BindingForge.now)
        #expect(verdict?.codes == ["B-exporter-unknown at imports[0].account"])
        for index in [-1, 1, Int.min, Int.max] {
            let verdict = binder.bind(importAt: index, of: account, to: .trusted(other), at: BindingForge.now)
            #expect(verdict?.codes == nil)
        }
    }

    @Test func `an exporter is asked for nothing of its own imports`() throws {
        let forge = try BindingForge.shared.get()
        let (importer, exporter) = (forge.accounts[0].publicKey, forge.accounts[1].publicKey)
        let accounts = [
            try forge.account(importer, #""imports":[{"subject":"a","account":"\#(exporter)","type":"stream"}]"#),
            try forge.account(
                exporter,
                """
                "exports":[{"subject":"a","type":"stream"}],\
                "imports":[{"subject":"b","account":"\(try BindingForge.key(9))","type":"stream"}]
                """),
        ]
        #expect(forge.inForce(accounts).map { $0.imports.map(\.isAccepted) } == [[true], [false]])
    }
}
