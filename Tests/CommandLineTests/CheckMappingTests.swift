import Foundation
import RealServers
import Testing

/// Account mappings come before the permissions of who publishes.
@Suite("credence check, mapped", .onOwnThread)
struct CheckMappingTests {
    /// A copy of the corpus, in which the account STORAGE, which has mappings, gets users.
    private let folder = TemporaryFolder()

    init() throws {
        try folder.copy(Testdata.nsc("stores"), to: "stores")
        try folder.copy(Testdata.nsc("keys"), to: "keys")
    }

    private func locations(_ arguments: [String]) -> [String] {
        arguments + ["--store", folder.path("stores/CORP"), "--keystore", folder.path("keys")]
    }

    /// Publishes as a user who may publish to `allowed`.
    private func publish(_ subject: String, allowed: String, _ more: String...) throws -> CommandRun {
        let name = "u\(UUID().uuidString.prefix(8))"
        let added = try Binary.start(
            locations(["add", "user", "-a", "STORAGE", "-n", name, "--allow-pub", allowed])
        ).wait()
        try #require(added.status == 0, "\(added.errors)")
        return try Binary.start(
            locations([
                "check", "publish", subject, "--user", folder.path("stores/CORP/accounts/STORAGE/users/\(name).jwt"),
            ]) + more
        ).wait()
    }

    @Test("A mapped publish is allowed when all that a message may become is")
    func weights() throws {
        #expect(try publish("map.in", allowed: "map.out.*").status == 0)
        let one = try publish("map.in", allowed: "map.out.a", "--json")
        #expect(one.status == 1)
        let json = try one.json()
        #expect(json["subject"] as? String == "map.in")
        #expect(json["mapping"] as? String == "map.in")
        let destinations = try #require(json["destinations"] as? [[String: Any]])
        #expect(destinations.compactMap { $0["subject"] as? String } == ["map.out.a", "map.out.b"])
        #expect(destinations.compactMap { $0["percent"] as? Int } == [70, 30])
        #expect(destinations.compactMap { $0["allowed"] as? Bool } == [true, false])
        #expect(try publish("map.in", allowed: "map.in").status == 1)
    }

    @Test("Captured words move, and numbers of partitions are worked out")
    func functions() throws {
        #expect(try publish("old.a.b", allowed: "new.b.a").status == 0)
        let run = try publish("part.x", allowed: "part.3.x")
        #expect(run.status == 0)
        #expect(run.output.contains("  100% to `part.3.x`: allowed\n"))
    }

    @Test("Without a cluster every cluster's destinations count, with one its own")
    func clusters() throws {
        #expect(try publish("clus.in", allowed: "clus.any").status == 1)
        #expect(try publish("clus.in", allowed: "clus.any,clus.east").status == 0)
        #expect(try publish("clus.in", allowed: "clus.any", "--cluster", "west").status == 0)
        #expect(try publish("clus.in", allowed: "clus.east", "--cluster", "east").status == 0)
        #expect(try publish("clus.in", allowed: "clus.any", "--cluster", "east").status == 1)
    }

    @Test("What is not mapped, and every subscription, is checked as it is")
    func unmapped() throws {
        let json = try publish("map.other", allowed: "map.other", "--json").json()
        #expect(json["allowed"] as? Bool == true)
        #expect(json["mapping"] == nil)
    }
}
