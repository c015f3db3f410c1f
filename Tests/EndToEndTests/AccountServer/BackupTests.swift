import AccountServer
import Dispatch
import Foundation
import NKeys
import RealServers
import Testing

@testable import CredenceCLI

/// Docs/Operations.md: what it tells to run is run, and what it lists is all there is.
@Suite(.onOwnThread) struct BackupTests {
    @Test(arguments: ["sqlite", "folder"])
    func `a backup that was made under load, as the document says, restores all that was acknowledged before it`(
        store: String
    ) throws {
        let world = try ServedWorld()
        let key = try KeyPair.generate(.server)
        let arguments =
            world.arguments(store: store) + ["--log-level", "notice", "--journal-segment-size", "65536"]
            + ["--journal-key", try world.write(key.seed, to: "journal.seed")]
        let server = try AccountServerProcess(arguments)
        let load = try UploadLoad(world.versions, accounts: 12)
        let acknowledged = DispatchSemaphore(value: 0)
        let uploaders = load.begin(on: try server.port, uploaders: 3, acknowledged: acknowledged)
        func wait(_ count: Int) throws {
            for _ in 0..<count where acknowledged.wait(timeout: .now() + 60) != .success {
                throw Fault("nothing is acknowledged any more: \(load.unexplained)")
            }
        }
        // Twice, so that the second replaces what the first copied of a segment that has grown since.
        try wait(100)
        while load.state.values.contains(where: { $0.acknowledged == 0 }) { try wait(1) }
        try run("backup", in: world)
        try wait(100)
        let before = load.state
        try run("backup", in: world)
        try wait(20)
        try server.kill()
        uploaders.wait()
        let after = load.state
        try FileManager.default.moveItem(atPath: world.data(), toPath: world.data("lost"))
        try run("restore", in: world, store: store, key: key.publicKey.text)

        let again = try AccountServerProcess(arguments)
        for account in load.accounts {
            let token = try #require(try again.token(of: account))
            let version = try UploadLoad.version(of: token)
            #expect(version >= before[account]?.acknowledged ?? 0)
            #expect(version <= after[account]?.sent ?? 0)
            #expect(token == (try load.token(of: account, version: version)))
            // What was issued earlier is stale still, and what comes next is taken.
            #expect(try again.upload(load.token(of: account, version: version - 1)).status == 409)
            let next = (after[account]?.sent ?? 0) + 1
            #expect(try again.upload(load.token(of: account, version: next)).status == 200)
        }
        again.signal(SIGTERM)
        #expect(try again.waitUntilEnd() == 0)
        // One journal, from its first entry on.
        let survey = try JournalSurvey.folder(at: world.data("data/journal"), requiring: [key.publicKey])
        #expect(survey.isWhole && survey.first == 1, "\(survey.findings)")
        #expect(survey.count > 200)
    }

    @Test func `what is not whole, not signed or in the way is not restored`() throws {
        let world = try ServedWorld()
        let key = try KeyPair.generate(.server)
        let server = try AccountServerProcess(
            world.arguments() + ["--journal-key", try world.write(key.seed, to: "journal.seed")])
        let account = try KeyPair.generate(.account).publicKey.text
        for version in 1...3 { #expect(try server.upload(world.token(of: account, issuedAt: version)).status == 200) }
        server.signal(SIGTERM)
        #expect(try server.waitUntilEnd() == 0)
        let (journal, made) = (world.data("data/journal"), world.data("made"))
        func restore(_ more: [String] = [], data: String? = nil) throws -> (status: Int32, errors: String) {
            let run = try Program.credence(["restore", "--journal", journal, "--data", data ?? made] + more)
            // Nothing is left that a server could be started on.
            if run.status != 0, data == nil { #expect(!FileManager.default.fileExists(atPath: made)) }
            return (run.status, run.errors)
        }
        #expect(try restore(data: world.data()).errors.contains("is there already"))
        #expect(try restore(data: world.data()).status == 1)
        let stranger = try restore(["--signed-by", KeyPair.generate(.server).publicKey.text])
        #expect(stranger.status == 1 && stranger.errors.contains("signed by another key"), "\(stranger.errors)")
        #expect(try restore(["--signed-by", account]).status == 65)
        let segment = URL(fileURLWithPath: "\(journal)/journal-00000000000000000001.jsonl")
        let whole = try String(contentsOf: segment, encoding: .utf8)
        let lines = whole.split(separator: "\n")
        let broken = [
            "changed": whole.replacing("\"outcome\":\"accepted\"", with: "\"outcome\":\"refused\"", maxReplacements: 1),
            "without one": (lines.prefix(1) + lines.dropFirst(2)).joined(separator: "\n") + "\n",
            // The head names an entry that is gone.
            "cut off": lines.dropLast().joined(separator: "\n") + "\n",
            "torn": String(whole.dropLast(20)),
        ]
        for (name, text) in broken {
            try text.write(to: segment, atomically: false, encoding: .utf8)
            let run = try restore()
            #expect(run.status == 1 && run.errors.contains("the journal is not whole"), "\(name): \(run.errors)")
        }
        try whole.write(to: segment, atomically: false, encoding: .utf8)
        #expect(try restore(["--signed-by", key.publicKey.text]).status == 0)
        // Behind the head a line may have no end: a copy was made while it was written.
        try FileManager.default.removeItem(atPath: made)
        try (whole + "{\"number\":4").write(to: segment, atomically: false, encoding: .utf8)
        #expect(try restore().errors.contains("has no end"))
        #expect(try restore(data: world.data("empty/none")).status == 74)
        #expect(try Program.credence(["restore", "--journal", world.data("none"), "--data", made]).status == 66)
    }

    @Test func `the table of settings lists every setting by its flag, its variable and its member`() throws {
        let rows = try Self.document().split(separator: "\n").filter { $0.hasPrefix("| `--") }.map { row in
            row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let listed = rows.map { row in row.prefix(3).map { $0.trimmingCharacters(in: ["`"]) } }
        let settings = ServerSetting.allCases.map { ["--\($0.rawValue)", $0.variable, $0.rawValue] }
        #expect(Set(listed) == Set(settings))
        #expect(rows.count == settings.count)
        #expect(rows.allSatisfy { $0.count == 5 && !$0[3].isEmpty && !$0[4].isEmpty })
        let help = try Program.credence(["account-server", "--help"]).output
        for setting in ServerSetting.allCases { #expect(help.contains("--\(setting.rawValue)"), "\(setting)") }
    }

    // MARK: -

    private static func document() throws -> String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return try String(contentsOf: tests.appendingPathComponent("../../../Docs/Operations.md"), encoding: .utf8)
    }

    /// Runs a block of commands of the document as it stands.
    private func run(_ name: String, in world: ServedWorld, store: String = "", key: String = "") throws {
        let document = try Self.document()
        let parts = document.components(separatedBy: "```sh \(name)\n")
        try #require(parts.count == 2, "the document has no block `\(name)`, or several")
        let commands = parts[1].components(separatedBy: "\n```")[0]
        let folder = URL(fileURLWithPath: Program.credence).deletingLastPathComponent().path
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let run = try Program.run(
            "/bin/sh", ["-euc", commands],
            environment: [
                "DATA": world.data(), "BACKUP": world.data("backup"), "STORE": store, "KEY": key,
                "PATH": "\(folder):\(path)",
            ])
        #expect(run.status == 0, "\(name): \(run.errors)")
    }
}
