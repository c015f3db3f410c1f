import AccountServer
import Foundation
import NKeys
import RealServers
import Testing
import Trust

@Suite("credence journal, and the audit of a journal's folder", .onOwnThread)
struct JournalVerbTests {
    private let folder = TemporaryFolder()
    private let pair: KeyPair

    init() throws { pair = try KeyPair.generate(.server) }

    private var path: String { folder.path("journal") }

    /// A journal of the corpus's accounts in small segments. The last upload is one that the store refused, and before
    /// it stands one that waits.
    private func fill(signed: Bool = true) async throws {
        let journal = try await JournalFolder.open(
            at: path, settings: .init(segmentBytes: 3_000), signingWith: signed ? pair : nil)
        let lines = try Testdata.pack().split(separator: "\n").map { $0.split(separator: "|").map(String.init) }
        func add(_ account: String, _ outcome: JournalEntry.Outcome, _ token: String) async throws {
            _ = try await journal.append([
                JournalDraft(
                    time: try #require(UnixTime(1_795_203_400)), caller: "127.0.0.1", account: account,
                    outcome: outcome, token: token)
            ])
        }
        for line in lines { try await add(line[0], .accepted, line[1]) }
        try await add(lines[0][0], .pending, "waits")
        try await add(lines[0][0], .accepted, "never in force")
        try await add(lines[1][0], .accepted, "nor this")
        try await add(lines[0][0], .withdrawn, "never in force")
        try await add(lines[1][0], .withdrawn, "nor this")
        try await add(lines[1][0], .deleted, "")
        try await add(lines[1][0], .withdrawn, "")
        await journal.close()
    }

    private func segments() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".jsonl") }.sorted()
    }

    @Test("A folder is audited as a pack of its accounts is: what waits or was withdrawn is nobody's token")
    func audited() async throws {
        try await fill()
        let pack = try AuditedCommand(
            ["--pack", "-", "--operator", Testdata.corpOperator], input: [UInt8](Testdata.pack().utf8))
        let key = ["--journal-key", pair.publicKey.text]
        let journal = try AuditedCommand(["--journal", path, "--operator", Testdata.corpOperator] + key)
        #expect(journal.texts == pack.texts)
        #expect(journal.found.contains { $0.file == "journal-00000000000000000001.jsonl" && $0.line == 1 })
        let other = try KeyPair.generate(.server).publicKey.text
        let strange = try AuditedCommand(
            ["--journal", path, "--operator", Testdata.corpOperator, "--journal-key", other])
        #expect(strange.found.filter { $0.rule == "A-journal-broken" }.map(\.file) == ["journal.head"])
        #expect(try Binary.run("audit", "--store", "s", "--journal-key", other).status == 64)
    }

    @Test("verify says whole or not, and what is signed")
    func verified() async throws {
        try await fill()
        let whole = try Binary.run("journal", "verify", path, "--journal-key", pair.publicKey.text, "--json")
        #expect(whole.status == 0 && whole.errors.isEmpty)
        let json = try whole.json()
        #expect(json["whole"] as? Bool == true && json["unsigned"] as? Int == 0)
        #expect((json["head"] as? [String: Any])?["key"] as? String == pair.publicKey.text)
        #expect(try segments().count == json["segments"] as? Int)
        #expect(try Binary.run("journal", "verify", path).output.hasSuffix("\nwhole\n"))
        let last = try #require(try segments().last)
        let text = try folder.text("journal/\(last)")
        try folder.write(text.split(separator: "\n").dropLast().map { $0 + "\n" }.joined(), to: "journal/\(last)")
        let cut = try Binary.run("journal", "verify", path)
        #expect(cut.status == 1 && cut.output.contains("journal.head: the end was cut off"))
        let failures = try Binary.run("journal", "verify", path, "--json").json()["failures"] as? [[String: Any]]
        #expect(failures?.map { $0["rule"] as? String } == ["A-journal-broken"])
        #expect(try Binary.run("journal", "verify", folder.path("none")).status == 66)
        #expect(try Binary.run("journal", "verify", path, "--journal-key", "A").status == 65)
    }

    @Test("What was exported is verified and audited elsewhere, and shows when it is cut")
    func exported() async throws {
        try await fill()
        let whole = try Binary.run("journal", "export", path)
        #expect(whole.status == 0)
        let part = try Binary.run("journal", "export", path, "--from", "3")
        #expect(part.output.hasPrefix("{\"base\":{\"number\":2,"))
        for (output, count) in [(whole.output, 0), (part.output, 2)] {
            let file = "export\(count)"
            try folder.write(output, to: file)
            let run = try Binary.run("journal", "verify", folder.path(file), "--json")
            #expect(run.status == 0)
            #expect(try run.json()["first"] as? Int == count + 1)
            try folder.write(output.split(separator: "\n").dropLast().map { $0 + "\n" }.joined(), to: file)
            #expect(try Binary.run("journal", "verify", folder.path(file)).status == 1)
        }
        try folder.write(whole.output, to: "whole")
        let audited = try AuditedCommand(["--journal", folder.path("whole"), "--operator", Testdata.corpOperator])
        #expect(!audited.found.contains { $0.rule == "A-journal-broken" })
        #expect(try Binary.run("journal", "export", path, "--from", "4", "--to", "3").status == 64)
    }

    @Test("Pruning leaves what can be proved, with the server's key where the journal is signed")
    func pruned() async throws {
        try await fill()
        let count = try segments().count
        #expect(count > 2)
        let unsigned = try Binary.run("journal", "prune", path, "--keep-segments", "1")
        #expect(unsigned.status == 74 && unsigned.errors.contains("no key to sign"))
        try pair.seed.withUnsafeText { try folder.write(Array($0), to: "seed.nk") }
        let key = ["--server-key", folder.path("seed.nk")]
        let kept = try Binary.start(["journal", "prune", path, "--keep", "2020-01-01", "--json"] + key).wait()
        #expect(kept.status == 0)
        #expect(try kept.json()["removed"] as? Int == 0)
        let run = try Binary.start(["journal", "prune", path, "--keep-segments", "1"] + key).wait()
        #expect(run.status == 0 && run.output.hasPrefix("took away "))
        #expect(try segments().count == 1)
        #expect(try Binary.run("journal", "verify", path, "--journal-key", pair.publicKey.text).status == 0)
        #expect(try Binary.run("journal", "prune", path).status == 64)
        #expect(try Binary.run("journal", "prune", folder.path("none"), "--keep-segments", "1").status == 66)
    }

    @Test("A journal that a server has open, and one that does not fit, are not pruned")
    func refused() async throws {
        try await fill(signed: false)
        let journal = try await JournalFolder.open(at: path)
        let locked = try Binary.run("journal", "prune", path, "--keep-segments", "1")
        #expect(locked.status == 74 && locked.errors.contains("another process has the journal open"))
        await journal.close()
        let first = try #require(try segments().first)
        try folder.write(
            try folder.text("journal/\(first)").replacing("127.0.0.1", with: "127.0.0.2"), to: "journal/\(first)")
        let broken = try Binary.run("journal", "prune", path, "--keep-segments", "1")
        #expect(broken.status == 1 && broken.errors.contains("entry 1 was changed"))
        #expect(try segments().count > 2)
    }
}
