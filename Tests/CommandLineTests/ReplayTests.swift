import Foundation
import RealServers
import Testing

@Suite("credence replay", .onOwnThread)
struct ReplayTests {
    private static let folder = Testdata.path + "/replay"
    /// How the suite that comes with the sources was made, but for the folder.
    private static let options = [
        "--label", "credence replay", "--at", "2026-11-20T22:13:00Z", "--pairs", "none", "--base", "stream-narrow",
        "--base", "stream-public-token", "--base", "service-position-token",
    ]

    @Test("nothing of the suite that comes with the sources gets through", arguments: ["strict", "compatible"])
    func checkedIn(_ policy: String) throws {
        let run = try Binary.run("replay", "run", Self.folder, "--library", "--json", "--policy", policy)
        let json = try run.json()
        #expect(run.status == 0 && json["holds"] as? Bool == true, "\(run.output)\(run.errors)")
        // The three bases, and what is good among the uploads.
        #expect(json["controls"] as? Int == 8)
        #expect(try #require(json["attacks"] as? Int) > 100)
    }

    @Test("the suite that comes with the sources is made again, byte for byte")
    func reproducible() throws {
        let folder = TemporaryFolder()
        let run = try Binary.start(["replay", "generate", folder.path("suite")] + Self.options).wait()
        #expect(run.status == 0, "\(run.errors)")
        let theirs = try String(contentsOfFile: Self.folder + "/suite.json", encoding: .utf8)
        #expect(try folder.text("suite/suite.json") == theirs, "generate Testdata/replay again; see Testdata/README.md")
        for name in ["suite.json", "user.nk", "nats-server.conf", "operator.jwt", "strict-operator.jwt"] {
            #expect(try folder.mode("suite/\(name)") == 0o600, "\(name)")
        }
        let again = try Binary.start(["replay", "generate", folder.path("suite")] + Self.options).wait()
        #expect(again.status == 1 && again.errors.contains("exists already"))
        let forced = try Binary.start(["replay", "generate", folder.path("suite"), "--force"] + Self.options).wait()
        #expect(forced.status == 0, "\(forced.errors)")
    }

    @Test("an attack that the library cannot tell from a good import gets through, and ends with 1")
    func through() throws {
        let folder = TemporaryFolder()
        let text = try String(contentsOfFile: Self.folder + "/suite.json", encoding: .utf8)
        // The good import, under the name and expectation of an attack.
        let good = #""id":"stream-narrow/good","base":"stream-narrow","mutations":[],"expected":"accept","rules":[]"#
        let attack =
            #""id":"stream-narrow/x","base":"stream-narrow","mutations":["importer-other"],"expected":"refuse","#
            + #""rules":["B-importer"]"#
        #expect(text.contains(good))
        try folder.write(text.replacingOccurrences(of: good, with: attack), to: "suite.json")
        let run = try Binary.run("replay", "run", folder.path, "--library")
        #expect(run.status == 1)
        #expect(run.output.contains("through: stream-narrow/x: breaks B-importer\n"))
        #expect(run.output.contains("1 of "))
    }

    @Test("a suite is judged as of its own time, or of the time that is named")
    func time() throws {
        let late = try Binary.run("replay", "run", Self.folder, "--library", "--at", "2026-11-21T22:13:00Z")
        #expect(late.status == 1 && late.output.contains("broken: stream-narrow/good"))
        let server = try Binary.run("replay", "run", Self.folder, "--nats", "nats://127.0.0.1:1")
        #expect(server.status == 65 || server.status == 66, "\(server.errors)")
    }

    @Test(
        "what cannot be done is said",
        arguments: [
            (["replay", "run", "x"], 64, "--library or --nats"),
            (["replay", "run", "x", "--library", "--nats", "nats://127.0.0.1"], 64, "--library or --nats"),
            (["replay", "run", "x", "--nats", "nats://a/b"], 64, "nats://a/b"),
            (["replay", "run", "x", "--nats", "nats://u:p@a"], 64, "invalid"),
            (["replay", "run", "x", "--nats", "127.0.0.1", "--at", "2026-11-21T22:13:00Z"], 64, "own clock"),
            (["replay", "run", "x", "--library", "--url", "http://127.0.0.1"], 64, "--library or --nats"),
            (["replay", "run", "x", "--url", "ftp://127.0.0.1"], 64, "ftp://127.0.0.1"),
            (["replay", "run", "x", "--url", "http://127.0.0.1/jwt/v1"], 64, "invalid"),
            (["replay", "run", "x", "--library", "--bearer", "x"], 64, "--url"),
            (["replay", "run", "x", "--url", "http://10.0.0.1:1", "--bearer", "x"], 64, "use https"),
            (["replay", "run", "x", "--url", "http://127.0.0.1.x:1", "--bearer", "x"], 64, "use https"),
            (["replay", "run", "nowhere", "--library"], 66, "no such file"),
            (["replay", "generate", "x", "--at", "now"], 64, "RFC 3339"),
            (["replay", "generate", "x", "--valid", "59m"], 64, "1h"),
            (["replay", "generate", "x", "--base", "strem"], 64, "there is no base `strem`"),
            (["replay", "generate", "x", "--pairs", "some"], 64, "pairs"),
            (["replay", "generate", "nowhere/x/y", "--base", "stream"], 74, "cannot be made"),
        ])
    func usage(_ arguments: [String], _ status: Int32, _ text: String) throws {
        let run = try Binary.start(arguments).wait()
        #expect(run.status == status && run.errors.contains(text), "\(run.status) \(run.errors)")
    }
}
