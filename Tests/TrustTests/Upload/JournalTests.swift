import Testing

@testable import Trust

/// A journal's entries are chained: what is changed, removed or moved shows, and is named.
@Suite struct JournalTests {
    private static func journal(_ count: Int) throws -> [JournalEntry] {
        var entries: [JournalEntry] = []
        for number in 0..<count {
            let outcome: JournalEntry.Outcome = number % 3 == 2 ? .refused : .accepted
            entries.append(
                try #require(
                    JournalEntry(
                        after: entries.last, at: ChainWorld.moment(1_800_000_000 + Int64(number)),
                        caller: "10.0.0.\(number) \"quoted\"\n", account: "ACCOUNT", outcome: outcome,
                        rules: outcome == .refused ? [.activationImporter, .tokenExpired] : [],
                        token: "header.payload\(number).signature")))
        }
        return entries
    }

    /// What reading finds: the entries, and the first fault.
    private static func read(_ lines: [String], from reader: JournalReader = JournalReader())
        -> ([JournalEntry], JournalReader.Fault?)
    {
        var reader = reader
        var entries: [JournalEntry] = []
        for line in lines {
            do throws(JournalReader.Fault) {
                entries.append(
                    try Array(line.utf8).withUnsafeBufferPointer { (bytes) throws(JournalReader.Fault) in
                        try reader.read(bytes)
                    })
            } catch {
                return (entries, error)
            }
        }
        return (entries, nil)
    }

    @Test func `what was written is read, each entry behind the one before`() throws {
        let entries = try Self.journal(7)
        let (found, fault) = Self.read(entries.map(\.line))
        #expect(fault == nil)
        #expect(found == entries)
        #expect(entries[0].previous == "" && entries[0].hash.utf8.count == 52)
        #expect(entries[2].rules == ["B-importer", "T-expired"])
    }

    @Test func `every outcome is read as it was written`() throws {
        for outcome in JournalEntry.Outcome.allCases {
            let entry = try #require(
                JournalEntry(
                    after: nil, at: .zero, caller: "é\u{2028}<&>\u{7f}\u{85}", account: "", outcome: outcome, token: "")
            )
            let (found, fault) = Self.read([entry.line])
            #expect(found == [entry] && fault == nil)
            #expect(entry.line.contains(#""outcome":"\#(outcome.rawValue)""#))
        }
    }

    @Test func `the example in the source is how a line looks`() throws {
        let entry = try #require(
            JournalEntry(
                after: nil, at: ChainWorld.moment(1_795_203_400), caller: "10.0.0.7", account: "A", outcome: .refused,
                rules: [.activationImporter], token: "t"))
        #expect(
            entry.line.hasPrefix(
                #"{"number":1,"time":1795203400,"caller":"10.0.0.7","account":"A","outcome":"refused","#
                    + #""rules":["B-importer"],"token":"t","previous":"","hash":""#))
    }

    @Test func `a removed entry is named`() throws {
        let lines = try Self.journal(6).map(\.line)
        for removed in 0..<5 {
            var left = lines
            left.remove(at: removed)
            let number = Int64(removed + 1)
            #expect(Self.read(left).1 == .removed(from: number, to: number))
        }
        #expect(Self.read(Array(lines[..<1] + lines[4...])).1 == .removed(from: 2, to: 4))
    }

    @Test func `moved entries are named`() throws {
        var lines = try Self.journal(5).map(\.line)
        lines.swapAt(1, 2)
        #expect(Self.read(lines).1 == .removed(from: 2, to: 2))
        let entries = try Self.journal(4)
        #expect(
            Self.read([entries[0].line, entries[1].line, entries[0].line]).1 == .reordered(number: 1, expected: 3))
    }

    @Test func `every changed byte of an entry shows`() throws {
        let entries = try Self.journal(3)
        let line = Array(entries[1].line.utf8)
        for index in line.indices {
            var changed = line
            changed[index] ^= 1
            let text = String(decoding: changed, as: UTF8.self)
            #expect(Self.read([entries[0].line, text, entries[2].line]).1 != nil, "byte \(index)")
        }
        let forged = entries[1].line.replacing("payload1", with: "payload9")
        #expect(Self.read([entries[0].line, forged]).1 == .changed(number: 2))
        let spaced = entries[1].line.replacing(",\"caller\"", with: ", \"caller\"")
        #expect(Self.read([entries[0].line, spaced]).1 == .notAnEntry)
    }

    @Test func `an entry that was made anew shows at the next`() throws {
        let entries = try Self.journal(4)
        let forged = try #require(
            JournalEntry(
                after: entries[0], at: entries[1].time, caller: "", account: "OTHER", outcome: .accepted, token: "t"))
        #expect(Self.read([entries[0].line, forged.line, entries[2].line]).1 == .unchained(number: 3))
    }

    @Test func `what is kept of a removed beginning proves the rest`() throws {
        let entries = try Self.journal(6)
        let rest = entries[3...].map(\.line)
        #expect(Self.read(rest, from: JournalReader(behind: 3, hash: entries[2].hash)).1 == nil)
        #expect(Self.read(rest, from: JournalReader(behind: 3, hash: entries[1].hash)).1 == .unchained(number: 4))
        var reader = JournalReader()
        for entry in entries {
            _ = try Array(entry.line.utf8).withUnsafeBufferPointer { try reader.read($0) }
        }
        #expect(reader.head == (6, entries[5].hash))
    }

    @Test func `lines that are none are refused`() {
        for line in ["", "{}", "null", "[1]", "{\"number\":1}", String(repeating: "[", count: 100_000)] {
            #expect(Self.read([line]).1 == .notAnEntry, "\(line.prefix(20))")
        }
    }
}
