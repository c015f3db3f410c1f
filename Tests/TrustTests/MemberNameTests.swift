import Testing

@testable import Trust

/// The table of member names, and the folding of case.
@Suite struct MemberNameTests {
    private func find(_ text: [UInt8]) -> MemberName {
        JSONInvariants.padded(text) { MemberTable.shared.name(in: $0, at: 0, length: text.count) }
    }

    private static let names = MemberName.allCases.filter { $0 != .unknown }

    @Test func `every name is found by its text, which no other has`() {
        #expect(Set(Self.names.map(\.text)).count == Self.names.count)
        for name in Self.names {
            #expect(find(Array(name.text.utf8)) == name)
            #expect(name.text.utf8.count <= MemberTable.longest)
            // Later comparisons fold the found name only, not the known one.
            #expect(CaseFolding.folded(Array(name.text.utf8)) == Array(name.text.utf8))
        }
    }

    @Test func `a name is found wherever it stands, whatever follows it`() {
        for name in Self.names {
            let text = Array(name.text.utf8)
            for before in 0..<9 {
                let bytes = [UInt8](repeating: 0x22, count: before) + text + [UInt8](repeating: 0xff, count: before)
                let found = bytes.withUnsafeBytes { raw in
                    MemberTable.shared.name(in: PaddedBytes(raw, count: raw.count), at: before, length: text.count)
                }
                #expect(found == name)
            }
        }
    }

    @Test func `no other text is found`() {
        let texts = Set(Self.names.map { Array($0.text.utf8) })
        var mutations = Mutations(seed: 31)
        for text in texts.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let near = [text + [0], [0] + text, text + text, Array(text.dropLast()), Array(text.dropFirst())]
            let flipped = text.indices.flatMap { index in
                (0..<8).map { bit in
                    var flipped = text
                    flipped[index] ^= 1 << UInt8(bit)
                    return flipped
                }
            }
            let random = (0..<50).map { _ in mutations.changed(text) }
            for other in near + flipped + random where !texts.contains(other) {
                if find(other) != .unknown { Issue.record("\(other) is found as \(find(other))") }
            }
        }
        #expect(find([]) == .unknown)
        #expect(find([UInt8](repeating: 0x61, count: 10_000)) == .unknown)
    }

    @Test func `two characters outside ASCII fold to ASCII letters, as Unicode has it`() {
        for scalar in (0x80...0x10ffff).compactMap({ Unicode.Scalar(UInt32($0)) }) {
            let text = Array(String(scalar).utf8)
            // What a reader that ignores case may compare: the text in lower case, or in upper and then lower case.
            // Only a scalar that folds to one letter by itself can stand for it; U+0131 does in Turkish only.
            let upper = scalar.properties.uppercaseMapping.lowercased()
            let lower = scalar.properties.lowercaseMapping
            let letter = [lower, upper].first { $0.utf8.count == 1 && scalar.value != 0x131 }
            let folded = CaseFolding.folded(text)
            if folded != letter.map({ Array($0.utf8) }) ?? text { Issue.record("U+\(String(scalar.value, radix: 16))") }
        }
        #expect(CaseFolding.folded(Array("\u{17F}\u{212A}".utf8)) == Array("sk".utf8))
    }

    @Test func `ASCII is folded letter by letter`() {
        for byte in UInt8.min..<0x80 {
            let expected = Array(String(Unicode.Scalar(byte)).lowercased().utf8)
            #expect(CaseFolding.folded([byte]) == expected)
            for other in UInt8.min..<0x80 where other != byte {
                let same = CaseFolding.folded([other]) == expected
                #expect(same == (byte ^ other == 0x20 && (0x61...0x7a).contains(byte | 0x20)))
            }
        }
        // Cut characters are left alone.
        for cut: [UInt8] in [[0xc5], [0xe2], [0xe2, 0x84], [0xc5, 0x41]] {
            #expect(CaseFolding.folded(cut).count == cut.count)
        }
    }
}
