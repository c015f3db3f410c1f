import Trust

/// Text from tokens and names, fit for a terminal.
enum Printable {
    /// One line without control characters: what came from outside must not steer the terminal.
    static func line(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: "?"
                    default: scalar
                    }
                }))
    }

    /// The text with `***` for every word that has the form of a seed or of a token, whole or in part.
    static func withoutSecrets(_ text: String) -> String {
        guard text.utf8.count >= 50 else { return text }
        var shown: [UInt8] = []
        var word: [UInt8] = []
        func end() {
            shown += isSecret(word) ? Array("***".utf8) : word
            word.removeAll(keepingCapacity: true)
        }
        for byte in text.utf8 {
            switch byte {
            case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                word.append(byte)
            default:
                end()
                shown.append(byte)
            }
        }
        end()
        return String(decoding: shown, as: UTF8.self)
    }

    private static func isSecret(_ word: [UInt8]) -> Bool {
        guard word.count >= 50 else { return false }
        if word.starts(with: "eyJ".utf8) { return true }
        // The name of a file may be made of one.
        return word.first == UInt8(ascii: "S")
            && word.prefix(50).allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) }
    }

    /// A finding in one line: code, place, text.
    static func finding(_ finding: Finding) -> String {
        let place = finding.place.path.isEmpty ? "" : " at \(finding.place.path)"
        return "\(finding.rule.code)\(place): \(finding.message)"
    }
}
