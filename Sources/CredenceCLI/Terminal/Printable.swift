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

    /// A finding in one line: code, place, text.
    static func finding(_ finding: Finding) -> String {
        let place = finding.place.path.isEmpty ? "" : " at \(finding.place.path)"
        return "\(finding.rule.code)\(place): \(finding.message)"
    }
}
