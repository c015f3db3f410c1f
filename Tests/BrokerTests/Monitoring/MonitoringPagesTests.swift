import Broker
import Foundation
import Testing

@Suite struct MonitoringPagesTests {
    private let broker: SurveyedBroker
    private let pages: MonitoringPages

    init() throws {
        broker = SurveyedBroker(try SurveyedBroker.busy())
        pages = MonitoringPages(of: broker)
    }

    private func json(_ target: String, _ location: SourceLocation = #_sourceLocation) async throws -> [String: Any] {
        let answer = await pages.answer(to: target)
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(answer.status == 200 && answer.contentType == "application/json", "\(text)", sourceLocation: location)
        let value = try JSONSerialization.jsonObject(with: Data(answer.body))
        return try #require(value as? [String: Any], sourceLocation: location)
    }

    private func numbers(_ target: String) async throws -> [Int] {
        let list = try #require(try await json(target)["connections"] as? [[String: Any]])
        return list.compactMap { $0["cid"] as? Int }
    }

    @Test func `the server says who it is, how it serves and what it has done`() async throws {
        let varz = try await json("/varz")
        #expect(varz["server_name"] as? String == "measured" && varz["port"] as? Int == 4222)
        #expect(varz["max_payload"] as? Int == 1 << 20 && varz["ping_interval"] as? Int == 120_000_000_000)
        #expect(varz["auth_timeout"] as? Double == 2 && varz["start"] as? String == SurveyedBroker.start.text())
        #expect(varz["connections"] as? Int == 2 && varz["total_connections"] as? Int == 3)
        #expect(varz["in_bytes"] as? UInt64 == .max && varz["mem"] as? Int == 1 << 24)
        #expect((varz["http_req_stats"] as? [String: Int]) == ["/varz": 1])
        _ = await pages.answer(to: "/connz")
        _ = await pages.answer(to: "/made/up")
        #expect((try await json("/varz")["http_req_stats"] as? [String: Int]) == ["/connz": 1, "/varz": 2])
        #expect(broker.scopes.first == SurveyScope(), "the server by itself costs no look at connections")
    }

    @Test(
        arguments: [
            ("", [5, 7]), ("?state=open", [5, 7]), ("?state=CLOSED", [9]), ("?state=any", [5, 7, 9]),
            ("?state=all&limit=2", [5, 7]), ("?state=any&limit=2&offset=2", [9]), ("?limit=1", [5]),
            ("?offset=1&limit=1", [7]), ("?offset=2", []), ("?limit=0", [5, 7]), ("?limit=-5&offset=-5", [5, 7]),
            ("?offset=9223372036854775807&limit=9223372036854775807", []), ("?cid=7", [7]), ("?cid=9", []),
            ("?cid=9&state=closed", [9]), ("?cid=18446744073709551615", []), ("?sort=cid", [5, 7]),
            ("?sort=start", [5, 7]), ("?sort=subs", [7, 5]), ("?sort=pending", [7, 5]), ("?sort=msgs_to", [7, 5]),
            ("?sort=msgs_from", [5, 7]), ("?sort=bytes_to", [5, 7]), ("?sort=bytes_from", [7, 5]),
            ("?sort=last", [5, 7]), ("?sort=idle", [7, 5]), ("?sort=uptime", [7, 5]), ("?sort=rtt", [7, 5]),
            ("?sort=stop&state=closed", [9]), ("?sort=reason&state=closed", [9]),
            ("?acc=\(SurveyedBroker.appKey)", [7]),
            ("?acc=nobody", []), ("?user=UC2TBBKECTRKZ22KEU6WPAVJQJGD5GTBDMHRQMVPECPR6H42KQEUFEVL", [5, 7]),
            ("?user=ann", []), ("?acc=\(SurveyedBroker.appKey)&filter_subject=orders.eu", [7]),
            ("?acc=\(SurveyedBroker.appKey)&filter_subject=payments.%3E", []), ("?_=1795292916&callback=x", [5, 7]),
            ("?", [5, 7]), ("?subs=&sort=&&", [5, 7]),
        ] as [(String, [Int])])
    func `connections are chosen, ordered and cut as asked`(query: String, expected: [Int]) async throws {
        #expect(try await numbers("/connz" + query) == expected)
    }

    @Test func `a page of connections tells how many there are and where it begins`() async throws {
        let page = try await json("/connz?offset=1&limit=1&subs=1")
        #expect(page["num_connections"] as? Int == 1 && page["total"] as? Int == 2)
        #expect(page["offset"] as? Int == 1 && page["limit"] as? Int == 1)
        let one = try #require((page["connections"] as? [[String: Any]])?.first)
        #expect(one["subscriptions_list"] as? [String] == ["orders.*", "audit.>"] && one["subscriptions"] as? Int == 2)
        #expect(one["rtt"] as? String == "7ms" && one["account"] == nil && one["stop"] == nil)
        let detail = try await json("/connz?subs=detail&auth=1&cid=7")
        let same = try #require((detail["connections"] as? [[String: Any]])?.first)
        let entries = try #require(same["subscriptions_list_detail"] as? [[String: Any]])
        #expect(entries.last?["qgroup"] as? String == "workers" && entries.last?["max"] as? Int == 10)
        #expect(same["account"] as? String == SurveyedBroker.appKey && same["name_tag"] as? String == "APP")
        #expect(detail["limit"] as? Int == 1 && detail["total"] as? Int == 2)
        let ended = try #require((try await json("/connz?state=closed")["connections"] as? [[String: Any]])?.first)
        #expect(ended["reason"] as? String == "Client Closed" && ended["uptime"] as? String == "31s")
    }

    @Test(
        arguments: [
            "connz?limit=abc", "connz?limit=1e3", "connz?limit=0x10", "connz?limit=99999999999999999999",
            "connz?limit=9223372036854775808", "connz?offset=-9223372036854775809", "connz?limit=--1", "connz?limit=+",
            "connz?offset=%C2%B2", "connz?cid=-1", "connz?cid=+1", "connz?cid=18446744073709551616", "connz?cid=abc",
            "connz?subs=yes", "connz?auth=2", "connz?sort=bogus", "connz?sort=stop", "connz?sort=reason&state=any",
            "connz?state=2", "connz?state=gone", "connz?limit=1&limit=2", "connz?limit=%2", "connz?limit=%zz",
            "connz?acc=%00", "connz?acc=%ff", "connz?acc=a%0d%0ab", "connz?acc=x&filter_subject=a..b",
            "subsz?test=a..b", "subsz?test=a.*", "subsz?subs=maybe", "subsz?limit=abc", "accstatz?unused=7",
            "accountz?acc=ADDD", "accountz?acc=../etc", "varz?a=%",
        ])
    func `what cannot be read is refused in one line`(target: String) async throws {
        let answer = await pages.answer(to: "/" + target)
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(answer.status == 400 && answer.contentType.hasPrefix("text/plain"), "\(text)")
        #expect(text.hasSuffix("\n") && text.utf8.count < 300)
        #expect(text.dropLast().unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    }

    @Test(arguments: ["offset", "limit", "cid", "subs", "auth", "sort", "state", "acc", "user", "test", "unused"])
    func `no number and no text that a caller sends brings a page down`(option: String) async throws {
        let values = [
            "\(Int.max)", "\(Int.min)", "\(UInt64.max)", "9223372036854775808", "-9223372036854775809", "-1", "-0",
            "+0",
            "00000000000000000000000001", String(repeating: "9", count: 2000), "", "%", "%%", "%25", "\u{FFFF}", "'",
            "\\",
        ]
        for page in ["varz", "connz", "subsz", "accountz", "accstatz", "healthz"] {
            for value in values {
                for rest in ["", "&offset=\(Int.max)", "&limit=\(Int.max)", "&cid=\(UInt64.max)"] {
                    let answer = await pages.answer(to: "/\(page)?\(option)=\(value)\(rest)")
                    #expect([200, 400].contains(answer.status))
                }
            }
        }
    }

    @Test func `subscriptions are counted, listed, cut and tried`() async throws {
        let numbers = try await json("/subsz")
        #expect(numbers["num_subscriptions"] as? Int == 3 && numbers["subscriptions_list"] == nil)
        #expect(broker.scopes == [SurveyScope()])
        func subjects(_ query: String) async throws -> [String] {
            let list = try #require(try await json("/subsz?subs=1" + query)["subscriptions_list"] as? [[String: Any]])
            return list.compactMap { $0["subject"] as? String }
        }
        #expect(try await subjects("") == ["_INBOX.x.*", "orders.*", "audit.>"])
        #expect(try await subjects("&offset=1&limit=1") == ["orders.*"])
        #expect(try await subjects("&test=orders.eu") == ["orders.*"])
        #expect(try await subjects("&acc=\(SurveyedBroker.systemKey)") == ["_INBOX.x.*"])
        #expect(try await json("/subsz?acc=\(SurveyedBroker.appKey)")["num_subscriptions"] as? Int == 2)
    }

    @Test func `accounts are listed, and one is shown with its exports and imports and without a token`() async throws {
        let list = try await json("/accountz")
        #expect(list["accounts"] as? [String] == [SurveyedBroker.appKey, SurveyedBroker.systemKey])
        #expect(list["system_account"] as? String == SurveyedBroker.systemKey)
        let page = try await json("/accountz?acc=\(SurveyedBroker.appKey)")
        let detail = try #require(page["account_detail"] as? [String: Any])
        #expect(detail["name_tag"] as? String == "APP" && detail["client_connections"] as? Int == 1)
        let export = try #require((detail["exports"] as? [[String: Any]])?.first)
        #expect(export["token_req"] as? Bool == true && export["response_type"] as? String == "Singleton")
        let item = try #require((detail["imports"] as? [[String: Any]])?.first)
        #expect(item["local_subject"] as? String == "clock" && item["invalid"] as? Bool == false)
        let counters = try #require(try await json("/accstatz")["account_statz"] as? [[String: Any]])
        #expect(counters.map { $0["name"] as? String } == ["APP"])
        let all = try #require(try await json("/accstatz?unused=1")["account_statz"] as? [[String: Any]])
        #expect(all.count == 2 && (all[0]["received"] as? [String: Int]) == ["msgs": 7, "bytes": 70])
    }

    @Test func `no page shows what has the form of a token, whatever is asked for`() async throws {
        for target in [
            "/", "/varz", "/connz?auth=1&subs=detail&state=any", "/subsz?subs=1", "/accountz",
            "/accountz?acc=\(SurveyedBroker.appKey)", "/accstatz?unused=1", "/healthz",
        ] {
            let answer = await pages.answer(to: target)
            #expect(answer.status == 200 && !String(decoding: answer.body, as: UTF8.self).contains("eyJ"), "\(target)")
        }
    }

    @Test func `what a client calls itself cannot break out of its place`() async throws {
        var survey = try SurveyedBroker.busy()
        let name = "\"}],\"x\":1,\u{0}\u{1b}[2J\r\n\u{2028}</script>"
        survey.connections[0].name = name
        let answer = await MonitoringPages(of: SurveyedBroker(survey)).answer(to: "/connz?cid=7")
        #expect(answer.body.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        let page = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
        #expect((page["connections"] as? [[String: Any]])?.first?["name"] as? String == name)
    }

    @Test func `a broker that does not work says so with the status too`() async throws {
        var survey = try SurveyedBroker.busy()
        #expect(try await json("/healthz")["status"] as? String == "ok")
        survey.server.health = .poor("leaving: clients are sent elsewhere")
        let answer = await MonitoringPages(of: SurveyedBroker(survey)).answer(to: "/healthz")
        #expect(answer.status == 503)
        let body = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: String])
        #expect(body == ["status": "unavailable", "error": "leaving: clients are sent elsewhere"])
    }

    @Test func `metrics are there when somebody gives them`() async throws {
        #expect(await pages.answer(to: "/metrics").status == 404)
        let index = await pages.answer(to: "/")
        #expect(
            index.contentType.hasPrefix("text/html") && !String(decoding: index.body, as: UTF8.self).contains("metrics")
        )
        let measured = MonitoringPages(of: broker) { "up 1\n" }
        let answer = await measured.answer(to: "/metrics")
        #expect(answer.status == 200 && answer.contentType.hasPrefix("text/plain; version=0.0.4"))
        #expect(answer.body == Array("up 1\n".utf8))
        #expect(String(decoding: await measured.answer(to: "/").body, as: UTF8.self).contains("./metrics"))
    }

    @Test(arguments: ["/nope", "", "varz", "/varz/", "//varz", "/connz;x", "*", "http://h/varz", "/VARZ", "/%76arz"])
    func `what is no page is not found`(target: String) async throws {
        #expect(await pages.answer(to: target).status == 404)
    }
}

extension SurveyTime {
    /// What pages show of this moment, written down by hand.
    fileprivate func text() -> String { self == SurveyedBroker.start ? "2026-11-21T20:28:36.975135037Z" : "" }
}
