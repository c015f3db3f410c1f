import Foundation
import RealServers
import Testing

@Suite("credence bench make-store, resolve and store", .onOwnThread)
struct BenchResolveTests {
    private func store(accounts: Int, _ more: String...) throws -> TemporaryFolder {
        let folder = TemporaryFolder()
        let run = try Binary.start(
            ["bench", "make-store", folder.path("world"), "--accounts", "\(accounts)"] + more
        ).wait()
        #expect(run.status == 0 && run.output.isEmpty, "\(run.errors)")
        return folder
    }

    private func resolve(_ folder: TemporaryFolder, _ more: String...) throws -> CommandRun {
        let flags = ["--store", folder.path("world/accounts"), "--operator", folder.path("world/operator.jwt")]
        return try Binary.start(["bench", "resolve"] + flags + more).wait()
    }

    @Test("A store that was made is in force whole, and each signature of it is checked once")
    func whole() throws {
        let folder = try store(accounts: 50)
        let json = try resolve(folder, "--json").json()
        let shape: Set = ["accounts", "imports", "accepted_imports", "signatures_verified", "seconds", "peak_bytes"]
        #expect(Set(json.keys) == shape)
        #expect(json["accounts"] as? Int == 50)
        #expect(json["imports"] as? Int == 250)
        #expect(json["accepted_imports"] as? Int == 250)
        // A token for four of five imports.
        #expect(json["signatures_verified"] as? Int == 50 + 200)
        #expect(try #require(json["peak_bytes"] as? Int) > 1_000_000)
        #expect(try resolve(folder).output.contains("250 of 250 imports in force"))
        let beside = try resolve(folder, "--json", "--beside-bare").json()
        #expect(Set(beside.keys) == shape.union(["bare_seconds", "ratio"]))
        let flags = ["--store", folder.path("world/accounts"), "--operator", folder.path("world/operator.jwt")]
        #expect(try Binary.start(["validate"] + flags).wait().status == 0)
    }

    @Test("What is not in force is counted as such, and asks for no signature that nothing depends on")
    func refused() throws {
        let folder = try store(accounts: 4, "--imports", "2", "--private-percent", "0")
        let other = try store(accounts: 2)
        let flags = [
            "--store", folder.path("world/accounts"), "--operator", other.path("world/operator.jwt"), "--json",
        ]
        let json = try Binary.start(["bench", "resolve"] + flags).wait().json()
        #expect(json["accounts"] as? Int == 4)
        #expect(json["imports"] as? Int == 0)
        #expect(json["signatures_verified"] as? Int == 4)
    }

    @Test("A folder that is there is left alone")
    func existing() throws {
        let folder = try store(accounts: 2)
        let run = try Binary.start(["bench", "make-store", folder.path("world")]).wait()
        #expect(run.status == 1 && run.errors.contains("hint: name a folder that is not there yet"))
    }

    @Test("Updates of accounts in force are timed, and judge the imports that depend on them")
    func live() throws {
        let flags = ["--accounts", "140", "--active", "120", "--rounds", "2", "--json"]
        let json = try Binary.start(["bench", "store"] + flags).wait().json()
        #expect(json["accounts"] as? Int == 140 && json["active"] as? Int == 120)
        #expect(try #require(json["imports_per_update"] as? Int) >= 100)
        for name in ["enforcement_milliseconds", "many_importers_milliseconds"] {
            let times = try #require(json[name] as? [String: Double])
            #expect(try #require(times["median"]) > 0 && times["max"] ?? 0 >= times["median"] ?? 1)
        }
    }
}
