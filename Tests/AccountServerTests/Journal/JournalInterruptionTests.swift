import FailingFiles
import Foundation
import NKeys
import RealServers
import Testing
import Trust

@testable import AccountServer
@testable import FolderStores

/// Whatever call of the system fails, or wherever the process ends: what was acknowledged is there, what was refused is
/// not, and the journal goes on.
@Suite(.onOwnThread) struct JournalInterruptionTests {
    private let pair: KeyPair
    init() throws { pair = try KeyPair.generate(.server) }

    /// What a journal goes through; entries that were acknowledged are handed on at once.
    private func life(_ journal: JournalFolder, _ acknowledged: inout [JournalEntry], failures: inout Int) async {
        for number in 0..<7 {
            do {
                acknowledged += try await journal.append([JournalPlace.draft(number), JournalPlace.draft(number + 1)])
                if number == 3 { try await journal.signHead() }
                if number == 5 { try await journal.prune(keeping: .segments(2)) }
            } catch {
                failures += 1
            }
        }
        await journal.close()
    }

    private func calls(_ failure: (Int) -> FailingCalls.Failure) async throws -> Int {
        let whole = FailingCalls()
        var (entries, failures): ([JournalEntry], Int) = ([], 0)
        let untouched = try JournalPlace()
        await life(try await untouched.open(pair, segmentBytes: 900, calls: whole), &entries, failures: &failures)
        #expect(failures == 0 && entries.count == 14)
        for step in 1...whole.count {
            let place = try JournalPlace()
            var acknowledged: [JournalEntry] = []
            var failures = 0
            let calls = FailingCalls(failure(step))
            do {
                let journal = try await place.open(pair, segmentBytes: 900, calls: calls)
                await life(journal, &acknowledged, failures: &failures)
            } catch {
                failures += 1
            }
            // A call that fails once leaves no trace: the journal is whole as it stands, and went on by itself.
            if case .once = failure(step) {
                #expect(acknowledged.count >= 12 || acknowledged.isEmpty, "step \(step)")
                let survey = try place.survey()
                #expect(survey.isWhole, "step \(step): \(survey.findings)")
                #expect(acknowledged.isEmpty || survey.last.hash == acknowledged.last?.hash, "step \(step)")
            }
            // What a process that ended leaves is at the most the part of a line, and never a gap.
            let left = try place.survey().findings.filter { !$0.message.contains("the last line has no end") }
            #expect(left == [], "step \(step)")
            let journal = try await place.open(pair, segmentBytes: 900)
            let found = try await journal.last(100)
            let numbers = Set(found.map(\.hash))
            let first = found.first?.number ?? 1
            for entry in acknowledged where entry.number >= first {
                #expect(numbers.contains(entry.hash), "step \(step): entry \(entry.number) was lost")
            }
            let added = try await journal.append([JournalPlace.draft(9)])
            try await journal.prune(keeping: .segments(1))
            await journal.close()
            let survey = try place.survey([pair.publicKey])
            #expect(survey.isWhole, "step \(step): \(survey.findings)")
            #expect(survey.last.hash == added.last?.hash && survey.unsigned == 0)
            #expect(try place.segments().count == 1)
        }
        return whole.count
    }

    @Test func `a full disk at any call loses nothing, adds nothing, and the journal works when there is room`()
        async throws
    {
        #expect(try await calls { .once($0, errno: ENOSPC) } > 60)
    }

    @Test func `a fault of the disk at any call loses nothing and adds nothing`() async throws {
        #expect(try await calls { .once($0, errno: EIO) } > 60)
    }

    @Test func `an end at any call, in the middle of a prune as well, leaves a journal that goes on`() async throws {
        #expect(try await calls { .stopped(at: $0) } > 60)
    }

    @Test func `a journal that is signed is not pruned without a key`() async throws {
        let place = try JournalPlace()
        try await place.fill(9, pair, segmentBytes: 900)
        let journal = try await place.open()
        await #expect { try await journal.prune(keeping: .segments(1)) } throws: { "\($0)".contains("no key to sign") }
        #expect(try place.survey().count == 9)
    }

    @Test func `what was judged since a time is kept, whole segments of it`() async throws {
        let place = try JournalPlace()
        let entries = try await place.fill(12, segmentBytes: 900)
        let journal = try await place.open()
        #expect(try await journal.prune(keeping: .since(entries[0].time)) == nil)
        let base = try #require(try await journal.prune(keeping: .since(entries[7].time)))
        #expect(base.number < 7 && base.hash == entries[Int(base.number) - 1].hash)
        #expect(try await journal.last(100).first?.number == base.number + 1)
        let survey = try place.survey()
        #expect(survey.isWhole && survey.notes.contains("the base is not signed"))
        await journal.close()
        // Without the base the beginning is missing.
        try place.remove(JournalLayout.base)
        #expect(try place.survey().findings.map(\.message) == ["entries 1 to \(base.number) were removed"])
    }

    @Test func `what was acknowledged before the process was killed is there`() async throws {
        let place = try JournalPlace()
        var last: Int64 = 0
        for round in 0..<30 {
            let (process, output) = try JournalProgram.start(place.path)
            var text = ""
            let wanted = 2 + round * 3
            while text.split(separator: "\n").count < wanted {
                let piece = output.availableData
                if piece.isEmpty { break }
                text += String(decoding: piece, as: UTF8.self)
            }
            kill(process.processIdentifier, SIGKILL)
            text += String(decoding: output.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            let lines: [Substring] = text.split(separator: "\n").filter { $0.count > 50 }
            #expect(text.hasPrefix("opened ") && lines.count + 1 >= wanted, "round \(round): \(text.prefix(200))")
            var hashes: [Int64: String] = [:]
            let survey = try JournalSurvey.folder(at: place.path) { entry, _, _ in hashes[entry.number] = entry.hash }
            #expect(
                survey.findings.allSatisfy { $0.message.contains("the last line has no end") }, "\(survey.findings)")
            let first = survey.first ?? 1
            for line in lines {
                let parts: [Substring] = line.split(separator: " ")
                let number = try #require(parts.first.flatMap { Int64($0) })
                guard number >= first else { continue }
                #expect(hashes[number] == parts.last.map { String($0) }, "round \(round): entry \(number)")
                last = max(last, number)
            }
            #expect(survey.last.number >= last)
        }
        #expect(last > 30)
    }

    @Test func `where a file may not grow any further, entries are refused whole, and taken when it may`() async throws
    {
        let place = try JournalPlace()
        let (process, output) = try JournalProgram.start(place.path, "20000")
        let text = String(decoding: output.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let lines: [Substring] = text.split(separator: "\n")
        #expect(process.terminationStatus == 0 && lines.count(where: { $0.hasPrefix("refused ") }) == 1, "\(text)")
        let numbers = lines.filter { !$0.hasPrefix("refused ") }.compactMap {
            $0.split(separator: " ").first.flatMap { Int64($0) }
        }
        let survey = try place.survey()
        #expect(survey.isWhole && survey.last.number == numbers.last && numbers.count > 4, "\(survey.findings)")
        // The batches of three before, and the two after: nothing between them.
        #expect(survey.count == Int64(numbers.count - 2) * 3 + 2)
    }
}
