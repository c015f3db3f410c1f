@testable import Identity
import NKeys
import Testing

@Suite struct IdentityConfigurationTests {
    private let text: ConfigurationText
    private let configuration: IdentityConfiguration

    init() throws {
        text = try ConfigurationText()
        configuration = try IdentityConfiguration(reading: Array(text.full.utf8), files: ConfigurationText.files)
    }

    @Test func `everything that a file says is taken over`() throws {
        #expect(configuration.names.map(\.text) == ["https://accounts.example.com"])
        #expect(configuration.audiences.entries.map(\.name.text) == ["billing", "orders"])
        #expect(configuration.audiences.entries.last?.keys == [text.account])
        #expect(configuration.maximumLifetime == 1200)
        #expect(configuration.signingKeyFiles == ["orders.nk", "keys/billing.nk"])

        let issuer = try #require(configuration.issuers.first)
        #expect(issuer.issuer == "https://login.example.com")
        #expect(issuer.audiences == ["credence"])
        #expect(issuer.algorithms == [.rs256, .es256, .edDSA])
        #expect(issuer.keys == .url("https://login.example.com/jwks"))
        #expect(issuer.kind == .access && issuer.use == .once)
        #expect([issuer.leeway, issuer.maximumAge, issuer.keepsKeys] == [20, 1800, 7200])
        #expect([issuer.freshKeys, issuer.refetchInterval] == [60, 10])
        #expect(issuer.requiredClaims == ["azp"])
        #expect(issuer.authorities == "ca.pem")
        #expect(configuration.issuers.map(\.kind) == [.access, .id, .plain, .access])
        #expect(configuration.issuers[1].keys == .set(Array(#"{"keys":[]}"#.utf8)))
        #expect(configuration.issuers[2].keys == .discovery)
        #expect(configuration.issuers[3].keys == .secret(Array(repeating: UInt8(ascii: "s"), count: 32)))
        #expect(configuration.issuers[3].use == .repeated)

        let role = try #require(configuration.roles.roles.first)
        #expect(role.name == "reader" && role.target == .account(text.account))
        #expect(
            role.conditions == [
                ClaimCondition(path: ["groups"], oneOf: ["orders", "all"]),
                ClaimCondition(path: ["realm_access", "roles"], oneOf: ["r"]),
                ClaimCondition(path: ["https://example.com/x"], oneOf: ["true"]),
                ClaimCondition(path: ["n"], oneOf: ["1", "2"]),
            ])
        #expect(role.audiences == [try AudienceName("orders")])
        #expect(role.signingKey == text.key && role.narrowingKey == text.narrowing)
        #expect(role.userName.text == "{{sub}}-{{azp}}" && role.tags.map(\.text) == ["team:{{team}}"])
        #expect(role.permissions.publishAllow?.map(\.description) == ["a.>"])
        #expect(role.permissions.publishDeny?.map(\.description) == ["a.b"])
        #expect(role.permissions.subscribeAllow?.map(\.description) == ["b q", "c"])
        #expect(role.permissions.subscribeDeny == nil)
        #expect(role.permissions.responses?.maximum == 2)
        #expect(role.permissions.responses?.timeToLive == 3_000_000_000)
        #expect(role.lifetime == 900 && role.delegates == [text.delegate])
        let guest = try #require(configuration.roles.roles.last)
        #expect(guest.target == .named("APP") && guest.lifetime == 600 && guest.userName == .subject)
    }

    @Test func `everything that is said of an authorization service is taken over`() throws {
        let callout = try #require(configuration.callout)
        #expect(callout.account == text.account && callout.signingKey == text.key)
        #expect(callout.servers == ["nats://a", "nats://b"] && callout.login == .creds("c.creds"))
        #expect(callout.authorities == "ca.pem" && callout.sealingKey == "x.nk" && callout.unsealed == .accepted)
        #expect(callout.knownServers == [text.server] && callout.audience?.text == "billing")
        #expect(callout.userTokens == .checked && callout.names.map(\.text) == ["cluster"])
        #expect(callout.queue == "callout" && callout.reasons == .told)
        #expect(callout.timeLimit == 700 && callout.concurrency == 9)
        #expect(callout.operatorFile == "op.jwt" && callout.accounts == "jwt")
    }

    /// What is changed, what it becomes, and the place of the fault.
    private static let mistakes: [(String, String, String)] = [
        (#""names":"#, #""nomes":"#, "nomes"),
        (#""maximum_lifetime": 1200"#, #""maximum_lifetime": 0"#, "maximum_lifetime"),
        (#""maximum_lifetime": 1200"#, #""maximum_lifetime": 86401"#, "maximum_lifetime"),
        (#""maximum_lifetime": 1200"#, #""maximum_lifetime": "1200""#, "maximum_lifetime"),
        (#""maximum_lifetime": 1200"#, #""maximum_lifetime": null"#, "maximum_lifetime"),
        (#""maximum_lifetime": 1200"#, #""maximum_lifetime": 800"#, "roles[0].lifetime"),
        (#"["https://accounts.example.com"]"#, "[]", "names"),
        (#"["https://accounts.example.com"]"#, #"["a", "a"]"#, "names[1]"),
        (#"["https://accounts.example.com"]"#, #"["a*", "b c"]"#, "names[1]"),
        (#"["https://accounts.example.com"]"#, #""a""#, "names"),
        (#"["https://accounts.example.com"]"#, #"[7]"#, "names[0]"),
        (#""name": "billing""#, #""name": "orders""#, "audiences[1].name"),
        (#""name": "billing""#, #""description": "x""#, "audiences[1].name"),
        (#""name": "billing""#, #""name": "billing", "key": "A""#, "audiences[1].key"),
        (#""name": "billing""#, #""name": "billing", "keys": ["A"]"#, "audiences[1].keys[0]"),
        (#"["RS256", "ES256", "EdDSA"]"#, #"["none"]"#, "issuers[0].algorithms"),
        (#"["RS256", "ES256", "EdDSA"]"#, #"["rs256"]"#, "issuers[0].algorithms"),
        (#"["RS256", "ES256", "EdDSA"]"#, #"["RS256", "RS256"]"#, "issuers[0].algorithms"),
        (#"["RS256", "ES256", "EdDSA"]"#, #"["RS256", "HS256"]"#, "issuers[0].algorithms"),
        (#"["RS256", "ES256", "EdDSA"]"#, "[]", "issuers[0].algorithms"),
        (#""algorithms": ["RS256", "ES256", "EdDSA"],"#, "", "issuers[0].algorithms"),
        (#""audiences": ["credence"], "algorithms": ["RS"#, #""algorithms": ["RS"#, "issuers[0].audiences"),
        (
            #""url": "https://login.example.com/jwks""#, #""url": "http://login.example.com/jwks""#,
            "issuers[0].keys.url"
        ),
        (#""url": "https://login.example.com/jwks""#, #""url": "https://a:b@c/jwks""#, "issuers[0].keys.url"),
        (#""url": "https://login.example.com/jwks""#, #""url": "http://127.0.0.1.evil/j""#, "issuers[0].keys.url"),
        (#""url": "https://login.example.com/jwks""#, #""url": "file:///etc/passwd""#, "issuers[0].keys.url"),
        (#""url": "https://login.example.com/jwks""#, #""url": "https://a", "file": "jwks.json""#, "issuers[0].keys"),
        (#"{"url": "https://login.example.com/jwks"}"#, "{}", "issuers[0].keys"),
        (#"{"url": "https://login.example.com/jwks"}"#, #"{"jku": "https://a"}"#, "issuers[0].keys.jku"),
        (#""leeway": 20"#, #""leeway": 301"#, "issuers[0].leeway"),
        (#""leeway": 20"#, #""leeway": -1"#, "issuers[0].leeway"),
        (#""maximum_age": 1800"#, #""maximum_age": 0"#, "issuers[0].maximum_age"),
        (#""use": "once""#, #""use": "twice""#, "issuers[0].use"),
        (#""keep_keys": 7200"#, #""keep_keys": 59"#, "issuers[0].keep_keys"),
        (#""ca": "ca.pem"},"#, #""ca": "none.pem"},"#, "issuers[0].ca"),
        (#""tokens": "id""#, #""tokens": "any""#, "issuers[1].tokens"),
        (#"{"file": "jwks.json"}"#, #"{"file": "gone.json"}"#, "issuers[1].keys.file"),
        (#"{"discovery": true}"#, #"{"discovery": false}"#, "issuers[2].keys.discovery"),
        (#""issuer": "http://127.0.0.1:8080""#, #""issuer": "http://login.example.com""#, "issuers[2].keys.discovery"),
        (#""issuer": "http://127.0.0.1:8080""#, #""issuer": "https://file.example.com""#, "issuers[2].issuer"),
        (#""secret_file": "hs.key""#, #""secret_file": "short.key""#, "issuers[3].keys"),
        (#"["HS256"]"#, #"["HS512"]"#, "issuers[3].keys"),
        (#"["HS256"]"#, #"["HS256", "ES256"]"#, "issuers[3].algorithms"),
        (#"["HS256"]"#, #"["ES256"]"#, "issuers[3].algorithms"),
        (#"["orders.nk", "keys/billing.nk"]"#, #"["a", "a"]"#, "signing_keys"),
        (#""name": "guest""#, #""name": "reader""#, "roles[1].name"),
        (#""name": "guest", "#, "", "roles[1].name"),
        (#""name": "guest", "issuer": "internal""#, #""name": "guest", "issuer": "external""#, "roles[1].issuer"),
        (#""server_account": "APP", "#, "", "roles[1].account"),
        (#""server_account": "APP""#, #""server_account": "*""#, "roles[1].server_account"),
        (#""server_account": "APP""#, #""server_account": "APP", "account": "A""#, "roles[1].account"),
        (#"{"groups": ["orders", "all"]"#, #"{"groups": []"#, "roles[0].claims.groups"),
        (#"{"groups": ["orders", "all"]"#, #"{"groups": ["all", "all"]"#, "roles[0].claims.groups"),
        (#"{"groups": ["orders", "all"]"#, #"{"groups": [["all"]]"#, "roles[0].claims.groups[0]"),
        (#"{"groups": ["orders", "all"]"#, #"{"groups": {}"#, "roles[0].claims.groups"),
        (#"{"groups": ["orders", "all"]"#, #"{"groups": null"#, "roles[0].claims.groups"),
        (#"{"groups": ["orders", "all"]"#, #"{"gro..ups": "a""#, "roles[0].claims.gro..ups"),
        (#""audiences": ["orders"]"#, #""audiences": ["others"]"#, "roles[0].audiences"),
        ("{{sub}}-{{azp}}", "{{sub}", "roles[0].user_name"),
        (#"["team:{{team}}"]"#, #"["team:{{team}}", "team:{{team}}"]"#, "roles[0].tags[1]"),
        (#"["team:{{team}}"]"#, #"["Team:{{team}}"]"#, "roles[0].tags[0]"),
        (#"["team:{{team}}"]"#, #"["team:{{}}"]"#, "roles[0].tags[0]"),
        (#"["a.>"]"#, #"["a.>", "a..b"]"#, "roles[0].permissions.pub.allow[1]"),
        (#"["a.>"]"#, #"["a q"]"#, "roles[0].permissions.pub.allow[0]"),
        (#""deny": ["a.b"]"#, #""deny": []"#, "roles[0].permissions.pub.deny"),
        (#""sub": {"deny": [">"]}"#, #""sub": {}"#, "roles[1].permissions"),
        (#""permissions": {"sub": {"deny": [">"]}}"#, #""lifetime": 1"#, "roles[1].permissions"),
        (#""deny": ["a.b"]"#, #""denies": ["a.b"]"#, "roles[0].permissions.pub.denies"),
        (#""resp": {"max": 2"#, #""resp": {"max": 0"#, "roles[0].permissions.resp.max"),
        (#""lifetime": 900"#, #""lifetime": 1201"#, "roles[0].lifetime"),
        (#""lifetime": 900"#, #""lifetime": 900, "bearer": true"#, "roles[0].bearer"),
        (#""creds": "c.creds""#, #""creds": "c.creds", "user": "u""#, "callout.creds"),
        (#""creds": "c.creds","#, "", "callout.creds"),
        (#""xkey": "x.nk", "#, "", "callout.unsealed"),
        (#""unsealed": "accepted""#, #""unsealed": "yes""#, "callout.unsealed"),
        (#""audience": "billing""#, #""audience": "others""#, "callout.audience"),
        (#""operator": "op.jwt", "#, "", "callout"),
        (#""queue": "callout""#, #""queue": "a.b""#, "callout.queue"),
        (#""time_limit": 700"#, #""time_limit": 5"#, "callout.time_limit"),
        (#""concurrency": 9"#, #""concurrency": 0"#, "callout.concurrency"),
        (#""reasons": "told""#, #""reason": "told""#, "callout.reason"),
    ]

    @Test(arguments: mistakes)
    func `every mistake is named with its place, and nothing is taken over`(old: String, new: String, place: String) {
        let faults = text.faults(replacing: old, by: new) ?? []
        #expect(faults.contains { $0.hasPrefix("\(place): ") }, "\(old) -> \(new): \(faults)")
    }

    @Test func `keys are of the role that belongs there`() throws {
        let user = text.delegate.text
        for place in ["account", "signing_key", "narrowing_key"] {
            let key = place == "account" ? text.account : place == "signing_key" ? text.key : text.narrowing
            let faults = text.faults(replacing: #""\#(place)": "\#(key)""#, by: #""\#(place)": "\#(user)""#) ?? []
            #expect(faults.contains { $0.hasPrefix("roles[0].\(place): ") }, "\(faults)")
        }
        let account = text.account.text
        let faults = text.faults(replacing: #""delegates": ["\#(user)"]"#, by: #""delegates": ["\#(account)"]"#) ?? []
        #expect(faults.contains { $0.hasPrefix("roles[0].delegates[0]: ") }, "\(faults)")
        let same = text.faults(replacing: text.narrowing.text, by: text.key.text) ?? []
        #expect(same.contains { $0.hasPrefix("roles[0].narrowing_key: ") }, "\(same)")
    }

    @Test func `what is no object by strict rules is not read`() {
        for text in [
            "", "[]", "{", "null", #"{"names": ["a"], "names": ["b"]}"#, "{} {}", #"{"names": 1.5}"#, "\u{feff}{}",
        ] {
            #expect(ConfigurationText.faults(text)?.count == 1, "\(text)")
        }
        #expect(ConfigurationText.faults("{}") == nil)
    }

    @Test func `a secret of bytes keeps its last byte, and one of text loses its line end`() throws {
        let bytes = try IdentityConfiguration(
            reading: Array(text.full.replacing("hs.key", with: "bytes.key").utf8), files: ConfigurationText.files)
        #expect(bytes.issuers[3].keys == .secret(Array(repeating: 0xff, count: 31) + [0x0a]))
    }

    @Test func `no fault shows a secret`() {
        for fault in text.faults(replacing: "hs.key", by: "short.key") ?? [] { #expect(!fault.contains("sss")) }
    }

    @Test func `a text that is changed at random is read or refused, and nothing else happens`() {
        var random = AnnouncedRandom.announced("configuration")
        let original = Array(text.full.utf8)
        let pieces = [
            "{", "}", "[", "]", "\"", "\\", ",", ":", "null", "{{", "}}", "-1", "9223372036854775807", "\u{0}", "ä",
        ]
        var readable = 0
        for _ in 0..<3000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let start = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, start + Int.random(in: 0...4, using: &random))
                let piece = Array((pieces.randomElement(using: &random) ?? "").utf8)
                bytes.replaceSubrange(start..<end, with: Bool.random(using: &random) ? piece : [])
            }
            do throws(IdentityConfigurationRefusal) {
                _ = try IdentityConfiguration(reading: bytes, files: ConfigurationText.files)
                readable += 1
            } catch {
                #expect(!error.faults.isEmpty)
                for fault in error.faults { #expect(!fault.description.contains("\n")) }
            }
        }
        // Some changes hit a name or a number and leave a good file.
        #expect(readable > 0 && readable < 3000)
    }
}
