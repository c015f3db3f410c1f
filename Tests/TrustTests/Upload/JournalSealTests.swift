import Foundation
import NKeys
import Testing

@testable import Trust

/// What is signed of a journal has one spelling, stands for itself alone, and is what Docs/Formats.md says.
@Suite struct JournalSealTests {
    private func read(_ line: String, _ purpose: JournalSeal.Purpose = .head) -> JournalSeal? {
        Array(line.utf8).withUnsafeBufferPointer { JournalSeal(purpose, line: $0) }
    }

    @Test func `what was sealed is read, signed or not`() throws {
        let pair = try KeyPair.generate(.server)
        let signed = try JournalSeal(
            .head, number: 7, hash: "HASH", at: ChainWorld.moment(1_800_000_000), signedBy: pair)
        #expect(signed.isGenuine && read(signed.line) == signed && signed.key == pair.publicKey)
        let plain = try JournalSeal(.base, number: 7, hash: "HASH", at: ChainWorld.moment(1_800_000_000), signedBy: nil)
        #expect(!plain.isGenuine && read(plain.line, .base) == plain)
        #expect(plain.line == #"{"number":7,"hash":"HASH","time":1800000000,"key":"","signature":""}"#)
    }

    @Test func `a head is no base, and nothing of it can be changed`() throws {
        let seal = try JournalSeal(
            .head, number: 7, hash: "HASH", at: ChainWorld.moment(1_800_000_000), signedBy: KeyPair.generate(.server))
        #expect(read(seal.line, .base)?.isGenuine == false)
        let bytes = Array(seal.line.utf8)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(read(String(decoding: changed, as: UTF8.self))?.isGenuine != true, "byte \(index)")
        }
        for line in ["", "{}", " " + seal.line, seal.line + " ", seal.line.replacing(",", with: ", ")] {
            #expect(read(line) == nil)
        }
        let user = try KeyPair.generate(.user)
        #expect(read(seal.line.replacing(try #require(seal.key).text, with: user.publicKey.text)) == nil)
        #expect(throws: KeyUseError.self) {
            try JournalSeal(.head, number: 1, hash: "", at: .zero, signedBy: KeyPair.generate(.curve))
        }
    }

    @Test func `the example of the document holds`() throws {
        let document = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../../Docs/Formats.md")
        let lines = try String(contentsOf: document, encoding: .utf8).split(separator: "\n").map(String.init)
        let first = try #require(lines.first { $0.hasPrefix(#"{"number":1,"time":"#) })
        var reader = JournalReader()
        let entry = try Array(first.utf8).withUnsafeBufferPointer { try reader.read($0) }
        let head = try #require(lines.compactMap { read($0) }.first)
        #expect(head.isGenuine && head.number == entry.number && head.hash == entry.hash)
        #expect(lines.contains("credence journal head") && lines.contains(entry.hash))
    }
}
