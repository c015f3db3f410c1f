/// The header block of a message.
///
///     NATS/1.0 503 No Responders␍␊
///     Nats-Subject: a.b␍␊
///     ␍␊
///
/// A first line with the version and, from a server, a status and its words; fields, each `Name: value`; an empty line.
/// Names keep their case, and the same name may come more than once. Reading is strict, because a server passes on
/// whatever bytes a publisher calls a header: each line ends in CR LF, nothing follows the empty line, a name is
/// printable ASCII without a colon or a blank, a value holds no control character but a tab.
public struct MessageHeaders: Hashable, Sendable {
    /// What a server says of a message that it made itself.
    public struct Status: Hashable, Sendable {
        /// Nobody subscribes to the subject of the request.
        public static let noResponders = 503

        /// Three digits.
        public var code: Int
        /// What it means, in words; empty for none.
        public var words: String

        /// A status.
        public init(_ code: Int, _ words: String = "") { (self.code, self.words) = (code, words) }
    }

    /// One line of the block.
    public struct Field: Hashable, Sendable {
        /// Its name.
        public var name: String
        /// Its value, without the blanks around it.
        public var value: String

        /// A field.
        public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }

    /// The status; nil for a message that a client published.
    public var status: Status?
    /// The fields, in their order.
    public var fields: [Field]

    /// Headers of these fields.
    public init(_ fields: [Field] = [], status: Status? = nil) { (self.fields, self.status) = (fields, status) }

    /// The first value of a field of exactly this name; nil for none. Linear in the fields.
    public subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// Adds a field behind the others.
    public mutating func add(_ name: String, _ value: String) { fields.append(Field(name, value)) }

    private static let version = "NATS/1.0"
}

extension MessageHeaders {
    /// Reads a block; linear in its bytes.
    ///
    /// - Throws: `WireFault.headers` with the line that is wrong, from 1.
    public init(parsing block: [UInt8]) throws(WireFault) {
        var (rest, line) = (block[...], 1)
        status = try Self.status(in: try Self.nextLine(of: &rest, number: line))
        fields = []
        while true {
            line += 1
            let text = try Self.nextLine(of: &rest, number: line)
            if text.isEmpty { break }
            fields.append(try Self.field(in: text, number: line))
        }
        guard rest.isEmpty else { throw .headers(line: line + 1) }
    }

    /// Without its line end.
    private static func nextLine(of rest: inout ArraySlice<UInt8>, number: Int) throws(WireFault) -> ArraySlice<UInt8> {
        guard let end = rest.firstIndex(of: 0x0D), end + 1 < rest.endIndex, rest[end + 1] == 0x0A else {
            throw .headers(line: number)
        }
        let line = rest[..<end]
        rest = rest[(end + 2)...]
        return line
    }

    private static func status(in line: ArraySlice<UInt8>) throws(WireFault) -> Status? {
        guard line.starts(with: version.utf8) else { throw .headers(line: 1) }
        let text = line.dropFirst(version.utf8.count)
        if text.isEmpty { return nil }
        let digits = text.dropFirst().prefix(3)
        guard text.first == 0x20, digits.count == 3, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .headers(line: 1)
        }
        let words = text.dropFirst(4)
        guard words.isEmpty || words.first == 0x20, let string = value(words) else { throw .headers(line: 1) }
        return Status(digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }, string)
    }

    private static func field(in line: ArraySlice<UInt8>, number: Int) throws(WireFault) -> Field {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), isName(line[..<colon]),
            let value = value(line[(colon + 1)...])
        else { throw .headers(line: number) }
        return Field(String(decoding: line[..<colon], as: UTF8.self), value)
    }

    private static func isName(_ name: some Collection<UInt8>) -> Bool {
        !name.isEmpty && name.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
    }

    /// The text of a value without the blanks around it; nil where there is a control character, or no UTF-8.
    private static func value(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }) else { return nil }
        let start = bytes.firstIndex { $0 != 0x20 && $0 != 0x09 } ?? bytes.endIndex
        let end = bytes.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? start
        return String(validating: bytes[start..<end], as: UTF8.self)
    }

    /// The bytes of the block; none where there is neither a status nor a field.
    ///
    /// - Throws: `WireFault.field` for a name or a value that would be read as something else.
    public func bytes() throws(WireFault) -> [UInt8] {
        guard status != nil || !fields.isEmpty else { return [] }
        var bytes = Array(Self.version.utf8)
        if let status {
            guard (100...999).contains(status.code), Self.value(Array(status.words.utf8)[...]) == status.words else {
                throw .field("status")
            }
            bytes += " \(status.code)".utf8
            if !status.words.isEmpty { bytes += " \(status.words)".utf8 }
        }
        bytes += "\r\n".utf8
        for field in fields {
            guard Self.isName(field.name.utf8) else { throw .field("header name") }
            guard Self.value(Array(field.value.utf8)[...]) == field.value else { throw .field("header value") }
            bytes += "\(field.name): \(field.value)\r\n".utf8
        }
        return bytes + "\r\n".utf8
    }
}
