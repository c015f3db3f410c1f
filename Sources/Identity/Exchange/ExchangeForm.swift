/// The parameters of a request to a token endpoint, as `application/x-www-form-urlencoded` text (RFC 6749, section 3.2
/// and appendix B; the WHATWG URL standard, section 5).
///
/// No parameter stands twice, and one without a value is as good as none: both of RFC 6749. Everything is bounded, and
/// every text has one meaning: an escape that is cut off, or bytes that are no UTF-8, refuse the whole.
///
/// ```swift
/// var form = ExchangeForm()
/// form["grant_type"] = "urn:ietf:params:oauth:grant-type:token-exchange"
/// form["audience"] = "orders"
/// post(form.text)  // audience=orders&grant_type=urn%3Aietf%3A…
/// ```
public struct ExchangeForm: Hashable, Sendable {
    /// Why a text is no form. Holds no value of a parameter.
    public enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        case tooLong
        case tooManyParameters
        case nameTooLong
        case valueTooLong(name: String)
        case namelessParameter
        /// At this byte, from 0, is a `%` without two hexadecimal digits behind it.
        case escape(offset: Int)
        /// At this byte, from 0, is one that stands in no such form: a blank, a control character, one beyond ASCII.
        case character(offset: Int)
        case notUTF8
        case repeated(name: String)

        /// In one line.
        public var description: String {
            switch self {
            case .tooLong: "the form is longer than \(ExchangeForm.maximumBytes) bytes"
            case .tooManyParameters: "the form has more than \(ExchangeForm.maximumParameters) parameters"
            case .nameTooLong: "a parameter's name is longer than \(ExchangeForm.maximumName) bytes"
            case .valueTooLong(let name):
                "the value of `\(name)` is longer than \(ExchangeForm.maximumValue) bytes"
            case .namelessParameter: "a parameter has no name"
            case .escape(let offset): "byte \(offset) is a `%` without two hexadecimal digits"
            case .character(let offset): "byte \(offset) stands in no form: it has to be escaped"
            case .notUTF8: "a parameter is not UTF-8"
            case .repeated(let name): "`\(name)` stands there twice"
            }
        }
    }

    /// The longest text, in bytes: a token of the greatest size that is taken, and as much for all else.
    public static let maximumBytes = 128 * 1024
    /// The most parameters; an exchange knows a dozen.
    public static let maximumParameters = 32
    /// The longest name, in bytes.
    public static let maximumName = 64
    /// The longest value, in bytes.
    public static let maximumValue = 64 * 1024

    private var values: [String: String] = [:]

    /// No parameters.
    public init() {}

    /// Reads a form. Linear in the bytes.
    public init(_ bytes: some Collection<UInt8>) throws(Fault) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLong }
        let bytes = Array(bytes)
        var start = 0
        var count = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "&")) ?? bytes.count
            if end > start {
                count += 1
                guard count <= Self.maximumParameters else { throw .tooManyParameters }
                try read(bytes[start..<end])
            }
            start = end + 1
        }
        values = values.filter { !$0.value.isEmpty }
    }

    /// The value of a parameter; nil when it is absent or has none. What is set empty is taken away.
    public subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue == "" ? nil : newValue }
    }

    /// The names of the parameters that have a value, in the order of their bytes.
    public var names: [String] { values.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

    /// The form as it is sent, in the order of the names. Holds what was put in: tokens, which belong in no log.
    public var text: String {
        var text: [UInt8] = []
        for name in names {
            if !text.isEmpty { text.append(UInt8(ascii: "&")) }
            Self.escape(name, into: &text)
            text.append(UInt8(ascii: "="))
            Self.escape(values[name] ?? "", into: &text)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func read(_ parameter: ArraySlice<UInt8>) throws(Fault) {
        let equals = parameter.firstIndex(of: UInt8(ascii: "=")) ?? parameter.endIndex
        let name = try Self.unescape(parameter[..<equals])
        guard !name.isEmpty else { throw .namelessParameter }
        guard name.utf8.count <= Self.maximumName else { throw .nameTooLong }
        let value = try Self.unescape(parameter[equals...].dropFirst())
        guard value.utf8.count <= Self.maximumValue else { throw .valueTooLong(name: Self.shown(name)) }
        // Also where it has no value: what stands there twice was meant as something else by somebody.
        guard values.updateValue(value, forKey: name) == nil else { throw .repeated(name: Self.shown(name)) }
    }

    /// A name as it can stand in an answer: of a sender's choice, so nothing that steers a terminal.
    private static func shown(_ name: String) -> String {
        name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "`") } ? name : "?"
    }

    private static func unescape(_ text: ArraySlice<UInt8>) throws(Fault) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "%"):
                guard text.endIndex - index > 2, let high = hexadecimal(text[index + 1]),
                    let low = hexadecimal(text[index + 2])
                else { throw .escape(offset: index) }
                bytes.append(high << 4 | low)
                index += 2
            case UInt8(ascii: "+"): bytes.append(0x20)
            case 0x21...0x7e: bytes.append(byte)
            default: throw .character(offset: index)
            }
            index += 1
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        return text
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    private static func escape(_ text: String, into bytes: inout [UInt8]) {
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "*"):
                bytes.append(byte)
            case 0x20: bytes.append(UInt8(ascii: "+"))
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0x0f)]]
            }
        }
    }
}
