import Foundation
import RealServers
import Testing

/// A real server with the world of `credence bench make-world`.
private struct MeasuredServer {
    let folder = TemporaryFolder()
    let server: ServerProcess

    init() throws {
        let run = try Binary.run("bench", "make-world", folder.path("world"))
        #expect(run.status == 0 && run.output.isEmpty && run.errors.isEmpty, "\(run.errors)")
        // A machine that has much else to do may need more than the two seconds that are usual.
        try folder.write(
            folder.text("world/server.conf") + "authorization { timeout: 60 }\n", to: "world/server.conf")
        server = try ServerProcess(configuration: folder.path("world/server.conf"))
    }

    func bench(_ more: String..., creds: String = "world/app.creds") throws -> CommandRun {
        let flags = [
            "bench", "broker", "--url", server.url, "--creds", folder.path(creds), "--responder-creds",
            folder.path("world/service.creds"),
        ]
        return try Binary.start(flags + more).wait()
    }

    /// The number of the server's process, as its log has it.
    var process: String { server.log.firstMatch(of: /\[([0-9]+)\]/).map { String($0.1) } ?? "" }
}

@Suite("credence bench broker, on a real server", .onOwnThread)
struct BenchBrokerTests {
    @Test(
        "Every work does as much as it is told, and counts what came",
        arguments: [
            ("publish", 7_777, 1), ("pair", 7_777, 1), ("fan", 3_333, 4), ("connects", 9, 1), ("request", 55, 1),
        ])
    func works(work: String, messages: Int, subscribers: Int) throws {
        let measured = try MeasuredServer()
        let json = try measured.bench(
            "--work", work, "--messages", "\(messages)", "--runs", "3", "--server-pid", measured.process, "--json"
        ).json()
        let servers = try #require(json["servers"] as? [[String: String]])
        #expect(servers == [["url": measured.server.url, "version": "2.15.1"]])
        let works = try #require(json["works"] as? [[String: Any]])
        #expect(works.count == 1 && works[0]["work"] as? String == work && works[0]["ratio"] == nil)
        let results = try #require(works[0]["results"] as? [[String: Any]])
        let result = try #require(results.first)
        let runs = try #require(result["runs"] as? [[String: Any]])
        #expect(runs.map { $0["count"] as? Int } == [Int?](repeating: messages * subscribers, count: 3))
        for run in runs {
            #expect(run["lost"] as? Int == 0 && run["slow_consumers"] as? Int == 0)
            #expect(try #require(run["seconds"] as? Double) > 0)
        }
        var ranges = ["rate", "client_nanoseconds", "server_nanoseconds"].map { result[$0] as? [String: Double] }
        if work == "request" {
            let quantiles = try #require(result["microseconds"] as? [String: [String: Double]])
            let (p50, p99) = (try #require(quantiles["p50"]?["min"]), try #require(quantiles["p99"]?["min"]))
            #expect(0 < p50 && p50 <= p99)
            ranges += ["p50", "p90", "p99"].map { quantiles[$0] }
        } else {
            #expect(result["microseconds"] == nil)
        }
        for range in ranges {
            let (least, median, most) = (
                try #require(range?["min"]), try #require(range?["median"]), try #require(range?["max"])
            )
            #expect(0 <= least && least <= median && median <= most)
        }
        #expect(try #require(ranges[0]?["min"]) > 0)
    }

    @Test("A run may last a time, and two servers take turns")
    func beside() throws {
        let (first, second) = (try MeasuredServer(), try MeasuredServer())
        let run = try first.bench(
            "--beside", second.server.url, "--beside-creds", second.folder.path("world/app.creds"),
            "--beside-responder-creds", second.folder.path("world/service.creds"), "--work", "pair", "--work",
            "request",
            "--seconds", "0.05", "--runs", "2", "--json")
        let json = try run.json()
        #expect((json["servers"] as? [[String: String]])?.map { $0["url"] } == [first.server.url, second.server.url])
        let works = try #require(json["works"] as? [[String: Any]])
        #expect(works.map { $0["work"] as? String } == ["pair", "request"])
        for work in works {
            #expect(try #require(work["ratio"] as? Double) > 0)
            let results = try #require(work["results"] as? [[String: Any]])
            #expect(results.count == 2)
            for result in results {
                let runs = try #require(result["runs"] as? [[String: Any]])
                #expect(runs.count == 2)
                for run in runs {
                    #expect(try #require(run["count"] as? Int) > 0)
                    #expect(try #require(run["seconds"] as? Double) >= 0.05)
                }
            }
        }
    }

    @Test("Idle connections and their subscriptions are held until the server's memory is told")
    func hold() throws {
        let measured = try MeasuredServer()
        let run = try measured.bench(
            "--hold", "40", "--subscriptions", "25", "--settle", "0", "--server-pid", measured.process, "--json")
        let holds = try #require(try run.json()["holds"] as? [[String: Double]])
        #expect(holds.count == 1)
        #expect(holds.first?["connections"] == 40 && holds.first?["subscriptions"] == 1000)
        #expect(try #require(holds.first?["bytes_subscribed"]) > 1_000_000)
        #expect(try #require(holds.first?["bytes_connected"]) > 1_000_000)
        let text = try measured.bench("--hold", "2", "--settle", "0", "--server-pid", measured.process)
        #expect(text.output.contains("2 idle connections"))
        #expect(try Binary.run("bench", "broker", "--url", measured.server.url, "--hold", "2").status == 64)
        #expect(try measured.bench("--hold", "2", "--server-pid", "0").status == 66)
    }

    @Test("A user of another operator is told what the server says, and nothing secret")
    func strangers() throws {
        let (measured, other) = (try MeasuredServer(), try MeasuredServer())
        for work in ["publish", "pair", "connects", "request"] {
            let run = try Binary.run(
                "bench", "broker", "--url", measured.server.url, "--creds", other.folder.path("world/app.creds"),
                "--work", work)
            #expect(run.status == 1 && run.output.isEmpty)
            #expect(run.errors.contains("`Authorization Violation`"))
            #expect(!run.errors.contains("eyJ") && !run.errors.contains("SU"))
        }
    }

    @Test("A subject that the user may not use is named")
    func forbidden() throws {
        let measured = try MeasuredServer()
        for (work, text) in [
            ("publish", "Publish to \"other.publish.000\""), ("pair", "Subscription to \"other.pair.one\""),
        ] {
            let run = try measured.bench("--work", work, "--prefix", "other", "--messages", "1000000")
            #expect(run.status == 1 && run.output.isEmpty)
            #expect(run.errors.contains("Permissions Violation for \(text)"), "\(run.errors)")
        }
    }

    @Test("A request that nobody hears ends the run")
    func unanswered() throws {
        let measured = try MeasuredServer()
        let run = try measured.bench("--work", "request", "--service-subject", "service.other")
        #expect(
            run.status == 1 && run.errors.contains("nobody answers requests at `load.request.echo`"), "\(run.errors)")
    }

    @Test("A world is not made over another, and its secrets are its owner's")
    func world() throws {
        let folder = TemporaryFolder()
        #expect(try Binary.run("bench", "make-world", folder.path("world"), "--listen", "127.0.0.1:5222").status == 0)
        #expect(try Binary.run("bench", "make-world", folder.path("world")).status == 1)
        #expect(try folder.text("world/server.conf").hasPrefix("listen: \"127.0.0.1:5222\"\n"))
        for name in ["app.creds", "service.creds"] { #expect(try folder.mode("world/\(name)") == 0o600) }
        let token = try #require(
            try folder.text("world/app.creds").split(separator: "\n").first { $0.hasPrefix("eyJ") })
        try folder.write(String(token), to: "token")
        let described = try Binary.run("describe", "jwt", "--file", folder.path("token"), "--json")
        #expect(described.status == 0, "\(described.errors)")
    }
}
