@testable import Broker
import Foundation
import Logging
import NIOPosix
import Testing

@Suite struct MonitoringServerTests {
    private let broker: SurveyedBroker

    init() throws { broker = SurveyedBroker(try SurveyedBroker.busy()) }

    /// Times that do not run out beside a thousand other tests.
    private static var patient: MonitoringServer.Limits {
        var limits = MonitoringServer.Limits()
        (limits.request, limits.answer) = (.seconds(600), .seconds(600))
        return limits
    }

    /// A server on the loopback for as long as the body runs.
    private func withServer(
        _ limits: MonitoringServer.Limits = Self.patient, of survey: BrokerSurvey? = nil,
        _ body: (MonitoringServer, Int) async throws -> Void
    ) async throws {
        let pages = MonitoringPages(of: survey.map { SurveyedBroker($0) } ?? broker)
        let server = MonitoringServer(
            pages, group: MultiThreadedEventLoopGroup.singleton, limits: limits, logger: Logger(label: "test"))
        try await server.start(on: "127.0.0.1", port: 0)
        let port = try #require(server.port)
        try await body(server, port)
        await server.close()
        #expect(server.port == nil)
        // A process that another test starts has a copy of every socket for a moment, and with it the listener.
        for _ in 0..<6000 where HTTPExchange(port: port) != nil { try await Task.sleep(for: .milliseconds(10)) }
        #expect(HTTPExchange(port: port) == nil)
    }

    private func exchange(_ text: String, port: Int) async throws -> HTTPExchange.Answer? {
        let exchange = try #require(HTTPExchange(port: port))
        await exchange.say(text)
        return await exchange.answer()
    }

    @Test func `a page is served with its length and what it is, and the connection ends`() async throws {
        try await withServer { _, port in
            let answer = try #require(try await exchange("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", port: port))
            #expect(answer.status == 200 && answer.body == Array("{\"status\":\"ok\"}".utf8))
            #expect(answer.headers["content-length"] == "15" && answer.headers["connection"] == "close")
            #expect(answer.headers["content-type"] == "application/json")
            #expect(answer.headers["access-control-allow-origin"] == nil, "pages of others have no business here")
            let head = try #require(try await exchange("HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n", port: port))
            #expect(head.status == 200 && head.body.isEmpty && head.headers["content-length"] == "15")
            let one = try #require(await HTTPExchange.get("/connz?limit=1", port: port))
            let page = try #require(try JSONSerialization.jsonObject(with: Data(one.body)) as? [String: Any])
            #expect(page["num_connections"] as? Int == 1)
        }
    }

    @Test(
        arguments: [
            ("POST /varz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 405),
            ("DELETE /varz HTTP/1.1\r\nHost: a\r\n\r\n", 405),
            ("GET /varz HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 413),
            ("GET /nope HTTP/1.1\r\nHost: a\r\n\r\n", 404), ("GET /connz?limit=x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("GET /\(String(repeating: "a", count: 5000)) HTTP/1.1\r\nHost: a\r\n\r\n", 414),
            ("\u{0}\u{1}\u{2}\r\n\r\n", 400),
            ("GET /varz HTTP/9.9\r\n\r\n", 400), ("INFO {}\r\nCONNECT {}\r\nPING\r\n\r\n", 400),
        ])
    func `what is no request for a page is refused, and the connection ends`(text: String, status: Int) async throws {
        try await withServer { _, port in
            let answer = try #require(try await exchange(text, port: port))
            #expect(answer.status == status)
            if status == 405 { #expect(answer.headers["allow"] == "GET, HEAD") }
            #expect(await HTTPExchange.get("/healthz", port: port)?.status == 200)
        }
    }

    @Test func `only the first of several requests on a connection is answered`() async throws {
        try await withServer { _, port in
            let exchange = try #require(HTTPExchange(port: port))
            await exchange.say(String(repeating: "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", count: 50))
            let text = String(decoding: try #require(await exchange.readAll()), as: UTF8.self)
            #expect(text.matches(of: /HTTP\/1.1 200/).count == 1)
        }
    }

    @Test func `headers without end are not kept`() async throws {
        try await withServer { _, port in
            let exchange = try #require(HTTPExchange(port: port))
            await exchange.say("GET /varz HTTP/1.1\r\n")
            for _ in 0..<400 { await exchange.say("X-A: \(String(repeating: "a", count: 1000))\r\n") }
            let text = String(decoding: try #require(await exchange.readAll()), as: UTF8.self)
            #expect(!text.contains("200 OK"))
            #expect(await HTTPExchange.get("/healthz", port: port)?.status == 200)
        }
    }

    @Test func `who does not finish the request in time is cut off`() async throws {
        var limits = Self.patient
        limits.request = .milliseconds(50)
        try await withServer(limits) { _, port in
            for text in ["", "GET /varz HT", "GET /varz HTTP/1.1\r\nHost: a\r\n"] {
                let exchange = try #require(HTTPExchange(port: port))
                await exchange.say(text)
                #expect(await exchange.readAll() == [])
            }
        }
    }

    @Test(.timeLimit(.minutes(10))) func `who does not take the answer in time is cut off`() async throws {
        var limits = Self.patient
        limits.answer = .milliseconds(200)
        var survey = try SurveyedBroker.busy()
        survey.connections[0].name = String(repeating: "n", count: 32 << 20)
        try await withServer(limits, of: survey) { server, port in
            let exchange = try #require(HTTPExchange(port: port))
            await exchange.say("GET /connz HTTP/1.1\r\nHost: a\r\n\r\n")
            // Nobody reads, so nothing here tells of the end: the server's own count does.
            while server.admittedCount == 0 { try await Task.sleep(for: .milliseconds(1)) }
            while server.connectionCount > 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(try #require(await exchange.readAll()).count < 32 << 20)
        }
    }

    @Test func `connections beyond the limit are closed, and those before them go on`() async throws {
        var limits = Self.patient
        limits.connections = 2
        try await withServer(limits) { server, port in
            let first = try #require(HTTPExchange(port: port))
            let second = try #require(HTTPExchange(port: port))
            while server.admittedCount < 2 { try await Task.sleep(for: .milliseconds(1)) }
            let third = try #require(HTTPExchange(port: port))
            await third.say("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await third.readAll() == [])
            for exchange in [first, second] {
                await exchange.say("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(await exchange.answer()?.status == 200)
            }
        }
    }

    @Test func `the end cuts off who is connected`() async throws {
        try await withServer { server, port in
            let exchange = try #require(HTTPExchange(port: port))
            while server.admittedCount == 0 { try await Task.sleep(for: .milliseconds(1)) }
            await server.close()
            #expect(await exchange.readAll() == [])
        }
    }

    @Test func `a port in use is told with its address`() async throws {
        try await withServer { _, port in
            let second = MonitoringServer(
                MonitoringPages(of: broker), group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "test")
            )
            let fault = await #expect(throws: MessageBroker.StartFault.self) {
                try await second.start(on: "127.0.0.1", port: port)
            }
            #expect(fault?.description == "monitoring cannot listen at `127.0.0.1:\(port)`: the port is in use")
            #expect(fault?.hint != nil)
            await second.close()
        }
    }
}
