import Foundation
import RealServers
import Testing

@Suite("credence bench interest", .onOwnThread)
struct BenchInterestTests {
    private func bench(_ workload: String, _ more: String...) throws -> CommandRun {
        let folder = TemporaryFolder()
        try folder.write(workload, to: "workload.json")
        return try Binary.start(
            ["bench", "interest", "--workload", folder.path("workload.json"), "--seconds", "0.02"] + more
        ).wait()
    }

    @Test("The JSON has every member of its shape")
    func small() throws {
        let path = Testdata.path + "/workloads/small20.json"
        let run = try Binary.run("bench", "interest", "--workload", path, "--seconds", "0.05", "--json")
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        let json = try run.json()
        #expect(Set(json.keys) == ["workload", "subscriptions", "nanoseconds", "matched", "bytes"])
        #expect(json["workload"] as? String == "small20")
        #expect(json["subscriptions"] as? Int == 20)
        #expect(try #require(json["bytes"] as? Int) > 0)
        let spreads = try #require(json["nanoseconds"] as? [String: [String: Double]])
        #expect(Set(spreads.keys) == ["match", "insert", "remove"])
        for (_, times) in spreads {
            let (least, median, late) = (times["min"] ?? 0, times["median"] ?? 0, times["p99"] ?? 0)
            #expect(0 < least && least <= median && median <= late)
        }
    }

    @Test("Allow and deny patterns both get a subscription, and one that stands twice gets two")
    func counts() throws {
        let run = try bench(
            #"{"name":"w","allow":["a.*","a.b"],"deny":["a.>","a.b","c"],"subjects":["a.b","c","d","a.x.y"]}"#, "--json"
        )
        #expect(run.status == 0)
        let json = try run.json()
        #expect(json["subscriptions"] as? Int == 5)
        #expect(json["matched"] as? Int == 4 + 1 + 0 + 1)
        let text = try bench(#"{"name":"w","allow":["a"],"deny":[],"subjects":["a"]}"#)
        #expect(text.output.hasPrefix("w: 1 subscriptions, 1 subjects that reach 1\nmatch: "))
    }

    @Test("Nothing to subscribe to, and nothing to match, is measured too")
    func empty() throws {
        #expect(try bench(#"{"allow":[],"deny":[],"subjects":[]}"#, "--json").status == 0)
    }

    @Test(
        "A malformed file says the line",
        arguments: [
            ("{\"allow\":[\"a\",\n\"b.>.c\"],\"deny\":[],\"subjects\":[]}", "line 2: allow[1]: subject token 2 is `>`"),
            (
                "{\"allow\":[\"a\"],\"deny\":[\n\n\"b..c\"],\"subjects\":[]}",
                "line 3: deny[0]: subject token 2 is empty"
            ),
            (
                "{\"allow\":[],\n\"deny\":[],\n\"subjects\":[\"a.*\"]}",
                "line 3: subjects[0]: subject token 2 is a wildcard"
            ),
            ("{}", "line 1: `allow` is missing"),
        ])
    func malformed(_ file: String, _ message: String) throws {
        let run = try bench(file)
        #expect(run.status == 65)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains(message), "\(run.errors)")
    }

    @Test("A workload that is not there, and times that make no sense, are told")
    func usage() throws {
        #expect(try Binary.run("bench", "interest", "--workload", "/nonexistent").status == 66)
        #expect(try Binary.run("bench", "interest").status == 64)
        #expect(try Binary.run("bench", "interest", "--workload", "-", "--seconds", "0").status == 64)
    }
}
