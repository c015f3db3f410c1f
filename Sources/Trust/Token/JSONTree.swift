/// One JSON value of a small document such as a settings file, read by the strict rules of `JSONReader`: no member twice,
/// nothing after the value.
package indirect enum JSONTree: Hashable, Sendable {
    /// An object's members, in their order.
    case object([Member])
    /// A list's elements.
    case list([JSONTree])
    /// A string.
    case string(String)
    /// A whole number, written plainly, inside Int64.
    case integer(Int64)
    /// Any other number, as it is written: with a fraction or an exponent, outside Int64, or `-0`.
    case number(String)
    /// True or false.
    case boolean(Bool)
    /// Null.
    case null

    /// A member of an object.
    package struct Member: Hashable, Sendable {
        /// Its name.
        package let name: String
        /// Its value.
        package let value: JSONTree
    }

    /// Why a text is not read: where, and nothing of what stands there.
    package struct Fault: Error, Hashable, Sendable {
        /// The byte at which it shows, from 0.
        package let offset: Int
    }

    /// Reads a text that is one object. Linear in the text.
    package init(_ text: [UInt8]) throws(Fault) {
        self = try text.withUnsafeBufferPointer { buffer throws(Fault) in
            do throws(JSONReader.Fault) {
                var reader = try JSONReader(PaddedBytes(UnsafeRawBufferPointer(buffer), count: buffer.count))
                reader.skipSpaces()
                guard reader.byte == UInt8(ascii: "{") else { throw reader.fault(.notAnObject) }
                let value = try Self.value(&reader)
                try reader.endText()
                if let problem = reader.problems.first { throw JSONReader.Fault(kind: .syntax, offset: problem.offset) }
                return value
            } catch {
                throw Fault(offset: error.offset)
            }
        }
    }

    private static func value(_ reader: inout JSONReader) throws(JSONReader.Fault) -> JSONTree {
        switch reader.byte {
        case UInt8(ascii: "{"):
            var members: [Member] = []
            var scope = try reader.enter(known: [])
            while let name = try reader.nextFreeName(&scope) {
                members.append(Member(name: String(decoding: name, as: UTF8.self), value: try value(&reader)))
            }
            return .object(members)
        case UInt8(ascii: "["):
            guard try reader.beginList() else { return .null }
            var elements: [JSONTree] = []
            var isFirst = true
            while try reader.nextElement(&isFirst) { elements.append(try value(&reader)) }
            return .list(elements)
        case UInt8(ascii: "\""): return .string(try reader.string() ?? "")
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean(try reader.boolean() ?? false)
        case UInt8(ascii: "n"):
            try reader.literal("null")
            return .null
        default:
            let text = try reader.rawValue()
            guard !text.utf8.contains(where: { [0x2E, 0x45, 0x65].contains($0) }), text != "-0",
                let number = Int64(text)
            else { return .number(text) }
            return .integer(number)
        }
    }
}
