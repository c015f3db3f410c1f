import Foundation
import NKeys
import Testing
import Trust

@testable import AccountServer

/// What is appended is there, in order, after every kind of end; and what does not fit is not gone on with.
@Suite struct JournalFolderTests {
    @Test func `what was appended is there when the journal is opened again, and goes on`() async throws {
        let place = try JournalPlace()
        let journal = try await place.open()
        let first = try await journal.append((0..<5).map { JournalPlace.draft($0) })
        let second = try await journal.append([JournalPlace.draft(5)])
        #expect(try await journal.append([]) == [])
        #expect(first.map(\.number) == [1, 2, 3, 4, 5] && second.first?.previous == first.last?.hash)
        #expect(try await journal.last(3) == Array((first + second).suffix(3)))
        #expect(try await journal.last(100) == first + second)
        try await journal.check()
        await journal.close()
        await #expect(throws: JournalFault.self) { try await journal.append([JournalPlace.draft(0)]) }
        let again = try await place.open()
        #expect(try await again.last(100) == first + second)
        #expect(try await again.append([JournalPlace.draft(6)]).first?.previous == second.first?.hash)
        let survey = try place.survey()
        #expect(survey.isWhole && survey.count == 7, "\(survey.findings)")
        let mode = try FileManager.default.attributesOfItem(atPath: "\(place.path)/\(JournalPlace.first)")
        #expect(mode[.posixPermissions] as? Int == 0o600)
    }

    @Test func `a batch is one wait for the disk`() async throws {
        let place = try JournalPlace()
        let journal = try await place.open()
        let before = journal.synchronisations
        _ = try await journal.append((0..<100).map { JournalPlace.draft($0) })
        #expect(journal.synchronisations == before + 1)
    }

    @Test func `a second writer is kept out`() async throws {
        let place = try JournalPlace()
        let journal = try await place.open()
        await #expect { try await place.open() } throws: { "\($0)".contains("another process has the journal open") }
        await journal.close()
        _ = try await place.open()
    }

    @Test func `segments follow one another, by size and by age, and a clock that steps back changes nothing`()
        async throws
    {
        let place = try JournalPlace()
        let journal = try await place.open(segmentBytes: 1_000, segmentSeconds: 60)
        var entries: [JournalEntry] = []
        for (number, time) in [0, 1, 2, 3, 100, 40, -5_000, 39, 101, 160, 161].enumerated() {
            entries += try await journal.append([JournalPlace.draft(number, at: 1_700_000_000 + Int64(time))])
        }
        try await journal.rotate()
        try await journal.rotate()
        #expect(try await journal.last(100) == entries)
        #expect(try place.segments().count > 4)
        await journal.close()
        let survey = try place.survey()
        #expect(survey.isWhole && survey.count == 11, "\(survey.findings)")
        // The last segment is empty.
        let again = try await place.open()
        #expect(try await again.last(2) == Array(entries.suffix(2)))
        #expect(try await again.append([JournalPlace.draft(0)]).first?.number == 12)
        #expect(try place.survey().isWhole)
    }

    @Test func `a last line that is torn at any byte is put aside, and the journal goes on`() async throws {
        let place = try JournalPlace()
        let entries = try await place.fill(3)
        let bytes = try place.bytes(JournalPlace.first)
        let start = bytes.count - entries[2].bytes.count - 1
        for end in stride(from: start + 1, to: bytes.count, by: 7) {
            let torn = try JournalPlace()
            try torn.write(Array(bytes[..<end]), to: JournalPlace.first)
            let journal = try await torn.open()
            let name = try #require(await journal.torn)
            #expect(try torn.bytes(name) == Array(bytes[start..<end]))
            #expect(try await journal.last(10) == Array(entries[..<2]))
            #expect(try await journal.append([JournalPlace.draft(2)]) == [entries[2]])
            let survey = try torn.survey()
            #expect(survey.isWhole && survey.notes.contains { $0.contains(name) })
        }
        // What had grown before its content came to the disk.
        try place.write(bytes[..<start] + [0, 0, 0] + bytes[(start + 3)...], to: JournalPlace.first)
        let journal = try await place.open()
        #expect(await journal.torn != nil)
        #expect(try await journal.last(10) == Array(entries[..<2]))
    }

    @Test func `an end that does not fit is refused, and left as it is`() async throws {
        let pair = try KeyPair.generate(.server)
        let place = try JournalPlace()
        let entries = try await place.fill(4, pair)
        let lines = entries.map { $0.bytes + [10] }
        func refused(_ content: [[UInt8]], because reason: String) async throws {
            let changed = try place.copy()
            try changed.write(content.flatMap { $0 }, to: JournalPlace.first)
            let files = try changed.files()
            await #expect { try await changed.open(pair) } throws: {
                "\($0)".contains(reason) || Issue.record("\($0)") == nil
            }
            #expect(try changed.files() == files && changed.bytes(JournalPlace.first) == content.flatMap { $0 })
        }
        try await refused([lines[0], lines[2], lines[3]], because: "entry 2 was removed")
        try await refused([lines[0], lines[2], lines[1], lines[3]], because: "entry 2 was removed")
        try await refused([lines[0], lines[1], lines[1], lines[2], lines[3]], because: "stands where entry 3 belongs")
        try await refused([lines[1], lines[2], lines[3]], because: "entry 1 was removed")
        try await refused(Array(lines[..<3]), because: "entry 4 is not there")
        try await refused(Array(lines[..<3]) + [lines[3].dropLast(5)], because: "entry 4 is not there")
        try await refused([], because: "entries 1 to 4 are not there")
        let other = try JournalPlace()
        let strange = try #require(
            JournalEntry(
                after: entries[2], at: entries[3].time, caller: "", account: "", outcome: .accepted, token: "other"))
        try await refused(
            Array(lines[..<3]) + [strange.bytes + [10]], because: "not the one that the signed head names")
        try other.write(try place.bytes(JournalLayout.head), to: JournalLayout.head)
        await #expect { try await other.open(pair) } throws: { "\($0)".contains("there is no segment") }
    }

    @Test func `the head is signed at the end, and entries behind it are counted`() async throws {
        let pair = try KeyPair.generate(.server)
        let place = try JournalPlace()
        try await place.fill(3, pair)
        try await place.fill(2)
        let survey = try place.survey([pair.publicKey])
        #expect(survey.isWhole && survey.head?.number == 3 && survey.unsigned == 2, "\(survey.findings)")
        try await place.fill(0, pair)
        #expect(try place.survey([pair.publicKey]).unsigned == 0)
        let other = try KeyPair.generate(.server).publicKey
        #expect(
            try place.survey([other]).findings.map(\.message) == [
                "it is signed by another key: `\(pair.publicKey.text)`"
            ])
        try place.remove(JournalLayout.head)
        #expect(try place.survey([pair.publicKey]).findings.map(\.message) == ["there is no signed head"])
        await #expect(throws: JournalFault.self) { try await place.open(try KeyPair.generate(.account)) }
    }

    @Test func `the head is signed soon after a batch, without another`() async throws {
        let pair = try KeyPair.generate(.server)
        let place = try JournalPlace()
        let journal = try await JournalFolder.open(
            at: place.path, settings: .init(headInterval: .milliseconds(1)), signingWith: pair)
        _ = try await journal.append([JournalPlace.draft(0)])
        let deadline = ContinuousClock.now + .seconds(60)
        while try place.survey().head?.number != 1, ContinuousClock.now < deadline { await Task.yield() }
        #expect(try place.survey([pair.publicKey]).unsigned == 0)
        await journal.close()
    }
}
