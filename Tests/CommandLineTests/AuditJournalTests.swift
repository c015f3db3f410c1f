import Foundation
import RealServers
import Testing
import Trust

@Suite("credence audit of journals", .onOwnThread)
struct AuditJournalTests {
    /// The accounts of the corpus as uploads, one behind the other; before them an upload that was refused, and an
    /// account that was deleted again.
    private func journal() throws -> [String] {
        var entries: [JournalEntry] = []
        func add(_ account: Substring, _ outcome: JournalEntry.Outcome, _ rules: [Rule] = [], _ token: Substring) throws
        {
            let time = try #require(UnixTime(1_795_203_400 + Int64(entries.count)))
            entries.append(
                try #require(
                    JournalEntry(
                        after: entries.last, at: time, caller: "127.0.0.1", account: String(account), outcome: outcome,
                        rules: rules, token: String(token))))
        }
        let lines = try Testdata.pack().split(separator: "\n").map { $0.split(separator: "|") }
        try add(lines[1][0], .refused, [.tokenSignature], "rubbish")
        try add(lines[0][0], .accepted, [], lines[0][1])
        try add(lines[0][0], .deleted, [], "")
        for line in lines { try add(line[0], .accepted, [], line[1]) }
        return entries.map(\.line)
    }

    private func audit(_ lines: [String], _ more: String...) throws -> AuditedCommand {
        let folder = TemporaryFolder()
        try folder.write(lines.joined(separator: "\n") + "\n", to: "journal")
        return try AuditedCommand(
            ["--journal", folder.path("journal"), "--operator", Testdata.corpOperator] + more)
    }

    @Test("The accounts that a journal leaves are audited as a pack of them is")
    func whole() throws {
        let pack = try AuditedCommand(
            ["--pack", "-", "--operator", Testdata.corpOperator], input: [UInt8](Testdata.pack().utf8))
        let journal = try audit(journal())
        #expect(journal.texts == pack.texts)
        #expect(journal.run.status == 1)
        #expect(journal.found.contains { $0.name == "SHIPPING" && $0.line == 4 })
    }

    @Test("The first entry that was changed, removed or moved is named, and the rest is audited")
    func tampered() throws {
        let lines = try journal()
        func broken(_ lines: [String]) throws -> [String] {
            let audit = try audit(lines)
            #expect(audit.texts.contains("medium SHIPPING B-revoked at imports[1].token"))
            return audit.found.filter { $0.rule == "A-journal-broken" }.map { "\($0.line ?? 0): \($0.message)" }
        }
        #expect(try broken(lines) == [])
        #expect(try broken(Array(lines[1...])) == ["1: entry 1 was removed"])
        var changed = lines
        changed[0] = changed[0].replacing("T-signature", with: "T-expired")
        #expect(try broken(changed) == ["1: entry 1 was changed after it was written"])
        #expect(try broken(["rubbish"] + lines) == ["1: the line is not an entry of a journal"])
    }

    @Test("A journal is named alone")
    func usage() throws {
        let run = try Binary.run("audit", "--journal", "j", "--pack", "p")
        #expect(run.status == 64)
        #expect(run.errors.contains("give one of them"))
    }
}
