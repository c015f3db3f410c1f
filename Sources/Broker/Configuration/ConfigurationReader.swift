/// Reads the configuration language of `nats-server` files.
///
///     # comments begin with # or //
///     port: 4222                       // `key: value`, `key = value` and `key value` say the same
///     max_payload = 64KB
///     resolver { type: full, dir: './jwt' }
///     include 'operator.conf'
///     LIMIT = 100
///     max_connections $LIMIT           // a key that stands before, or a variable of the environment
///
/// It is stricter than the server: a key that is there twice, a block that is not closed and a file that is no UTF-8 are
/// faults. A file that is included sees no variables of the file that includes it, as with the server. What it is told
/// of files and the environment, it is told by parameters; whatever the bytes are, it ends, with a value or a fault.
///
/// - Complexity: linear in the files' size, which is bounded, as is how deep blocks and files lie in one another.
public struct ConfigurationReader {
    /// What a configuration may cost.
    public struct Limits: Hashable, Sendable {
        /// Bytes of all files together. A folder of accounts with 20,000 tokens in a preload has some 30 MiB.
        public var bytes = 64 << 20
        /// Blocks and lists in one another.
        public var depth = 32
        /// Files in one another.
        public var includes = 8
        /// Files altogether.
        public var files = 256
        /// Values that one variable stands for.
        public var variableSize = 100_000

        /// The standard limits.
        public init() {}
    }

    private let environment: [String: String]
    private let files: ConfigurationFiles
    private let limits: Limits
    private var bytesLeft: Int
    private var filesLeft: Int
    /// Blocks, lists and variables around what is read, and files around it.
    private var (depth, includes) = (0, 0)
    /// The blocks around what is read, of the file at hand.
    private var scopes: [Scope] = []

    /// A block as far as it was read.
    private struct Scope {
        var entries: [ConfigurationEntry] = []
        var indices: [String: Int] = [:]
    }

    /// Reads a file and those that it includes.
    ///
    /// - Parameters:
    ///   - path: the file; others are named beside it.
    ///   - environment: what variables may stand for beside the file's own keys.
    ///   - files: reads a file.
    /// - Throws: the first fault.
    public static func read(
        _ path: String, environment: [String: String] = [:], limits: Limits = Limits(), files: ConfigurationFiles
    ) throws(ConfigurationFault) -> [ConfigurationEntry] {
        try withoutActuallyEscaping(files) { (files) throws(ConfigurationFault) in
            var reader = ConfigurationReader(environment, limits, files)
            return try reader.readFile(path, from: nil)
        }
    }

    private init(_ environment: [String: String], _ limits: Limits, _ files: @escaping ConfigurationFiles) {
        (self.environment, self.limits, self.files) = (environment, limits, files)
        (bytesLeft, filesLeft) = (limits.bytes, limits.files)
    }

    // MARK: Files

    private mutating func readFile(
        _ path: String, from place: ConfigurationPlace?
    ) throws(ConfigurationFault) -> [ConfigurationEntry] {
        guard includes <= limits.includes, filesLeft > 0 else {
            throw ConfigurationFault(
                "too many files include one another", at: place, key: "include", hint: "does a file include itself?")
        }
        filesLeft -= 1
        let bytes: [UInt8]
        do throws(ConfigurationFault) {
            bytes = try files(path)
        } catch {
            throw ConfigurationFault(
                "\(ConfigurationText.quoted(path)): \(error.what)", at: place, key: place == nil ? "" : "include",
                hint: error.hint)
        }
        bytesLeft -= bytes.count
        guard bytesLeft >= 0 else {
            throw ConfigurationFault("the files are larger than \(limits.bytes) bytes together", at: place)
        }
        var text = try ConfigurationText(bytes, file: path)
        let around = scopes
        scopes = [Scope()]
        includes += 1
        defer { (scopes, includes) = (around, includes - 1) }
        text.skipLines()
        while text.skipComment() { text.skipLines() }
        let opening = text.place
        let isBraced = text.take("{")
        try readEntries(&text, isTop: !isBraced)
        if isBraced {
            guard text.take("}") else { throw ConfigurationFault("a `{` is never closed", at: opening) }
            repeat { text.skipLines() } while text.skipComment()
            guard text.isAtEnd else { throw text.unexpected(text.next, "behind the last `}`") }
        }
        return scopes[0].entries
    }

    /// A path beside a file.
    static func path(_ name: String, beside file: String) -> String {
        guard !name.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return name }
        return file[...slash] + name
    }

    // MARK: Entries

    /// Reads entries into the innermost scope, up to a `}` or the end of the file.
    private mutating func readEntries(
        _ text: inout ConfigurationText, isTop: Bool
    ) throws(ConfigurationFault) {
        while true {
            repeat { text.skipLines() } while text.skipComment()
            if text.isAtEnd { return }
            if text.next == UInt8(ascii: "}") {
                if isTop { throw text.fault("a `}` closes nothing") }
                return
            }
            try readEntry(&text, isTop: isTop)
            try endEntry(&text)
        }
    }

    private mutating func readEntry(_ text: inout ConfigurationText, isTop: Bool) throws(ConfigurationFault) {
        let place = text.place
        let (key, isQuoted) = try text.key()
        guard !key.isEmpty else { throw text.unexpected(text.next, "where a key begins") }
        if !isQuoted, key.lowercased() == "include", text.next.map({ $0 == 0x20 || $0 == 0x09 }) ?? false {
            text.skipBlanks()
            for entry in try readFile(try includedFile(&text), from: place) { try add(entry) }
            return
        }
        let isSeparate = !text.skipLines()
        let hasSeparator = text.take(":") || text.take("=")
        // At the top a value stands in the line of its separator, as with the server.
        if isTop && hasSeparator { text.skipBlanks() } else { text.skipLines() }
        let stands = isSeparate || hasSeparator || text.next == UInt8(ascii: "{")
        guard stands, let first = text.next, !"\r\n,;]}".utf8.contains(first) else {
            throw ConfigurationFault("the key has no value", at: place, key: key)
        }
        let value: ConfigurationValue
        do throws(ConfigurationFault) {
            value = try readValue(&text)
        } catch {
            // The innermost key is named.
            throw error.key.isEmpty
                ? ConfigurationFault(error.what, at: error.place ?? place, key: key, hint: error.hint) : error
        }
        try add(ConfigurationEntry(key, value, at: place))
    }

    private mutating func add(_ entry: ConfigurationEntry) throws(ConfigurationFault) {
        guard let innermost = scopes.indices.last else { return }
        if let index = scopes[innermost].indices[entry.key] {
            throw ConfigurationFault(
                "the key is there already, at \(scopes[innermost].entries[index].place)", at: entry.place,
                key: entry.key, hint: "remove one of the two")
        }
        scopes[innermost].indices[entry.key] = scopes[innermost].entries.count
        scopes[innermost].entries.append(entry)
    }

    /// What stands between two entries: a line end, `,` or `;`, or the end of what they stand in.
    private func endEntry(_ text: inout ConfigurationText) throws(ConfigurationFault) {
        text.skipBlanks()
        if text.skipComment() || text.take(",") || text.take(";") { return }
        guard let next = text.next, next != UInt8(ascii: "}") else { return }
        guard "\r\n".utf8.contains(next) else { throw text.unexpected(next, "behind a value") }
    }

    private func includedFile(_ text: inout ConfigurationText) throws(ConfigurationFault) -> String {
        let name: String =
            switch text.next {
            case UInt8(ascii: "\""): try text.doubleQuoted()
            case UInt8(ascii: "'"): try text.singleQuoted()
            default: try text.bareWord().text
            }
        guard !name.isEmpty else { throw text.fault("no file is named", key: "include") }
        return Self.path(name, beside: text.file)
    }

    // MARK: Values

    private mutating func readValue(
        _ text: inout ConfigurationText
    ) throws(ConfigurationFault) -> ConfigurationValue {
        let place = text.place
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.depth else {
            throw text.fault("values lie more than \(limits.depth) deep in one another")
        }
        switch text.next {
        case UInt8(ascii: "{"):
            text.advance()
            scopes.append(Scope())
            try readEntries(&text, isTop: false)
            guard text.take("}") else { throw ConfigurationFault("a `{` is never closed", at: place) }
            return ConfigurationValue(.block(scopes.removeLast().entries), at: place)
        case UInt8(ascii: "["):
            text.advance()
            return ConfigurationValue(.list(try readList(&text, from: place)), at: place)
        case UInt8(ascii: "("): return ConfigurationValue(.text(try text.multiline()), at: place)
        case UInt8(ascii: "\""): return ConfigurationValue(.text(try text.doubleQuoted()), at: place)
        case UInt8(ascii: "'"): return ConfigurationValue(.text(try text.singleQuoted()), at: place)
        default: break
        }
        let (word, isEscaped) = try text.bareWord()
        guard !word.isEmpty else { throw text.unexpected(text.next, "where a value begins") }
        if isEscaped { return ConfigurationValue(.text(word), at: place) }
        // A hash of a password begins so; it is no variable.
        if word.first == "$", !word.hasPrefix("$2a$") {
            return try variable(String(word.dropFirst()), at: place)
        }
        do throws(ConfigurationFault) {
            return ConfigurationValue(try ConfigurationWord.content(of: word), at: place)
        } catch {
            throw ConfigurationFault(error.what, at: place)
        }
    }

    private mutating func readList(
        _ text: inout ConfigurationText, from place: ConfigurationPlace
    ) throws(ConfigurationFault) -> [ConfigurationValue] {
        var values: [ConfigurationValue] = []
        var needsSeparator = false
        while true {
            repeat { if text.skipLines() { needsSeparator = false } } while text.skipComment()
            if text.take("]") { return values }
            guard let next = text.next else { throw ConfigurationFault("a `[` is never closed", at: place) }
            if needsSeparator {
                guard text.take(",") else { throw text.unexpected(next, "between the values of a list") }
                needsSeparator = false
            } else {
                values.append(try readValue(&text))
                needsSeparator = true
            }
        }
    }

    // MARK: Variables

    /// What a variable stands for: the nearest key of its name that stands before, or else the environment's.
    private mutating func variable(
        _ name: String, at place: ConfigurationPlace
    ) throws(ConfigurationFault) -> ConfigurationValue {
        for scope in scopes.indices.reversed() {
            guard let index = scopes[scope].indices[name] else { continue }
            scopes[scope].entries[index].isVariable = true
            let value = ConfigurationValue(scopes[scope].entries[index].value.content, at: place)
            // Of lists that hold a list twice each, a few lines make more than anybody can walk.
            guard value.size <= limits.variableSize else {
                throw ConfigurationFault(
                    "the variable \(ConfigurationText.quoted("$" + name)) holds more than \(limits.variableSize) values",
                    at: place)
            }
            return value
        }
        guard let value = environment[name] else {
            throw ConfigurationFault(
                "the variable \(ConfigurationText.quoted("$" + name)) stands for nothing", at: place,
                hint: "set it before, as a key of this file or in the environment")
        }
        let source = "the environment's `\(name.prefix(40))`"
        let around = scopes
        scopes = []
        defer { scopes = around }
        do throws(ConfigurationFault) {
            var text = try ConfigurationText(Array(value.utf8), file: source)
            text.skipBlanks()
            let content = try readValue(&text).content
            text.skipLines()
            guard text.isAtEnd else { throw text.unexpected(text.next, "behind the value") }
            return ConfigurationValue(content, at: place)
        } catch {
            throw ConfigurationFault(
                "\(source) is no value: \(error.what)", at: place, hint: "put quotes around a text with blanks")
        }
    }
}
