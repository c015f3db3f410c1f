import Foundation
import Synchronization
import Testing
import Trust

@testable import AccountServer

/// The token endpoint over real connections: forms, refusals, the journal first, and what is never shown.
@Suite struct IssueRouteTests {
    private let form = "Content-Type: application/x-www-form-urlencoded"

    private func object(_ answer: RawAnswer) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any], "\(answer.text)")
    }

    private func rules(_ answer: RawAnswer) throws -> [String] {
        (try object(answer)["failures"] as? [[String: Any]] ?? []).compactMap { $0["rule"] as? String }
    }

    @Test func `a token is answered as RFC 8693 says, and is not to be kept`() async throws {
        let issuing = GivenTokens()
        try await TestServer.run(issuing: issuing) { server in
            let answer = try await server.ask("POST", "/oauth2/token", [form], body: "a=b&c=d")
            #expect(answer.status == 200)
            #expect(answer.fields["cache-control"] == "no-store")
            let object = try object(answer)
            #expect(object["access_token"] as? String == GivenTokens.token)
            #expect(object["issued_token_type"] as? String == "urn:ietf:params:oauth:token-type:jwt")
            #expect(object["token_type"] as? String == "N_A")
            #expect(object["expires_in"] as? Int == 600)
            #expect(object["scope"] as? String == "pub:a sub:b")
            #expect(Set(object.keys).count == 5)
            #expect(issuing.forms.map { String(decoding: $0, as: UTF8.self) } == ["a=b&c=d"])
            let charset = "Content-Type: application/X-WWW-Form-urlencoded ; charset=UTF-8"
            #expect(try await server.ask("POST", "/oauth2/token", [charset], body: "a=b").status == 200)
        }
    }

    @Test func `what was issued is in the journal without its signature before it is answered`() async throws {
        try await TestServer.run(issuing: GivenTokens()) { server in
            #expect(try await server.ask("POST", "/oauth2/token", [form], body: "a=b").status == 200)
            let entry = try #require(server.accounts.state.withLock { $0.recorded }.first)
            #expect(entry.outcome == .issued && entry.account == GivenTokens.account && entry.codes == [])
            #expect(entry.token == "eyJhZWFkZXIifQ.eyJwYXlsb2FkIn0.")
            #expect(entry.caller == "127.0.0.1")
        }
    }

    @Test func `a journal that cannot be written hands out nothing`() async throws {
        try await TestServer.run(issuing: GivenTokens()) { server in
            server.accounts.state.withLock { $0.journalFault = JournalFault("the disk is full") }
            let answer = try await server.ask("POST", "/oauth2/token", [form], body: "a=b")
            #expect(answer.status == 503)
            #expect(try object(answer)["error"] as? String == "temporarily_unavailable")
            #expect(!answer.text.contains("eyJ") && !answer.text.contains("disk"))
            #expect(server.metric(#"credence_exchanges_total{outcome="failed",rule=""}"#) == 1)
        }
    }

    @Test func `a refusal says the error of OAuth and the rules, and is written down without a token`() async throws {
        let issuing = GivenTokens()
        try await TestServer.run(issuing: issuing) { server in
            issuing.give(GivenTokens.refused("invalid_scope"))
            let answer = try await server.ask("POST", "/oauth2/token", [form], body: "subject_token=secret")
            #expect(answer.status == 400)
            let object = try object(answer)
            #expect(object["error"] as? String == "invalid_scope")
            // RFC 6749, section 5.2: no quotes, backslashes, nor what is not ASCII.
            #expect(object["error_description"] as? String == "publishing on `??` is ?asked?")
            #expect(try rules(answer) == ["X-scope"])
            let entry = try #require(server.accounts.state.withLock { $0.recorded }.first)
            #expect(entry.outcome == .refused && entry.codes == ["X-scope"] && entry.token.isEmpty)
            issuing.give(GivenTokens.unavailable)
            let later = try await server.ask("POST", "/oauth2/token", [form], body: "a=b")
            #expect(later.status == 503 && later.fields["retry-after"] == "5")
            #expect(server.metric(#"credence_exchanges_total{outcome="refused",rule="X-scope"}"#) == 1)
        }
    }

    @Test func `neither log nor metrics hold a token`() async throws {
        try await TestServer.run(issuing: GivenTokens()) { server in
            _ = try await server.ask("POST", "/oauth2/token", [form], body: "subject_token=SECRETTEXT")
            let log = server.log.all.joined() + server.registry.text
            #expect(log.contains("a token was issued") && log.contains("reader") && log.contains(GivenTokens.account))
            #expect(!log.contains("eyJ") && !log.contains("SECRETTEXT"))
        }
    }

    @Test func `another type of content, another method and a query are refused`() async throws {
        let issuing = GivenTokens()
        try await TestServer.run(issuing: issuing) { server in
            for type in ["Content-Type: application/json", "Content-Type: text/plain", "X-None: 1"] {
                let answer = try await server.ask("POST", "/oauth2/token", [type], body: "a=b")
                #expect(answer.status == 400)
                #expect(try rules(answer) == ["X-request"])
                #expect(try object(answer)["error"] as? String == "invalid_request")
            }
            let query = try await server.ask("POST", "/oauth2/token?subject_token=x", [form], body: "a=b")
            #expect(query.status == 400)
            #expect(try rules(query) == ["H-query"])
            #expect(try object(query)["error"] as? String == "invalid_request")
            #expect(try await server.ask("GET", "/oauth2/token").status == 405)
            #expect(issuing.forms.isEmpty)
        }
    }

    @Test func `a form beyond the limit is refused, one at it is read`() async throws {
        let issuing = GivenTokens()
        try await TestServer.run(.testing { $0.formBytes = 1000 }, issuing: issuing) { server in
            let long = try await server.ask(
                "POST", "/oauth2/token", [form], body: String(repeating: "a", count: 1001))
            #expect(long.status == 413)
            #expect(try rules(long) == ["X-request"])
            let most = try await server.ask(
                "POST", "/oauth2/token", [form], body: String(repeating: "a", count: 1000))
            #expect(most.status == 200)
            #expect(issuing.forms.count == 1)
        }
    }

    @Test func `plain HTTP is refused where it is not told to be taken`() async throws {
        let issuing = GivenTokens()
        try await TestServer.run(.testing { $0.plainHTTP = .readOnly }, issuing: issuing) { server in
            let answer = try await server.ask("POST", "/oauth2/token", [form], body: "subject_token=x")
            #expect(answer.status == 403)
            #expect(try rules(answer) == ["X-transport"])
            #expect(issuing.forms.isEmpty)
            let entry = try #require(server.accounts.state.withLock { $0.recorded }.first)
            #expect(entry.codes == ["X-transport"] && entry.outcome == .refused)
            #expect(try await server.ask("GET", "/.well-known/credence-audiences").status == 200)
        }
        for rule in [HTTPSettings.PlainHTTP.uploadsFromLoopback, .unsafeUploads] {
            try await TestServer.run(.testing { $0.plainHTTP = rule }, issuing: issuing) { server in
                let answer = try await server.ask("POST", "/oauth2/token", [form], body: "a=b")
                #expect(answer.status == 200)
            }
        }
    }

    @Test func `exchanges have a budget of their own, and a credential only where that is configured`() async throws {
        let issuing = GivenTokens()
        let settings = HTTPSettings.testing {
            $0.exchanges = HTTPSettings.Budget(perSecond: 0, burst: 2)
            $0.loopbackCallers = .limited
        }
        try await TestServer.run(settings, issuing: issuing) { server in
            for _ in 0..<2 {
                #expect(try await server.ask("POST", "/oauth2/token", [form], body: "a=b").status == 200)
            }
            let answer = try await server.ask("POST", "/oauth2/token", [form], body: "a=b")
            #expect(answer.status == 429 && answer.fields["retry-after"] != nil)
            #expect(try object(answer)["error"] as? String == "temporarily_unavailable")
            #expect(server.accounts.state.withLock { $0.recorded }.count == 2)
            #expect(try await server.ask("GET", "/jwt/v1/help").status == 200)
        }
        try await TestServer.run(.testing { $0.access.audiences[.exchange] = .named }, issuing: issuing) { server in
            let answer = try await server.ask("POST", "/oauth2/token", [form], body: "a=b")
            #expect(answer.status == 401 && answer.fields["www-authenticate"] != nil)
            #expect(try object(answer)["error"] as? String == "invalid_client")
        }
        let closed = HTTPSettings.testing {
            $0.access.changes = .refused
            $0.access.audiences[.upload] = .named
        }
        try await TestServer.run(closed, issuing: issuing) { server in
            let answer = try await server.ask("POST", "/oauth2/token", [form], body: "a=b")
            #expect(answer.status == 200)
        }
    }

    @Test func `the audiences are served with a tag, and not where nothing is issued`() async throws {
        try await TestServer.run(issuing: GivenTokens()) { server in
            let answer = try await server.ask("GET", "/.well-known/credence-audiences")
            #expect(answer.status == 200 && answer.fields["content-type"] == "application/json")
            #expect(answer.fields["cache-control"] == "public, max-age=60, must-revalidate")
            let list = try object(answer)["audiences"] as? [[String: Any]]
            #expect(list?.first?["name"] as? String == "orders")
            let tag = try #require(answer.fields["etag"])
            let again = try await server.ask("GET", "/.well-known/credence-audiences", ["If-None-Match: \(tag)"])
            #expect(again.status == 304 && again.text.isEmpty)
        }
        try await TestServer.run { server in
            #expect(try await server.ask("GET", "/.well-known/credence-audiences").status == 404)
            let answer = try await server.ask("POST", "/oauth2/token", [form], body: "a=b")
            #expect(answer.status == 404)
            #expect(try object(answer)["error"] as? String == "invalid_request")
        }
    }
}
