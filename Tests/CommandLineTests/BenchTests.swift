import Foundation
import RealServers
import Testing

@Suite("credence bench tokens", .onOwnThread)
struct BenchTests {
    @Test("Tokens of any type are timed, and those that are accepted counted")
    func tokens() throws {
        let folder = TemporaryFolder()
        let files = [
            "stores/CORP/CORP.jwt", "stores/CORP/accounts/ORDERS/ORDERS.jwt",
            "stores/CORP/accounts/OPS/users/perms.jwt", "stores/CORP/accounts/OPS/users/future.jwt",
        ]
        let lines = try files.map { try String(contentsOfFile: Testdata.nsc($0), encoding: .utf8) }
        try folder.write(lines.joined(separator: "\n") + "\n\n", to: "tokens")
        let run = try Binary.run(
            "bench", "tokens", "--file", folder.path("tokens"), "--json", "--at", "2026-11-20T23:00:00Z")
        #expect(run.status == 0)
        let json = try run.json()
        #expect(json["tokens"] as? Int == 4)
        #expect(json["accepted"] as? Int == 3)
        for name in ["microseconds_per_token", "bare_verify_microseconds"] {
            let spread = try #require(json[name] as? [String: Double])
            let (least, median) = (try #require(spread["min"]), try #require(spread["median"]))
            #expect(0 < least && least <= median)
        }
        #expect(try #require(json["ratio"] as? Double) > 0)
    }

    @Test("A file without tokens is bad input")
    func empty() throws {
        #expect(try Binary.run("bench", "tokens", "--file", "-", input: [10]).status == 65)
        #expect(try Binary.run("bench", "tokens", "--file", "/nonexistent").status == 66)
    }
}
