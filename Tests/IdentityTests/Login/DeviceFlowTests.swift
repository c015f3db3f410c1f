import Identity
import Testing
import Trust

/// The device flow by itself: answers in, forms and times out.
@Suite struct DeviceFlowTests {
    private static let begun = #"""
        {"device_code": "dev", "user_code": "WDJB-MJHT", "verification_uri": "https://login.example.com/device",
         "verification_uri_complete": "https://login.example.com/device?user_code=WDJB-MJHT", "expires_in": 100,
         "interval": 7}
        """#
    private static let tokens = #"{"access_token": "aaa", "id_token": "iii", "refresh_token": "rrr", "x": {"y": []}}"#

    private func answer(_ text: String, _ status: Int = 200) -> IssuerAnswer {
        IssuerAnswer(status: status, body: Array(text.utf8))
    }
    private func error(_ code: String) -> IssuerAnswer { answer(#"{"error": "\#(code)"}"#, 400) }

    private func flow(_ text: String = begun) throws -> DeviceFlow {
        var flow = DeviceFlow(clientID: "cli", scope: "openid", resource: "https://accounts.example.com")
        _ = try flow.begin(answer(text), at: .seconds(1000))
        return flow
    }

    @Test func `the first form asks for a code, the next ones for the tokens`() throws {
        var flow = DeviceFlow(clientID: "cli", scope: "openid a", resource: "urn:r")
        #expect(flow.form.text == "client_id=cli&resource=urn%3Ar&scope=openid+a")
        #expect(flow.nextPoll == nil)
        let prompt = try flow.begin(answer(Self.begun), at: .seconds(1000))
        #expect(prompt.userCode == "WDJB-MJHT" && prompt.address == "https://login.example.com/device")
        #expect(prompt.completeAddress == "https://login.example.com/device?user_code=WDJB-MJHT")
        #expect(prompt.lifetime == 100)
        #expect(flow.form["device_code"] == "dev" && flow.form["client_id"] == "cli" && flow.form["scope"] == nil)
        #expect(flow.form["grant_type"] == "urn:ietf:params:oauth:grant-type:device_code")
        #expect(flow.nextPoll == .seconds(1007))
        let tokens = try #require(try flow.poll(answer(Self.tokens), at: .seconds(1007)))
        #expect(tokens.access == "aaa" && tokens.id == "iii" && tokens.refresh == "rrr")
        #expect("\(tokens)" == "tokens of an issuer")
    }

    @Test func `a pending answer keeps the pace, slow_down adds five seconds for good, and silence doubles it`() throws
    {
        var flow = try flow()
        #expect(try flow.poll(error("authorization_pending"), at: .seconds(1010)) == nil)
        #expect(flow.nextPoll == .seconds(1017))
        #expect(try flow.poll(error("slow_down"), at: .seconds(1017)) == nil)
        #expect(flow.nextPoll == .seconds(1029))
        #expect(try flow.poll(error("authorization_pending"), at: .seconds(1029)) == nil)
        #expect(flow.nextPoll == .seconds(1041))
        #expect(try flow.poll(nil, at: .seconds(1041)) == nil)
        #expect(flow.nextPoll == .seconds(1065))
    }

    @Test func `nobody waits beyond the code's life`() throws {
        var flow = try flow()
        #expect(try flow.poll(error("authorization_pending"), at: .seconds(1093)) == nil)
        #expect(throws: IssuerFault.expired) { try flow.poll(error("authorization_pending"), at: .seconds(1094)) }
        var long = DeviceFlow(clientID: "cli")
        let text = Self.begun.replacing("100", with: "9000000000000000000")
        #expect(try long.begin(answer(text), at: .zero).lifetime == DeviceFlow.maximumLifetime)
    }

    @Test(arguments: [
        ("access_denied", IssuerFault.denied), ("expired_token", .expired), ("invalid_grant", .grantEnded),
        ("invalid_client", .error(code: "invalid_client")),
    ])
    func `an error ends the flow and says what it is`(code: String, fault: IssuerFault) throws {
        var flow = try flow()
        #expect(throws: fault) { try flow.poll(error(code), at: .seconds(1010)) }
        #expect(flow.nextPoll == nil)
    }

    @Test func `what an issuer may not say ends the flow before anyone is asked`() throws {
        let bad = [
            "", "[]", "{}", Self.begun.replacing(#""dev""#, with: #""""#),
            Self.begun.replacing("https://", with: "ftp://"),
            Self.begun.replacing("https://login", with: "http://login"),
            Self.begun.replacing("WDJB-MJHT", with: #"\u001b[2J"#), Self.begun.replacing("100", with: "0"),
            Self.begun.replacing("100", with: #""100""#), Self.begun.replacing(": 7", with: ": -1"),
            Self.begun.replacing("WDJB-MJHT", with: String(repeating: "A", count: 65)),
            Self.begun.replacing(#""interval": 7"#, with: #""user_code": "B""#),
        ]
        for text in bad {
            var flow = DeviceFlow(clientID: "cli")
            #expect(throws: IssuerFault.self, "\(text)") { try flow.begin(answer(text), at: .zero) }
            #expect(flow.nextPoll == nil)
        }
        var flow = DeviceFlow(clientID: "cli")
        #expect(throws: IssuerFault.error(code: "invalid_client")) {
            try flow.begin(answer(#"{"error":"invalid_client"}"#, 401), at: .zero)
        }
        // Words of the other side are not passed on.
        #expect(throws: IssuerFault.answer("status 400 without a code of an error")) {
            try flow.begin(answer(#"{"error":"come to\nhttps://evil"}"#, 400), at: .zero)
        }
        for text in [
            "", "{}", #"{"access_token": ""}"#, #"{"access_token": "a\nb"}"#, #"{"access_token": 1}"#,
            #"{"access_token": "a", "refresh_token": {}}"#,
        ] {
            #expect(throws: IssuerFault.self, "\(text)") { try IssuerTokens(answer(text)) }
        }
    }

    @Test func `an address with the code in it is offered only where it is as safe`() throws {
        var flow = DeviceFlow(clientID: "cli")
        let text = Self.begun.replacing("https://login.example.com/device?", with: "javascript:alert?")
        #expect(try flow.begin(answer(text), at: .zero).completeAddress == nil)
    }

    @Test func `creds are renewed at two thirds of their life, and after failures ever more seldom`() throws {
        let start = try #require(UnixTime(1_000_000))
        var schedule = RenewalSchedule(issuedAt: start, expires: start.advanced(by: 600))
        #expect(schedule.next == start.advanced(by: 400))
        var now = schedule.next
        var waits: [Int64] = []
        for _ in 0..<8 {
            schedule.failed(at: now)
            waits.append(schedule.next.seconds - now.seconds)
            now = schedule.next
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60])
        schedule.renewed(issuedAt: now, expires: now.advanced(by: 3))
        #expect(schedule.next == now.advanced(by: 2))
        schedule.renewed(issuedAt: now, expires: now.advanced(by: -5))
        #expect(schedule.next == now.advanced(by: 1), "never in a circle")
    }

    @Test func `an answer to an exchange gives the token, or the rules that refuse`() throws {
        let type = "urn:ietf:params:oauth:token-type:jwt"
        let token = String(repeating: "t", count: 100)
        #expect(
            try ExchangeAnswer(answer(#"{"access_token":"\#(token)","issued_token_type":"\#(type)"}"#)).token == token)
        #expect(throws: ExchangeAnswer.Fault.self) {
            try ExchangeAnswer(answer(#"{"access_token":"\#(token)","issued_token_type":"other"}"#))
        }
        let refusal = #"{"error":"invalid_scope","failures":[{"rule":"X-scope","at":"scope","message":"`a.>`"}]}"#
        #expect(throws: ExchangeAnswer.Fault.refused(code: "invalid_scope", rules: ["X-scope at scope: `a.>`"])) {
            try ExchangeAnswer(answer(refusal, 400))
        }
        #expect(throws: ExchangeAnswer.Fault.unavailable(status: 503, rules: [])) {
            try ExchangeAnswer(answer("", 503))
        }
        #expect(throws: ExchangeAnswer.Fault.self) { try ExchangeAnswer(answer("", 302)) }
    }
}
