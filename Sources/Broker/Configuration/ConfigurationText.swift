/// The text of one file of a configuration, read forward only: blanks, comments, quoted and bare words.
struct ConfigurationText {
    /// What ends a bare word.
    private static let ends: Set<UInt8> = Set(" \t\r\n,;]}'".utf8)

    let file: String
    private let bytes: [UInt8]
    private var position = 0
    private(set) var line = 1

    /// The text of a file; refuses what is no UTF-8.
    init(_ bytes: [UInt8], file: String) throws(ConfigurationFault) {
        (self.file, self.bytes) = (file, bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes)
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw ConfigurationFault("the file is no UTF-8 text", at: ConfigurationPlace(file: file, line: 1))
        }
    }

    var place: ConfigurationPlace { ConfigurationPlace(file: file, line: line) }
    var next: UInt8? { position < bytes.count ? bytes[position] : nil }
    var isAtEnd: Bool { position >= bytes.count }

    func fault(_ what: String, key: String = "", hint: String? = nil) -> ConfigurationFault {
        ConfigurationFault(what, at: place, key: key, hint: hint)
    }

    mutating func advance() {
        guard position < bytes.count else { return }
        if bytes[position] == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    /// Takes a byte if it stands next.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        advance()
        return true
    }

    /// Passes over blanks in the line.
    mutating func skipBlanks() {
        while let byte = next, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { advance() }
    }

    /// Passes over blanks and line ends; whether there was a line end.
    @discardableResult
    mutating func skipLines() -> Bool {
        let first = line
        while let byte = next, " \t\r\n".utf8.contains(byte) { advance() }
        return line > first
    }

    /// Passes over a comment, up to the end of its line.
    mutating func skipComment() -> Bool {
        let isComment =
            next == UInt8(ascii: "#")
            || next == UInt8(ascii: "/") && position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: "/")
        guard isComment else { return false }
        while let byte = next, byte != UInt8(ascii: "\n") { advance() }
        return true
    }

    // MARK: Words

    /// A key: quoted, or up to a blank, `:` or `=`.
    mutating func key() throws(ConfigurationFault) -> (text: String, isQuoted: Bool) {
        if next == UInt8(ascii: "\"") { return (try doubleQuoted(), true) }
        if next == UInt8(ascii: "'") { return (try singleQuoted(), true) }
        let start = position
        while let byte = next, !" \t\r\n:=".utf8.contains(byte) {
            guard byte > 0x20, byte != 0x7F, !"{}[](),;\"'\\#".utf8.contains(byte) else {
                throw unexpected(byte, "in a key")
            }
            advance()
        }
        return (String(decoding: bytes[start..<position], as: UTF8.self), false)
    }

    /// A word without quotes, and whether a part of it was escaped.
    mutating func bareWord() throws(ConfigurationFault) -> (text: String, isEscaped: Bool) {
        var word: [UInt8] = []
        var isEscaped = false
        while let byte = next, !Self.ends.contains(byte) {
            guard byte > 0x20, byte != 0x7F else { throw unexpected(byte, "in a value") }
            advance()
            if byte == UInt8(ascii: "\\") {
                word.append(try escaped())
                isEscaped = true
            } else {
                word.append(byte)
            }
        }
        if next == UInt8(ascii: "'") {
            throw fault("a `'` stands in a value without quotes", hint: "put the whole value in double quotes")
        }
        return (try text(word), isEscaped)
    }

    /// `"…"`, in which `\x41`, `\t`, `\n`, `\r`, `\"` and `\\` are one character each.
    mutating func doubleQuoted() throws(ConfigurationFault) -> String {
        let start = place
        advance()
        var word: [UInt8] = []
        while let byte = next {
            advance()
            switch byte {
            case UInt8(ascii: "\""): return try text(word)
            case UInt8(ascii: "\\"): word.append(try escaped())
            default:
                try refuseControl(byte)
                word.append(byte)
            }
        }
        throw ConfigurationFault("a `\"` is never closed", at: start)
    }

    /// `'…'`, in which every character stands for itself.
    mutating func singleQuoted() throws(ConfigurationFault) -> String {
        let start = place
        advance()
        let first = position
        while let byte = next {
            try refuseControl(byte)
            advance()
            if byte == UInt8(ascii: "'") { return String(decoding: bytes[first..<(position - 1)], as: UTF8.self) }
        }
        throw ConfigurationFault("a `'` is never closed", at: start)
    }

    /// `(`, and everything up to a line with nothing but `)`.
    mutating func multiline() throws(ConfigurationFault) -> String {
        let start = place
        advance()
        let first = position
        while let byte = next {
            try refuseControl(byte)
            let isAlone =
                byte == UInt8(ascii: ")") && position > first && bytes[position - 1] == UInt8(ascii: "\n")
                && (position + 1 == bytes.count || "\r\n".utf8.contains(bytes[position + 1]))
            if isAlone {
                let text = String(decoding: bytes[first..<position], as: UTF8.self)
                advance()
                return text
            }
            advance()
        }
        throw ConfigurationFault("a `(` is never closed", at: start, hint: "close it with a line of `)` alone")
    }

    private mutating func escaped() throws(ConfigurationFault) -> UInt8 {
        let byte = next
        advance()
        switch byte {
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return byte ?? 0
        case UInt8(ascii: "x"):
            var number: UInt8 = 0
            for _ in 0..<2 {
                guard let digit = next.flatMap(Self.hexadecimal) else {
                    throw fault("`\\x` wants two hexadecimal digits behind it")
                }
                number = number &<< 4 | digit
                advance()
            }
            return number
        default: throw fault("behind a `\\` stands one of `x`, `t`, `n`, `r`, `\"` and `\\`")
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    private func text(_ word: [UInt8]) throws(ConfigurationFault) -> String {
        guard let text = String(validating: word, as: UTF8.self), !word.contains(0) else {
            throw fault("the characters of `\\x` make no text")
        }
        return text
    }

    private func refuseControl(_ byte: UInt8) throws(ConfigurationFault) {
        if byte < 0x20 && !"\t\r\n".utf8.contains(byte) || byte == 0x7F { throw unexpected(byte, "in a text") }
    }

    func unexpected(_ byte: UInt8?, _ where: String) -> ConfigurationFault {
        guard let byte else { return fault("the file ends \(`where`)") }
        if byte == 0x0A || byte == 0x0D { return fault("the line ends \(`where`)") }
        let shown = byte > 0x20 && byte < 0x7F ? "a `\(Character(Unicode.Scalar(byte)))`" : "the byte \(byte)"
        return fault("\(shown) is not expected \(`where`)")
    }

    /// A text of a configuration for a line of an error: in backticks, and cut where it is so long that it may be a token or
    /// a seed. The names of a path are taken one by one.
    static func quoted(_ text: String) -> String {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 1 && text.utf8.count < 1_000 || text.utf8.count < 50 else {
            return "a text of \(text.utf8.count) characters"
        }
        let short = parts.map { $0.utf8.count < 50 ? $0 : "…" }.joined(separator: "/")
        let scalars = short.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) }
        return "`\(String(scalars))`"
    }
}
