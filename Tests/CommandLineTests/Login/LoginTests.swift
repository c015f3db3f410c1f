import Foundation
import NKeys
import RealServers
import Testing

/// `credence login` against a token endpoint and an issuer on the loopback.
@Suite(.timeLimit(.minutes(5)), .onOwnThread) struct LoginTests {
    let folder = TemporaryFolder()
    let endpoint: TokenEndpoint

    init() throws { endpoint = try TokenEndpoint() }

    private func start(
        _ arguments: [String], audience: String = "orders", environment: [String: String] = [:]
    ) throws -> RunningCommand {
        try Binary.start(
            ["login", "--server", endpoint.url, "--audience", audience, "-o", folder.path("user.creds")] + arguments,
            environment: environment)
    }

    private func login(
        _ arguments: String..., audience: String = "orders", environment: [String: String] = [:]
    ) throws -> CommandRun {
        try start(arguments, audience: audience, environment: environment).wait()
    }

    /// The token and the seed in creds.
    private func creds(_ name: String = "user.creds") throws -> (claims: StoredClaims, pair: KeyPair) {
        let text = try Data(contentsOf: folder.url(name))
        let creds = try text.withUnsafeBytes { try CredentialsFile(parsing: $0) }
        return (try StoredClaims(String(decoding: creds.token, as: UTF8.self)), try KeyPair(creds.seed))
    }

    // MARK: Where tokens come from

    @Test func `a token from a file becomes creds of a key that was made here`() throws {
        try folder.write("the-token\n", to: "token")
        let run = try login(
            "--token-file", folder.path("token"), "--scope", "pub:a.>", "--scope", "sub:b", "--lifetime", "90s")
        #expect(run.status == 0, "\(run.errors)")
        let (claims, pair) = try creds()
        #expect(claims.payload["sub"] as? String == pair.publicKey.text && pair.role == .user)
        #expect(claims.payload["aud"] as? String == "orders")
        #expect(try folder.mode("user.creds") == 0o600)
        let form = try #require(endpoint.forms.first)
        #expect(form["subject_token"] == "the-token" && form["scope"] == "pub:a.> sub:b")
        #expect(form["subject_token_type"] == "urn:ietf:params:oauth:token-type:access_token")
        #expect(form["credence_lifetime"] == "90" && form["audience"] == "orders")
        #expect(endpoint.proofFaults.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["token", "user.creds"])
        // Another login has another key, and takes the place of the creds.
        #expect(try login("--token-file", folder.path("token"), "--token-type", "id").status == 0)
        #expect(try creds().pair.publicKey != pair.publicKey)
        #expect(endpoint.forms.last?["subject_token_type"] == "urn:ietf:params:oauth:token-type:id_token")
    }

    @Test func `a token from the environment is named, not given`() throws {
        let run = try login("--token-env", "MY_TOKEN", environment: ["MY_TOKEN": "from-the-environment"])
        #expect(run.status == 0, "\(run.errors)")
        #expect(endpoint.forms.first?["subject_token"] == "from-the-environment")
        #expect(try login("--token-env", "NO_TOKEN").status == 66)
        for text in ["", "two words", "line\nbreak"] {
            #expect(try login("--token-env", "MY_TOKEN", environment: ["MY_TOKEN": text]).status == 65, "\(text)")
        }
    }

    @Test func `creds of ours are proved by their own seed`() throws {
        try folder.write("the-token", to: "token")
        #expect(try login("--token-file", folder.path("token")).status == 0)
        try FileManager.default.moveItem(atPath: folder.path("user.creds"), toPath: folder.path("first.creds"))
        let run = try login("--creds", folder.path("first.creds"), audience: "billing")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try creds().pair.publicKey == creds("first.creds").pair.publicKey)
        #expect(try creds().claims.payload["aud"] as? String == "billing")
        #expect(endpoint.forms.last?["subject_token_type"] == "urn:ietf:params:oauth:token-type:jwt")
        #expect(try login("--creds", folder.path("user.creds")).status == 64, "one file for both")
    }

    @Test func `a person gives leave in a browser, and the code is shown on standard error alone`() throws {
        let provider = try OpenIDProvider()
        let running = try start(["--issuer", provider.issuer, "--client-id", "credence-cli"])
        let code = try provider.awaitedUserCode()
        try provider.ask("/approve", ["user_code": code])
        let run = try running.wait()
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains(code) && run.errors.contains("\(provider.issuer)/device?user_code=\(code)"))
        #expect(run.output.isEmpty)
        let token = try #require(endpoint.forms.first?["subject_token"])
        #expect(try StoredClaims(token).payload["iss"] as? String == provider.issuer)
        #expect(!run.errors.contains(token))
    }

    @Test func `who denies, is unknown, or knows no such flow is told so`() throws {
        let provider = try OpenIDProvider()
        let running = try start(["--issuer", provider.issuer, "--client-id", "credence-cli"])
        try provider.ask("/deny", ["user_code": try provider.awaitedUserCode()])
        let denied = try running.wait()
        #expect(denied.status == 1 && denied.errors.contains("access was denied"), "\(denied.errors)")
        let unknown = try login("--issuer", provider.issuer, "--client-id", "nobody")
        #expect(
            unknown.status == 1 && unknown.errors.contains("`invalid_client`") && unknown.errors.contains("--client-id")
        )
        #expect(try login("--issuer", endpoint.url, "--client-id", "x").status == 74, "no discovery document")
        #expect(try login("--issuer", "http://login.example.com", "--client-id", "x").status == 74)
        #expect(endpoint.forms.isEmpty && !folder.exists("user.creds"))
    }

    // MARK: What is refused

    @Test func `an audience that the server does not know is refused before anyone is asked`() throws {
        let run = try login("--token-file", folder.path("nothing"), audience: "shipping")
        #expect(run.status == 66 && run.errors.contains("`shipping`"))
        #expect(run.errors.contains("hint: it knows `billing`, `orders`"))
        #expect(try login("--token-file", folder.path("nothing"), audience: "*").status == 65)
    }

    @Test func `refusals of the server are told by their rules, and creds that are there stay`() throws {
        try folder.write("the-token", to: "token")
        #expect(try login("--token-file", folder.path("token")).status == 0)
        let before = try folder.text("user.creds")
        let refusal =
            #"{"error":"invalid_scope","failures":[{"rule":"X-scope","at":"scope","message":"more than there is: `a.b`"}]}"#
        for (status, body, code) in [
            (400, refusal, 1), (503, #"{"error":"temporarily_unavailable"}"#, 74), (429, "", 74), (200, "{}", 65),
            (302, "{}", 74), (200, #"{"access_token":"\#(String(repeating: "x", count: 99))"}"#, 65),
        ] as [(Int, String, Int32)] {
            endpoint.refuse((status, body))
            let run = try login("--token-file", folder.path("token"))
            #expect(run.status == code, "\(status) \(body): \(run.errors)")
            #expect(!run.errors.contains("the-token"))
            if code == 1 { #expect(run.errors.contains("X-scope at scope: more than there is: `a.b`")) }
        }
        let wrong = try login("--token-file", folder.path("token"), "--service", "https://other.example.com")
        #expect(wrong.status == 1 && wrong.errors.contains("--service") && endpoint.proofFaults == ["X-proof"])
        #expect(try folder.text("user.creds") == before)
        #expect(!endpoint.forms.contains { $0["subject_token"] == nil }, "no redirect was followed")
    }

    @Test func `wrong usage is told, and no token is sent in the clear`() throws {
        try folder.write("the-token", to: "token")
        let token = ["--token-file", folder.path("token")]
        let common = ["login", "--audience", "orders", "-o", folder.path("user.creds")]
        for (arguments, code) in [
            (["--server", "http://accounts.example.com"] + token, 64), (["--server", "ftp://127.0.0.1"] + token, 64),
            (["--server", endpoint.url], 64), (["--server", endpoint.url, "--token-env", "A"] + token, 64),
            (["--server", endpoint.url, "--issuer", "https://login.example.com"], 64),
            (["--server", endpoint.url, "--client-id", "x"] + token, 64),
            (["--server", endpoint.url, "--lifetime", "5ms"] + token, 64),
            (["--server", endpoint.url, "--token-file", folder.path("missing")], 66),
            (["--server", "http://127.0.0.1:1"] + token, 74),
        ] as [([String], Int32)] {
            let run = try Binary.start(common + arguments).wait()
            #expect(run.status == code, "\(arguments): \(run.errors)")
        }
        try folder.write("somebody's letter", to: "user.creds")
        #expect(try Binary.start(common + ["--server", endpoint.url] + token).wait().status == 1)
        #expect(try folder.text("user.creds") == "somebody's letter")
        #expect(endpoint.forms.isEmpty)
        #expect(try Binary.start(common + ["--server", endpoint.url, "--force"] + token).wait().status == 0)
    }

    // MARK: Keeping fresh

    @Test func `creds are renewed before they end, for the same key, and SIGTERM ends it at once`() throws {
        try folder.write("the-token", to: "token")
        endpoint.setRenewal(after: 2)
        let running = try start(["--token-file", folder.path("token"), "--keep-fresh"])
        #expect(endpoint.awaits(1))
        #expect(endpoint.awaits(2))
        let key = try creds().pair.publicKey
        // What somebody puts into the file is taken at the next renewal.
        try folder.write("another-token", to: "token")
        let next = endpoint.forms.count + 2
        #expect(endpoint.awaits(next))
        running.signal(SIGTERM)
        let run = try running.wait()
        #expect(run.status == 0, "\(run.errors)")
        #expect(try creds().pair.publicKey == key)
        #expect(endpoint.forms.last?["subject_token"] == "another-token")
        #expect(run.errors.ranges(of: "wrote creds").count >= 3)
    }

    @Test func `a server that is down is asked again, and the creds stay meanwhile`() throws {
        try folder.write("the-token", to: "token")
        endpoint.setRenewal(after: 2)
        let running = try start(["--token-file", folder.path("token"), "--keep-fresh"])
        #expect(endpoint.awaits(1))
        let before = endpoint.refuse(
            (503, "{}"), (400, #"{"error":"invalid_request","failures":[{"rule":"F-expired"}]}"#))
        #expect(endpoint.awaits(before + 3))
        #expect(folder.exists("user.creds"))
        #expect(endpoint.awaits(before + 4))
        running.signal(SIGTERM)
        let run = try running.wait()
        #expect(run.status == 0)
        #expect(run.errors.contains("the creds are not renewed and") && run.errors.contains("F-expired"))
        #expect(!run.errors.contains("the-token"))
    }

    @Test func `refresh tokens renew without a person, and one in a file serves the next login`() throws {
        let provider = try OpenIDProvider()
        endpoint.setRenewal(after: 2)
        let device = [
            "--issuer", provider.issuer, "--client-id", "credence-cli", "--refresh-token-file", folder.path("refresh"),
        ]
        let running = try start(device + ["--keep-fresh"])
        try provider.ask("/approve", ["user_code": try provider.awaitedUserCode()])
        #expect(endpoint.awaits(3))
        running.signal(SIGTERM)
        #expect(try running.wait().status == 0)
        #expect(try folder.mode("refresh") == 0o600)
        #expect(try provider.requests(to: "/device_authorization") == 1)
        #expect(Set(endpoint.forms.compactMap { $0["subject_token"] }).count == endpoint.forms.count)
        let again = try start(device).wait()
        #expect(again.status == 0 && !again.errors.contains("to log in"), "\(again.errors)")
        #expect(try provider.requests(to: "/device_authorization") == 1)
        // One that is no longer good has a person asked again, once.
        try folder.write("stale\n", to: "refresh")
        let asked = try start(device)
        try provider.ask("/approve", ["user_code": try provider.awaitedUserCode()])
        #expect(try asked.wait().status == 0)
        #expect(try provider.requests(to: "/device_authorization") == 2)
    }
}
