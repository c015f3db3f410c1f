/// Text from claims, made fit to be shown: names, subjects and audiences are chosen by whoever signs.
enum ShownText {
    /// As much as is shown of a text, in bytes: a subject of any sense, and no more of a hostile one.
    static let limit = 512

    /// The text on one line, without control characters, cut to the limit, with `***` for what has the form of a token or
    /// a seed.
    static func line(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        if text.utf8.count < 50, isPlain { return text }
        let shown = withoutSecrets(text.utf8.count > limit ? cut(text) : text)
        if isPlain { return shown }
        return String(String.UnicodeScalarView(shown.unicodeScalars.map { isSteering($0) ? "?" : $0 }))
    }

    /// The beginning of a long text, without the piece that the end would cut: half a secret has another form.
    private static func cut(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var size = 0
        for scalar in text.unicodeScalars {
            size += UTF8.width(scalar)
            if size > limit { break }
            scalars.append(scalar)
        }
        while let last = scalars.last, last.isASCII, isOfWords(UInt8(truncatingIfNeeded: last.value)) {
            scalars.removeLast()
        }
        return String(scalars) + "..."
    }

    private static func isSteering(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }

    private static func isOfWords(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func withoutSecrets(_ text: String) -> String {
        var shown: [UInt8] = []
        var word: [UInt8] = []
        /// Segments of a token that are yet to come.
        var segments = 0
        func end(at byte: UInt8?) {
            if word.starts(with: "eyJ".utf8), word.count >= 16 { segments = 3 }
            let isSecret = segments > 0 || isSeed(word)
            shown += isSecret && !word.isEmpty ? Array(JSONMask.text.utf8) : word
            segments = byte == UInt8(ascii: ".") ? max(0, segments - 1) : 0
            word.removeAll(keepingCapacity: true)
        }
        for byte in text.utf8 {
            if isOfWords(byte) {
                word.append(byte)
            } else {
                end(at: byte)
                shown.append(byte)
            }
        }
        end(at: nil)
        return String(decoding: shown, as: UTF8.self)
    }

    /// A seed is 58 characters long; a `jti`, of the same alphabet, 52.
    private static func isSeed(_ word: [UInt8]) -> Bool {
        word.count >= 54 && word.first == UInt8(ascii: "S")
            && word.prefix(54).allSatisfy { (0x41...0x5A).contains($0) || (0x32...0x37).contains($0) }
    }
}
