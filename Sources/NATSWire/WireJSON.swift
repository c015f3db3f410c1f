/// JSON as the protocol carries it: in INFO and CONNECT, and in the requests and answers of a server's own services.
///
///     let request: WireJSON = ["name": "KV_a", "num_replicas": 3]
///     let answer = try WireJSON(parsing: payload)
///     let count = answer["state"]?["messages"]?.unsigned
///
/// Reading takes exactly one value (RFC 8259): no member twice, no bytes after it, valid UTF-8, at most 32 values deep.
/// Numbers stay text until somebody asks for them as a type, so that none is rounded.
public enum WireJSON: Equatable, Sendable {
    case null
    case bool(Bool)
    /// A number, as it was written.
    case number(String)
    case string(String)
    case array([WireJSON])
    /// The members, in their order.
    case object([Member])

    /// A member of an object.
    public struct Member: Equatable, Sendable {
        /// Its name.
        public var name: String
        /// Its value.
        public var value: WireJSON

        /// A member.
        public init(_ name: String, _ value: WireJSON) { (self.name, self.value) = (name, value) }
    }

    /// How deep values may stand in one another.
    public static let depthLimit = 32

    /// The member of this name; nil where this is no object or has none. Linear in the members.
    public subscript(_ name: String) -> WireJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The text; nil for what is none.
    public var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The truth value; nil for what is none.
    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// A whole number without a sign; nil for what is none, or has no place in 64 bits.
    public var unsigned: UInt64? {
        guard case .number(let text) = self else { return nil }
        return UInt64(text)
    }

    /// A whole number; nil for what is none, or has no place in an `Int`.
    public var integer: Int? {
        guard case .number(let text) = self else { return nil }
        return Int(text)
    }

    /// The values of an array; nil for what is none.
    public var array: [WireJSON]? {
        guard case .array(let values) = self else { return nil }
        return values
    }
}

extension WireJSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    /// An object of these members, in this order.
    public init(dictionaryLiteral elements: (String, WireJSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }

    /// An array.
    public init(arrayLiteral elements: WireJSON...) { self = .array(elements) }

    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }

    /// A number.
    public init(integerLiteral value: Int) { self = .number(String(value)) }

    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }

    /// A number.
    public init(_ value: some BinaryInteger) { self = .number(String(value)) }
}

extension WireJSON {
    /// The text of the value, in UTF-8, on one line.
    public var utf8: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    private func append(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += value ? "true".utf8 : "false".utf8
        case .number(let text): bytes += text.utf8
        case .string(let text): Self.append(text, to: &bytes)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.append(member.name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20, 0x7F: bytes += "\\u00".utf8 + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
