import Foundation
import Testing

/// A run of `credence audit`, and what it found.
struct AuditedCommand {
    static let now = "2026-11-20T23:00:00Z"

    /// A finding as the JSON has it.
    struct Found: Hashable {
        let severity: String
        let rule: String
        let account: String?
        let name: String
        let place: String
        let message: String
        let file: String?
        let line: Int?

        init(_ member: [String: Any]) throws {
            severity = try #require(member["severity"] as? String)
            rule = try #require(member["rule"] as? String)
            account = member["account"] as? String
            name = try #require(member["name"] as? String)
            place = try #require(member["at"] as? String)
            message = try #require(member["message"] as? String)
            file = member["file"] as? String
            line = member["line"] as? Int
            #expect((member["hint"] as? String)?.isEmpty == false)
        }

        /// As `high NAME C-user-signer at users[u].iss`.
        var text: String {
            [severity, name, rule].filter { !$0.isEmpty }.joined(separator: " ") + (place.isEmpty ? "" : " at \(place)")
        }
    }

    let run: CommandRun
    let found: [Found]

    /// Audits as of when the corpus was made, and reads the JSON.
    init(_ arguments: [String], home: TemporaryFolder? = nil, input: [UInt8] = []) throws {
        let arguments = ["audit", "--json", "--at", Self.now] + arguments
        run = try Binary.start(arguments, home: home, input: input).wait()
        guard run.status <= 1 else {
            found = []
            return
        }
        let json = try run.json()
        #expect(Set(json.keys) == ["findings"])
        found = try #require(json["findings"] as? [[String: Any]]).map(Found.init)
    }

    init(_ arguments: String...) throws { try self.init(arguments) }

    /// What was found, but that tokens never expire: nothing that nsc makes expires unless it is told to.
    var texts: [String] { found.filter { $0.rule != "A-no-expiry" }.map(\.text) }
}

extension Testdata {
    static let corp = nsc("stores/CORP")
    static let strict = nsc("stores/STRICT")
    static let corpOperator = nsc("stores/CORP/CORP.jwt")

    /// The accounts that were pushed to a server, as a pack: a line each, in the order of their keys.
    static func pack() throws -> String {
        let folder = nsc("resolver-dir")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".jwt") }.sorted()
        return try names.map { name in
            let token = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            return "\(name.dropLast(4))|\(token.trimmingCharacters(in: .whitespacesAndNewlines))\n"
        }.joined()
    }
}
