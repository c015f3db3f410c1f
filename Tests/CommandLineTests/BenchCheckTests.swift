import Foundation
import RealServers
import Testing

@Suite("credence bench check", .onOwnThread)
struct BenchCheckTests {
    private func bench(_ workload: String, _ more: String...) throws -> CommandRun {
        let folder = TemporaryFolder()
        try folder.write(workload, to: "workload.json")
        return try Binary.start(
            ["bench", "check", "--workload", folder.path("workload.json"), "--seconds", "0.02"] + more
        ).wait()
    }

    @Test("The JSON has every member of its shape, and the workload's own count of what is allowed")
    func small() throws {
        let path = Testdata.path + "/workloads/small20.json"
        let run = try Binary.run("bench", "check", "--workload", path, "--seconds", "0.05", "--json")
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        let json = try run.json()
        #expect(
            Set(json.keys) == [
                "workload", "operations", "nanoseconds_per_check", "allowed", "build_milliseconds", "bytes",
            ])
        #expect(json["workload"] as? String == "small20")
        #expect(json["allowed"] as? Int == 739)
        #expect(try #require(json["operations"] as? Int) % 1000 == 0)
        #expect(try #require(json["bytes"] as? Int) > 0)
        let times = try #require(json["nanoseconds_per_check"] as? [String: Double])
        let (least, median, late) = (times["min"] ?? 0, times["median"] ?? 0, times["p99"] ?? 0)
        #expect(0 < least && least <= median && median <= late)
        #expect(try #require(json["build_milliseconds"] as? Double) > 0)
    }

    @Test("Beside a hash table, its look-ups and the ratio of the medians are told too")
    func besideLookup() throws {
        let path = Testdata.path + "/workloads/small20.json"
        let options = ["bench", "check", "--workload", path, "--seconds", "0.05", "--beside-lookup"]
        let json = try Binary.start(options + ["--json"]).wait().json()
        let checks = try #require((json["nanoseconds_per_check"] as? [String: Double])?["median"])
        let lookups = try #require((json["nanoseconds_per_lookup"] as? [String: Double])?["median"])
        #expect(lookups > 0)
        #expect(abs(try #require(json["ratio"] as? Double) - checks / lookups) < 0.01)
        #expect(try Binary.start(options).wait().output.contains("a look-up: min "))
    }

    @Test("Escapes are read, and a count that differs is told")
    func escapes() throws {
        let run = try bench(
            #"{"name":"\u0065\n","allow":["\u00e9.\ud83d\ude00.>"],"deny":[],"subjects":["é.😀.x","a\/b"],"allowed":2}"#,
            "--json")
        #expect(run.status == 0)
        #expect(try run.json()["allowed"] as? Int == 1)
        #expect(try run.json()["workload"] as? String == "e\n")
        #expect(run.errors == "warning: 1 subjects are allowed, and the workload says that 2 are\n")
    }

    @Test(
        "A malformed file says the line",
        arguments: [
            (
                "{\"allow\":[],\n\"deny\":[],\n\"subjects\":[\"a\",\n\"b..c\"]}",
                "line 4: subjects[1]: subject token 2 is empty"
            ),
            ("{\"allow\":[\"a\",\n\"b.>.c\"],\"deny\":[],\"subjects\":[]}", "line 2: allow[1]: subject token 2 is `>`"),
            (
                "{\"allow\":[\"a\"],\"deny\":[\n\n\"b c\"],\"subjects\":[]}",
                "line 3: deny[0]: a queue is not allowed here"
            ),
            ("{\"allow\":[\"a\"\n\"b\"]", "line 2: `,` is missing"),
            ("{\"allow\":[\"a\",\n", "line 2: the file ends too early"),
            ("{\"allow\":[\"a", "line 1: the file ends inside a string"),
            ("{\n\"allow\":[\"a\n\"]}", "line 2: a string holds a control character, or is not closed"),
            ("{\"allow\":[1]}", "line 1: a string is needed here"),
            ("{\"allow\":[],\n\"allow\":[]}", "line 2: `allow` stands twice"),
            ("{\"allowed\":01}", "line 1: a count is needed here"),
            ("{\"allowed\":-1}", "line 1: a count is needed here"),
            ("{\n\"alow\":[]}", "line 2: `alow` is no member of a workload"), ("{}", "line 1: `allow` is missing"),
            ("{\"name\":\"\\ud800\"}", "line 1: half of a surrogate pair"), ("[]", "line 1: `{` is needed here"),
            ("{\"allow\":[],\"deny\":[],\"subjects\":[]}\nx", "line 2: something follows the object"),
            ("", "line 1: the file ends too early"),
        ])
    func malformed(_ file: String, _ message: String) throws {
        let run = try bench(file)
        #expect(run.status == 65)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains(message), "\(run.errors)")
    }

    @Test("A workload that is not there, and times that make no sense, are told")
    func usage() throws {
        #expect(try Binary.run("bench", "check", "--workload", "/nonexistent").status == 66)
        #expect(try Binary.run("bench", "check").status == 64)
        #expect(try Binary.run("bench", "check", "--workload", "-", "--seconds", "0").status == 64)
    }
}
