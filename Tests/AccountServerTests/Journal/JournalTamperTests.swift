import NKeys
import Testing
import Trust

@testable import AccountServer

/// Whoever changes, removes, moves or adds anything is noticed, and what shows it is named.
@Suite struct JournalTamperTests {
    private let pair: KeyPair
    init() throws { pair = try KeyPair.generate(.server) }

    /// Three segments of entries.
    private func place(_ count: Int = 9, signed: Bool = true) async throws -> (JournalPlace, [JournalEntry]) {
        let place = try JournalPlace()
        let entries = try await place.fill(count, signed ? pair : nil, segmentBytes: 500)
        #expect(try place.segments().count >= 3)
        #expect(try place.survey().isWhole)
        return (place, entries)
    }

    @Test func `every byte that is changed is noticed, in entries, head and base`() async throws {
        let (place, _) = try await place(6)
        let journal = try await place.open(pair)
        #expect(try await journal.prune(keeping: .segments(2)) != nil)
        await journal.close()
        let files = try place.files()
        #expect(files.count == 4)
        for name in files {
            let bytes = try place.bytes(name)
            for index in bytes.indices {
                var changed = bytes
                changed[index] ^= 1
                try place.write(changed, to: name)
                #expect(try !place.survey().isWhole, "\(name), byte \(index)")
            }
            try place.write(bytes, to: name)
        }
        #expect(try place.survey([pair.publicKey]).isWhole)
    }

    @Test func `every entry that is removed, moved or doubled is named`() async throws {
        let (place, entries) = try await place()
        var number = 0
        for name in try place.segments() {
            let bytes = try place.bytes(name)
            let lines = bytes.split(separator: 10).map { Array($0) + [10] }
            func found(_ lines: [[UInt8]]) throws -> [String] {
                try place.write(lines.flatMap { $0 }, to: name)
                return try place.survey().findings.map(\.message)
            }
            for index in lines.indices {
                number += 1
                var removed = lines
                removed.remove(at: index)
                let isEnd = number == entries.count
                #expect(
                    try found(removed).first?.hasPrefix(
                        isEnd
                            ? "the end was cut off: the signed head names entry \(number)"
                            : "entry \(number) was removed")
                        == true)
                #expect(
                    try found(Array(lines[...index] + lines[index...])).contains {
                        $0 == "entry \(number) stands where entry \(number + 1) belongs"
                    })
                guard index + 1 < lines.count else { continue }
                var swapped = lines
                swapped.swapAt(index, index + 1)
                #expect(try found(swapped).first == "entry \(number) was removed")
            }
            try place.write(bytes, to: name)
        }
        #expect(number == entries.count)
    }

    @Test func `a segment that is removed, renamed or exchanged shows`() async throws {
        let (place, _) = try await place()
        let names = try place.segments()
        for (index, name) in names.enumerated() {
            let copy = try place.copy()
            try copy.remove(name)
            #expect(try !copy.survey().isWhole)
            let next = names[(index + 1) % names.count]
            let exchanged = try place.copy()
            try exchanged.write(place.bytes(name), to: next)
            try exchanged.write(place.bytes(next), to: name)
            #expect(try !exchanged.survey().isWhole)
        }
        try place.write(place.bytes(names[1]), to: "journal-00000000000000000777.jsonl")
        #expect(try place.survey().findings.contains { $0.file.contains("777") })
    }

    @Test func `an end that was cut off shows with a signed head, and without one does not`() async throws {
        for isSigned in [true, false] {
            let (place, entries) = try await place(signed: isSigned)
            let name = try #require(place.segments().last)
            let lines = try place.bytes(name).split(separator: 10)
            try place.write(lines.dropLast().flatMap { Array($0) + [10] }, to: name)
            let survey = try place.survey()
            #expect(survey.isWhole != isSigned)
            #expect(survey.count == entries.count - 1)
            if isSigned {
                #expect(survey.findings.first?.message.contains("entry 9 is not there") == true)
            } else {
                #expect(survey.notes == ["there is no signed head: entries that were cut off the end do not show"])
            }
        }
    }

    @Test func `an end that was made anew behind the head shows, and one after the head does not`() async throws {
        let (place, entries) = try await place()
        let name = try #require(place.segments().last)
        let lines = try place.bytes(name).split(separator: 10).map(Array.init)
        let forged = try #require(
            JournalEntry(
                after: entries[7], at: entries[8].time, caller: "", account: "", outcome: .accepted, token: "forged"))
        try place.write((lines.dropLast() + [forged.bytes]).flatMap { $0 + [10] }, to: name)
        #expect(try place.survey().findings.map(\.message) == ["entry 9 is not the one that the signed head names"])
        let more = try #require(
            JournalEntry(
                after: entries[8], at: entries[8].time, caller: "", account: "", outcome: .accepted, token: "more"))
        try place.write((lines + [more.bytes]).flatMap { $0 + [10] }, to: name)
        let survey = try place.survey()
        #expect(survey.isWhole && survey.unsigned == 1)
    }

    @Test func `an extract is verified by itself, and every stretch of the journal has one`() async throws {
        let (place, entries) = try await place(7)
        let journal = try await place.open(pair)
        let base = try #require(try await journal.prune(keeping: .segments(2)))
        await journal.close()
        let first = base.number + 1
        for from in first...7 {
            for to in from...7 {
                var bytes: [UInt8] = []
                let survey = try JournalExtract.write(folderAt: place.path, from: from, to: to) { bytes += $0 }
                #expect(survey.isWhole)
                var found: [JournalEntry] = []
                let read = JournalSurvey.file(bytes, named: "extract") { entry, _ in found.append(entry) }
                #expect(read.isWhole, "\(from) to \(to): \(read.findings)")
                #expect(found == Array(entries[Int(from - 1)..<Int(to)]))
                #expect((read.head != nil) == (to == 7))
                #expect((read.base?.key != nil) == (from == first))
                if to == 7 {
                    let cut = bytes.dropLast(entries[6].bytes.count + 1)
                    #expect(!JournalSurvey.file(Array(cut), named: "cut").isWhole)
                }
            }
        }
    }
}
