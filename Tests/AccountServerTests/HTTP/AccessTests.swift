import Foundation
import NKeys
import Testing
import Trust

@testable import AccountServer

/// Who may do what.
@Suite struct AccessTests {
    private static let secret = "q1w2e3r4t5y6u7i8o9p0"

    static func hex(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }

    static func file(_ credentials: String) throws -> String {
        let path = NSTemporaryDirectory() + "credentials-\(UUID().uuidString).json"
        try Data(credentials.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    static func bearer(_ name: String, _ secret: String, _ allows: String) -> String {
        #"{"name":"\#(name)","bearer_sha256":"\#(hex(SHA256.hash(Array(secret.utf8))))","allows":[\#(allows)]}"#
    }

    @Test func `where uploads are restricted, only whoever is allowed them brings one`() async throws {
        let key = try TestTokens.key()
        let file = try Self.file(
            #"{"credentials":[\#(Self.bearer("ci", Self.secret, "\"upload\"")),\#(Self.bearer("eye", "other", "\"read\""))]}"#
        )
        defer { try? FileManager.default.removeItem(atPath: file) }
        let settings = HTTPSettings.testing { $0.access.audiences[.upload] = .named }
        try await TestServer.run(settings, credentials: file) { server in
            let path = "/jwt/v1/accounts/\(key)"
            let port = server.port
            let unasked = try await blocking {
                let client = try RawClient(port: port)
                try client.send(
                    RawClient.request("POST", path, ["Content-Length: 9", "Expect: 100-continue"]))
                return try client.answer()
            }
            #expect(unasked.status == 401)
            #expect(unasked.rules == ["U-denied"])
            #expect(unasked.fields["www-authenticate"] == #"Bearer realm="credence""#)
            for authorization in [
                "Bearer wrong", "Basic \(Self.secret)", "Bearer", "Bearer \(Self.secret) x", "Bearer \(Self.secret)x",
                "",
            ] {
                let refused = try await server.ask("POST", path, ["Authorization: \(authorization)"], body: "a.b.c")
                #expect(refused.status == 401)
                #expect(refused.fields["www-authenticate"]?.contains("invalid_token") == true)
            }
            let twice = ["Authorization: Bearer \(Self.secret)", "Authorization: Bearer \(Self.secret)"]
            #expect(try await server.ask("POST", path, twice, body: "a.b.c").status == 401)
            let other = try await server.ask("POST", path, ["Authorization: Bearer other"], body: "a.b.c")
            #expect(other.status == 403)
            #expect(other.rules == ["U-denied"])
            #expect(server.accounts.uploads.isEmpty)
            #expect(server.accounts.turned.allSatisfy { $0.rule == .uploadDenied && $0.path == key.text })
            #expect(server.accounts.turned.count == 9)
            let good = try await server.ask("POST", path, ["authorization: bearer \(Self.secret)"], body: "a.b.c")
            #expect(good.status == 200)
            #expect(server.accounts.uploads.map(\.caller.text) == ["ci@127.0.0.1"])
            // What is open stays so; but a credential that is none is never taken for nobody.
            #expect(try await server.ask("GET", path).status == 200)
            #expect(try await server.ask("GET", path, ["Authorization: Bearer wrong"]).status == 401)
            let said = (server.log.all + [server.registry.text]).joined(separator: "\n")
            #expect(!said.contains(Self.secret))
            #expect(said.contains("caller=ci@127.0.0.1"))
        }
    }

    @Test(arguments: [
        ("/jwt/v1/pack", AccessPolicy.Action.list), ("/metrics", .metrics), ("/jwt/v1/operator", .read),
    ])
    func `each action is restricted by itself`(path: String, action: AccessPolicy.Action) async throws {
        try await TestServer.run(.testing { $0.access.audiences[action] = .named }) { server in
            for other in ["/jwt/v1/pack", "/metrics", "/jwt/v1/operator"] {
                let seen75 = try await server.ask("GET", other)
                #expect(seen75.status == (other == path ? 401 : 200))
            }
            let seen77 = try await server.ask("GET", "/healthz")
            #expect(seen77.status == 200)
        }
    }

    @Test func `announcing needs what uploading needs`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run(.testing { $0.access.audiences[.upload] = .named }) { server in
            server.accounts.keep(key, token: "a.b.c")
            let seen85 = try await server.ask("GET", "/jwt/v1/accounts/\(key)?notify=true")
            #expect(seen85.status == 401)
            #expect(server.accounts.state.withLock { $0.announced }.isEmpty)
        }
    }

    @Test func `a bearer token in a query is refused, and stands in no log`() async throws {
        try await TestServer.run { server in
            for name in ["access_token", "bearer", "token"] {
                let answer = try await server.ask("GET", "/jwt/v1/pack?\(name)=\(Self.secret)")
                #expect(answer.status == 400)
                #expect(!answer.text.contains(Self.secret))
            }
            #expect(!(server.log.all + [server.registry.text]).joined().contains(Self.secret))
        }
    }

    @Test func `a server that is read-only changes nothing and reads no body`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run(.testing { $0.access.changes = .refused }) { server in
            for (method, path) in [
                ("POST", "/jwt/v1/accounts/\(key)"), ("POST", "/jwt/v1/accounts/\(key)?dry_run=true"),
                ("DELETE", "/jwt/v1/accounts/\(key)"), ("POST", "/jwt/v1/pack"), ("POST", "/jwt/v1/activations"),
                ("POST", "/jwt/v1/operator"),
            ] {
                let answer = try await server.ask(method, path, body: "a.b.c")
                #expect(answer.status == 403)
                #expect(answer.rules == ["U-read-only"])
            }
            #expect(server.accounts.uploads.isEmpty)
            #expect(server.accounts.turned.count == 6)
            #expect(server.accounts.turned.allSatisfy { $0.rule == .uploadReadOnly })
        }
    }

    @Test func `uploads over plain HTTP are refused where the settings say so`() async throws {
        let key = try TestTokens.key()
        try await TestServer.run(.testing { $0.plainHTTP = .readOnly }) { server in
            let answer = try await server.ask("POST", "/jwt/v1/accounts/\(key)", body: "a.b.c")
            #expect(answer.status == 403)
            #expect(answer.rules == ["U-denied"])
            #expect(try await server.ask("GET", "/jwt/v1/operator").status == 200)
        }
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.255.0.9", true), ("128.0.0.1", false), ("192.0.2.7", false),
    ])
    func `this machine is told from others`(text: String, isLoopback: Bool) throws {
        let bytes = text.split(separator: ".").compactMap { UInt8($0) }
        let address = CallerAddress(bytes: [UInt8](repeating: 0, count: 10) + [0xff, 0xff] + bytes)
        #expect(address.isLoopback == isLoopback)
        #expect(address.text == text)
    }

    @Test func `a network of version 6 is one caller, and addresses have one spelling`() {
        func address(_ groups: [UInt16]) -> CallerAddress {
            CallerAddress(bytes: groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] })
        }
        let one = address([0x2001, 0xdb8, 0, 1, 0, 0, 0, 7])
        let same = address([0x2001, 0xdb8, 0, 1, 9, 9, 9, 9])
        let other = address([0x2001, 0xdb8, 0, 2, 0, 0, 0, 7])
        #expect(one.network == same.network)
        #expect(one.network != other.network)
        #expect(one.text == "2001:db8:0:1::7")
        #expect(address([0, 0, 0, 0, 0, 0, 0, 1]).text == "::1")
        #expect(address([0, 0, 0, 0, 0, 0, 0, 1]).isLoopback)
        #expect(!address([0, 0, 0, 0, 0, 0, 0, 2]).isLoopback)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"credentials":{}}"#, #"{"credentials":[],"credentials":[]}"#, #"{"credentials":[],"x":1}"#,
        #"{"credentials":[{"name":"a","allows":["read"]}]}"#, #"{"credentials":[GOOD,GOOD]}"#,
        #"{"credentials":[GOOD]} x"#,
        #"{"credentials":[{"name":"a","bearer_sha256":"HASH","allows":["read"],"x":1}]}"#,
        #"{"credentials":[{"name":"a","bearer_sha256":"UPPER","allows":["read"]}]}"#,
        #"{"credentials":[{"name":"a","bearer_sha256":"HASH","allows":["everything"]}]}"#,
        #"{"credentials":[{"name":"a","bearer_sha256":"HASH","allows":["read","read"]}]}"#,
        #"{"credentials":[{"name":"a b","bearer_sha256":"HASH","allows":[]}]}"#,
        #"{"credentials":[{"name":"a","bearer_sha256":"HASH"}]}"#,
        #"{"credentials":[{"name":"a","bearer_sha256":"HASH","certificate_sha256":"HASH","allows":[]}]}"#,
        #"{"credentials":[{"name":"a","bearer_sha256":"HASH","allows":[]},{"name":"b","bearer_sha256":"HASH","allows":[]}]}"#,
    ])
    func `a file of credentials is taken whole or not at all`(text: String) throws {
        let hash = String(repeating: "0a", count: 32)
        let json = text.replacing("GOOD", with: #"{"name":"a","bearer_sha256":"HASH","allows":["read"]}"#)
            .replacing("HASH", with: hash).replacing("UPPER", with: hash.uppercased())
        #expect(throws: CallerCredentials.Fault.self) { try CallerCredentials(json: Array(json.utf8)) }
        let good = #"{"credentials":[{"name":"a","bearer_sha256":"\#(hash)","allows":["read"]}]}"#
        #expect(try CallerCredentials(json: Array(good.utf8)).bearers.map(\.name) == ["a"])
    }

    @Test func `credentials are read again, and a bad file changes nothing`() async throws {
        let file = try Self.file(#"{"credentials":[\#(Self.bearer("ci", "one", "\"list\""))]}"#)
        defer { try? FileManager.default.removeItem(atPath: file) }
        try await TestServer.run(.testing { $0.access.audiences[.list] = .named }, credentials: file) { server in
            func status(_ secret: String) async throws -> Int {
                try await server.ask("GET", "/jwt/v1/pack", ["Authorization: Bearer \(secret)"]).status
            }
            #expect(try await status("one") == 200)
            try Data(#"{"credentials":[\#(Self.bearer("ci", "two", "\"list\""))]}"#.utf8)
                .write(to: URL(fileURLWithPath: file))
            server.server.reload()
            #expect(try await status("one") == 401)
            #expect(try await status("two") == 200)
            try Data("{".utf8).write(to: URL(fileURLWithPath: file))
            server.server.reload()
            #expect(try await status("two") == 200)
            #expect(server.metric(#"credence_http_reloads_total{outcome="refused"}"#) == 1)
            #expect(server.log.all.contains { $0.hasPrefix("error the credentials stay as they were") })
        }
    }
}
