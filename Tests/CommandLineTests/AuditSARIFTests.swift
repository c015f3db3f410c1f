import Foundation
import RealServers
import Testing

@testable import CredenceCLI

/// SARIF 2.1.0: what its schema demands, and that nothing stands in the log that the schema does not know.
@Suite("credence audit --format sarif", .onOwnThread)
struct AuditSARIFTests {
    private func log(_ arguments: String...) throws -> [String: Any] {
        let run = try Binary.start(["audit", "--format", "sarif", "--at", AuditedCommand.now] + arguments).wait()
        #expect(run.status == 1)
        return try run.json()
    }

    /// An object with these members and no other; those without a question mark must be there.
    private func object(
        _ value: Any?, _ members: String..., at location: SourceLocation = #_sourceLocation
    ) throws -> [String: Any] {
        let object = try #require(value as? [String: Any], sourceLocation: location)
        let required = members.filter { !$0.hasSuffix("?") }
        let known = Set(members.map { $0.replacing("?", with: "") })
        #expect(
            Set(object.keys).isSuperset(of: required) && Set(object.keys).isSubset(of: known),
            "\(object.keys.sorted())", sourceLocation: location)
        return object
    }

    @Test("The log has the members that the schema demands, and rules for all of its results")
    func structure() throws {
        let log = try object(log("--store", Testdata.corp), "$schema", "version", "runs")
        #expect(log["version"] as? String == "2.1.0")
        #expect((log["$schema"] as? String)?.hasSuffix("sarif-2.1.0.json") == true)
        let runs = try #require(log["runs"] as? [Any])
        #expect(runs.count == 1)
        let run = try object(runs.first, "tool", "originalUriBaseIds", "columnKind", "results")
        #expect(run["columnKind"] as? String == "utf16CodeUnits")
        _ = try object(object(run["originalUriBaseIds"], "STORE")["STORE"], "description")
        let driver = try object(
            object(run["tool"], "driver")["driver"], "name", "version", "semanticVersion", "rules")
        #expect(driver["name"] as? String == "credence")
        var ids: [String] = []
        for rule in try #require(driver["rules"] as? [Any]) {
            let rule = try object(rule, "id", "shortDescription", "help", "defaultConfiguration", "properties")
            ids.append(try #require(rule["id"] as? String))
            for member in ["shortDescription", "help"] {
                #expect(try #require(object(rule[member], "text")["text"] as? String).count > 10)
            }
            #expect(try level(object(rule["defaultConfiguration"], "level")))
            let properties = try object(rule["properties"], "security-severity", "tags")
            #expect(Double(try #require(properties["security-severity"] as? String)) != nil)
        }
        #expect(Set(ids).count == ids.count)
        let results = try #require(run["results"] as? [Any])
        #expect(results.count == 37)
        var used: Set<String> = []
        for result in results { used.insert(try check(result, ids)) }
        #expect(used == Set(ids))
    }

    private func level(_ object: [String: Any]) -> Bool {
        ["error", "warning", "note"].contains(object["level"] as? String)
    }

    /// Checks a result; its rule.
    private func check(_ result: Any, _ ids: [String]) throws -> String {
        let result = try object(
            result, "ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints", "properties")
        let id = try #require(result["ruleId"] as? String)
        #expect(ids[try #require(result["ruleIndex"] as? Int)] == id)
        #expect(level(result))
        let message = try #require(object(result["message"], "text")["text"] as? String)
        #expect(!message.isEmpty && !message.contains("eyJ"))
        for (_, value) in try #require(result["partialFingerprints"] as? [String: Any]) { #expect(value is String) }
        let locations = try #require(result["locations"] as? [Any])
        #expect(locations.count == 1)
        let location = try object(locations.first, "physicalLocation?", "logicalLocations?")
        let physical = try object(location["physicalLocation"], "artifactLocation", "region?")
        let artifact = try object(physical["artifactLocation"], "uri", "uriBaseId?")
        let uri = try #require(artifact["uri"] as? String)
        #expect(URL(string: uri) != nil && !uri.hasPrefix("/"))
        #expect(FileManager.default.fileExists(atPath: "\(Testdata.corp)/\(uri)"), "\(uri)")
        for logical in try #require(location["logicalLocations"] as? [Any]) {
            let logical = try object(logical, "fullyQualifiedName", "name?", "kind")
            #expect((logical["fullyQualifiedName"] as? String)?.isEmpty == false)
        }
        return id
    }

    @Test("A pack's results name its lines")
    func lines() throws {
        let folder = TemporaryFolder()
        try folder.write("rubbish\n" + Testdata.pack(), to: "a pack")
        let log = try log("--pack", folder.path("a pack"), "--operator", Testdata.corpOperator)
        let run = try #require((log["runs"] as? [[String: Any]])?.first)
        let results = try #require(run["results"] as? [[String: Any]])
        let line = try #require(results.first { $0["ruleId"] as? String == "A-pack-line" })
        let location = try #require((line["locations"] as? [[String: Any]])?.first)
        let physical = try object(location["physicalLocation"], "artifactLocation", "region")
        #expect(try object(physical["region"], "startLine")["startLine"] as? Int == 1)
        let uri = try #require(object(physical["artifactLocation"], "uri")["uri"] as? String)
        #expect(uri == "file://\(folder.path)/a%20pack")
    }

    @Test("Paths are written as URI references")
    func paths() {
        #expect(AuditSARIF.uri(of: "accounts/A B/é#?.jwt") == "accounts/A%20B/%C3%A9%23%3F.jwt")
        #expect(AuditSARIF.uri(of: "a:b") == "a%3Ab")
        #expect(AuditSARIF.uri(of: "/x/y") == "file:///x/y")
    }
}
