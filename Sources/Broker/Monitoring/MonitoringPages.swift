import Trust

/// What the addresses of monitoring answer: the pages that people and tools know from the field, of a broker that says how
/// it stands.
///
/// No page shows a token, a seed or a signature: the surveys that they are made of have none.
public struct MonitoringPages: Sendable {
    /// What an address answers.
    public struct Answer: Equatable, Sendable {
        /// The status of HTTP.
        public let status: Int
        /// What the body is.
        public let contentType: String
        /// The body.
        public let body: [UInt8]
    }

    private let broker: any BrokerSurveying
    private let metrics: (@Sendable () async -> String)?
    private let requests = RequestCounter()
    /// Bytes of a page at the most: what is longer is asked for in parts.
    static let longest = 64 << 20

    /// Pages of a broker.
    ///
    /// - Parameter metrics: the text of `/metrics`, in the form of Prometheus; nil for no such page.
    public init(of broker: any BrokerSurveying, metrics: (@Sendable () async -> String)? = nil) {
        (self.broker, self.metrics) = (broker, metrics)
    }

    /// Answers a GET of an address: a path and perhaps `?` and options.
    public func answer(to target: String) async -> Answer {
        let path = String(target.prefix { $0 != "?" })
        guard path == "/" || Self.paths.contains(path), path != "/metrics" || metrics != nil else {
            return Self.text("there is no such page\n", status: 404)
        }
        requests.count(path)
        do throws(MonitoringFault) {
            let query = try MonitoringQuery(target.dropFirst(path.count).dropFirst())
            switch path {
            case "/": return index()
            case "/metrics":
                let text = await metrics?() ?? ""
                return Answer(
                    status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(text.utf8))
            case "/healthz": return await health()
            default: return Answer(status: 200, contentType: Self.json, body: try await page(path, query))
            }
        } catch {
            return Self.text(error.text + "\n", status: error.status)
        }
    }

    private static let json = "application/json"
    private static let paths: Set = ["/varz", "/connz", "/subsz", "/accountz", "/accstatz", "/healthz", "/metrics"]

    private func page(_ path: String, _ query: MonitoringQuery) async throws(MonitoringFault) -> [UInt8] {
        switch path {
        case "/varz":
            return VarzPage(survey: await broker.survey(of: SurveyScope()), requests: requests.counts).bytes(at: .now())
        case "/connz":
            let page = try ConnzPage(query)
            return try page.bytes(of: await broker.survey(of: page.scope), at: .now())
        case "/subsz":
            let page = try SubszPage(query)
            return try page.bytes(of: await broker.survey(of: page.scope), at: .now())
        case "/accountz":
            let page = AccountzPage(query)
            return try page.bytes(of: await broker.survey(of: page.scope), at: .now())
        default:
            let page = try AccstatzPage(query)
            return try page.bytes(of: await broker.survey(of: page.scope), at: .now())
        }
    }

    private func health() async -> Answer {
        var writer = JSONWriter()
        let health = await broker.survey(of: SurveyScope()).server.health
        writer.object {
            switch health {
            case .good: $0.member("status", "ok")
            case .poor(let reason):
                $0.member("status", "unavailable")
                $0.member("error", reason)
            }
        }
        return Answer(status: health == .good ? 200 : 503, contentType: Self.json, body: writer.bytes)
    }

    private func index() -> Answer {
        let pages = [
            ("varz", "General"), ("connz", "Connections"), ("accountz", "Accounts"), ("accstatz", "Account statistics"),
            ("subsz", "Subscriptions"), ("healthz", "Health"),
        ]
        var links = pages.map { "<li><a href=\"./\($0)\">\($1)</a></li>\n" }.joined()
        if metrics != nil { links += "<li><a href=\"./metrics\">Metrics</a></li>\n" }
        let html = """
            <!doctype html>
            <html lang="en">
            <title>credence broker</title>
            <h1>credence broker</h1>
            <ul>
            \(links)</ul>

            """
        return Answer(status: 200, contentType: "text/html; charset=utf-8", body: Array(html.utf8))
    }

    static func text(_ text: String, status: Int) -> Answer {
        Answer(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }
}

extension JSONWriter {
    /// Refuses to go on when the page has become too long.
    func checkLength() throws(MonitoringFault) {
        if bytes.count > MonitoringPages.longest {
            throw MonitoringFault("the page would be too long: ask for parts of it with limit and offset")
        }
    }

    /// The members that every page begins with.
    mutating func head(_ server: ServerSurvey, at now: SurveyTime) {
        member("server_id", server.key)
        member("now", now.text)
    }
}
