/// Any JSON text (RFC 8259), read whole: for files and messages that are no tokens. Numbers are integers.
///
/// Strict: no name twice, nothing after the value, depth at most 32.
public indirect enum JSONValue: Equatable, Sendable {
    case object([String: JSONValue])
    case list([JSONValue])
    case string(String)
    case integer(Int64)
    case boolean(Bool)
    case null

    /// What is wrong with a text, and where.
    public struct Fault: Error, Equatable, CustomStringConvertible {
        /// What is wrong, and at which byte.
        public let description: String
    }

    /// Reads a text.
    public init(parsing text: [UInt8]) throws(Fault) {
        var reader = Reader(text: text)
        self = try reader.value(depth: 0)
        try reader.end()
    }

    /// A member of an object; nil for none.
    public subscript(name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    /// The text of a string; nil for anything else.
    public var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The value of an integer; nil for anything else.
    public var number: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }

    /// The elements of a list; nil for anything else.
    public var elements: [JSONValue]? {
        if case .list(let elements) = self { elements } else { nil }
    }

    /// The members of an object; nil for anything else.
    public var members: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// Goes through a text once, forward.
    private struct Reader {
        let text: [UInt8]
        private var index = 0

        init(text: [UInt8]) { self.text = text }

        mutating func value(depth: Int) throws(Fault) -> JSONValue {
            guard depth < 32 else { throw fault("nested too deep") }
            skipSpace()
            guard index < text.count else { throw fault("the text ends too early") }
            switch text[index] {
            case UInt8(ascii: "{"): return .object(try object(depth))
            case UInt8(ascii: "["): return .list(try list(depth))
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "t"): return try word("true", .boolean(true))
            case UInt8(ascii: "f"): return try word("false", .boolean(false))
            case UInt8(ascii: "n"): return try word("null", .null)
            default: return .integer(try integer())
            }
        }

        mutating func end() throws(Fault) {
            skipSpace()
            if index < text.count { throw fault("something follows the value") }
        }

        private mutating func object(_ depth: Int) throws(Fault) -> [String: JSONValue] {
            var members: [String: JSONValue] = [:]
            index += 1
            while try next(isFirst: members.isEmpty, UInt8(ascii: "}")) {
                skipSpace()
                guard index < text.count, text[index] == UInt8(ascii: "\"") else { throw fault("a name is needed") }
                let name = try string()
                skipSpace()
                guard index < text.count, text[index] == UInt8(ascii: ":") else { throw fault("`:` is needed") }
                index += 1
                let value = try value(depth: depth + 1)
                guard members.updateValue(value, forKey: name) == nil else { throw fault("a name stands twice") }
            }
            return members
        }

        private mutating func list(_ depth: Int) throws(Fault) -> [JSONValue] {
            var elements: [JSONValue] = []
            index += 1
            while try next(isFirst: elements.isEmpty, UInt8(ascii: "]")) {
                elements.append(try value(depth: depth + 1))
            }
            return elements
        }

        /// Whether another element follows; reads what stands before it, or the bracket behind the last.
        private mutating func next(isFirst: Bool, _ closing: UInt8) throws(Fault) -> Bool {
            skipSpace()
            guard index < text.count else { throw fault("the text ends too early") }
            if text[index] == closing {
                index += 1
                return false
            }
            if isFirst { return true }
            guard text[index] == UInt8(ascii: ",") else { throw fault("`,` is needed") }
            index += 1
            return true
        }

        private mutating func string() throws(Fault) -> String {
            index += 1
            var bytes: [UInt8] = []
            while index < text.count {
                let byte = text[index]
                index += 1
                switch byte {
                case UInt8(ascii: "\""):
                    guard let string = String(validating: bytes, as: UTF8.self) else { throw fault("no valid utf-8") }
                    return string
                case UInt8(ascii: "\\"): try escape(&bytes)
                case 0..<0x20: throw fault("a control character stands in a string")
                default: bytes.append(byte)
                }
            }
            throw fault("the text ends inside a string")
        }

        private mutating func escape(_ bytes: inout [UInt8]) throws(Fault) {
            guard index < text.count else { throw fault("the text ends inside a string") }
            let byte = text[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "u"):
                var value = try unit()
                if value & 0xFC00 == 0xD800, text[index...].starts(with: "\\u".utf8) {
                    index += 2
                    let low = try unit()
                    guard low & 0xFC00 == 0xDC00 else { throw fault("half of a surrogate pair") }
                    value = 0x10000 + (value & 0x3FF) << 10 + low & 0x3FF
                }
                guard let scalar = Unicode.Scalar(value) else { throw fault("half of a surrogate pair") }
                bytes += String(Character(scalar)).utf8
            default: throw fault("an escape that JSON does not have")
            }
        }

        private mutating func unit() throws(Fault) -> UInt32 {
            guard text.count - index >= 4 else { throw fault("the text ends inside a string") }
            var value: UInt32 = 0
            for byte in text[index..<index + 4] {
                guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw fault("no `\\u` escape") }
                value = value << 4 | UInt32(digit)
            }
            index += 4
            return value
        }

        private mutating func integer() throws(Fault) -> Int64 {
            let start = index
            if text[index] == UInt8(ascii: "-") { index += 1 }
            while index < text.count, (0x30...0x39).contains(text[index]) { index += 1 }
            let digits = text[start..<index]
            guard digits.count < 20, let value = Int64(String(decoding: digits, as: UTF8.self)),
                String(value).utf8.elementsEqual(digits)
            else { throw fault("an integer is needed") }
            return value
        }

        private mutating func word(_ word: String, _ value: JSONValue) throws(Fault) -> JSONValue {
            guard text[index...].starts(with: word.utf8) else { throw fault("no value") }
            index += word.utf8.count
            return value
        }

        private mutating func skipSpace() {
            while index < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[index]) { index += 1 }
        }

        private func fault(_ what: String) -> Fault { Fault(description: "\(what), at byte \(index)") }
    }
}
