import Foundation

/// A Swift source as the checks see it: words and braces, without comments and the contents of string literals.
///
/// This is no parser. It knows as much of the language as the checks need: nested comments, literals with and without
/// hashes and over several lines, interpolations (which count as code).
struct SourceFile {
    let path: String
    let text: String
    /// The code, comments and literals blanked out; its lines are those of `text`.
    let code: String

    init(path: String, text: String) {
        self.path = path
        self.text = text
        code = Self.code(of: text)
    }

    /// `Trust` for `Sources/Trust/Token/Base64URL.swift`.
    var module: String { part(1) }
    /// `Token` for `Sources/Trust/Token/Base64URL.swift`; empty for a file that stands in the module's own folder.
    var folder: String { path.split(separator: "/").count > 3 ? part(2) : "" }
    var lineCount: Int { text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().count }

    private func part(_ index: Int) -> String {
        let parts = path.split(separator: "/")
        return index < parts.count ? String(parts[index]) : ""
    }

    /// The modules named by `import` lines.
    var imports: Set<String> {
        var found: Set<String> = []
        for match in code.matches(
            of: /(?m)^[ \t]*(?:@\w+(?:\(\w+\))?[ \t]+|\w+[ \t]+)*import[ \t]+([\w.]+(?:[ \t]+[\w.]+)?)/)
        {
            // `import struct Module.Name` names a module all the same.
            let name = match.output.1.split(separator: " ").last ?? match.output.1
            found.insert(String(name.prefix { $0 != "." }))
        }
        return found
    }

    /// Names of the types declared here at any depth, private ones included.
    var declaredNames: Set<String> { Set(declarations.map(\.name)) }

    /// Names of the types that other files can name without naming another type first.
    var offeredNames: Set<String> { Set(declarations.filter { $0.depth == 0 && !$0.isPrivate }.map(\.name)) }

    /// Words that stand by themselves: what follows a dot belongs to what stands before it.
    var namedWords: Set<String> {
        Set(code.matches(of: /(?:^|[^.\w`])([A-Z]\w*)/).map { String($0.output.1) })
    }

    private var declarations: [(name: String, depth: Int, isPrivate: Bool)] {
        var found: [(String, Int, Bool)] = []
        var depth = 0
        let pattern = /((?:\w+(?:\(\w+\))?[ \t]+)*)\b(?:struct|class|enum|actor|protocol|typealias)[ \t]+`?([A-Z]\w*)/
            .wordBoundaryKind(.simple)
        for line in code.split(separator: "\n") {
            var counted = line.startIndex
            func count(upTo end: String.Index) {
                for byte in line[counted..<end].utf8 {
                    if byte == UInt8(ascii: "{") { depth += 1 } else if byte == UInt8(ascii: "}") { depth -= 1 }
                }
                counted = end
            }
            for match in line.matches(of: pattern) {
                count(upTo: match.range.lowerBound)
                found.append((String(match.output.2), depth, match.output.1.contains("private")))
            }
            count(upTo: line.endIndex)
        }
        return found
    }

    // MARK: Blanking

    private static func code(of text: String) -> String {
        var blanker = Blanker(text: Array(text.utf8))
        blanker.copy(untilParenthesis: false)
        return String(decoding: blanker.code, as: UTF8.self)
    }
}

/// Copies code and leaves comments and the contents of literals behind.
private struct Blanker {
    let text: [UInt8]
    var code: [UInt8] = []
    private var index = 0

    init(text: [UInt8]) { self.text = text }

    /// Copies up to the end, or up to the parenthesis that ends an interpolation.
    mutating func copy(untilParenthesis: Bool) {
        var depth = 0
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "/"), starts(with: "//") {
                while index < text.count, text[index] != UInt8(ascii: "\n") { index += 1 }
            } else if byte == UInt8(ascii: "/"), starts(with: "/*") {
                skipComment()
            } else if byte == UInt8(ascii: "\"") || (byte == UInt8(ascii: "#") && hashesOfLiteral != nil) {
                skipLiteral()
            } else {
                if untilParenthesis, byte == UInt8(ascii: "(") { depth += 1 }
                if untilParenthesis, byte == UInt8(ascii: ")") {
                    if depth == 0 { return }
                    depth -= 1
                }
                code.append(byte)
                index += 1
            }
        }
    }

    private mutating func skipComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                index += 2
            } else if starts(with: "*/") {
                depth -= 1
                index += 2
            } else {
                skip()
            }
        } while depth > 0 && index < text.count
    }

    /// The number of hashes before a quote that begins here; nil when no literal does.
    private var hashesOfLiteral: Int? {
        var end = index
        while end < text.count, text[end] == UInt8(ascii: "#") { end += 1 }
        return end < text.count && text[end] == UInt8(ascii: "\"") ? end - index : nil
    }

    private mutating func skipLiteral() {
        let hashes = String(repeating: "#", count: hashesOfLiteral ?? 0)
        index += hashes.utf8.count
        let quotes = starts(with: "\"\"\"") ? "\"\"\"" : "\""
        index += quotes.utf8.count
        code += Array("\"\"".utf8)
        while index < text.count {
            if starts(with: quotes + hashes) {
                index += quotes.utf8.count + hashes.utf8.count
                return
            }
            if starts(with: "\\" + hashes + "(") {
                index += hashes.utf8.count + 2
                code.append(UInt8(ascii: " "))
                copy(untilParenthesis: true)
                code.append(UInt8(ascii: " "))
                index += 1
            } else if starts(with: "\\" + hashes) {
                index += hashes.utf8.count + 2
            } else {
                skip()
            }
        }
    }

    /// Leaves one byte behind; lines stay lines.
    private mutating func skip() {
        if text[index] == UInt8(ascii: "\n") { code.append(text[index]) }
        index += 1
    }

    private func starts(with prefix: String) -> Bool {
        index + prefix.utf8.count <= text.count && text[index...].starts(with: prefix.utf8)
    }
}
