/// Writes one JSON text (RFC 8259), member by member, without white space.
///
///     var json = JSONWriter()
///     json.object {
///         $0.member("accepted", true)
///         $0.list("failures") { $0.string("none") }
///     }
///     print(json.text)  // {"accepted":true,"failures":["none"]}
///
/// Members stand in the order in which they are written; nothing checks that a name comes once.
public struct JSONWriter: Sendable {
    /// Which characters of a string are written as escapes.
    public enum Escapes: Sendable {
        /// What the RFC demands, and every other control character, so that no text can steer a terminal.
        case printable
        /// What the field's tokens escape: what the RFC demands, `<`, `>`, `&`, and the two Unicode line ends.
        case tokens
    }

    /// What has been written.
    public private(set) var bytes: [UInt8] = []
    /// Which characters are escaped.
    public let escapes: Escapes
    /// Whether something stands before the next value or name, from which a comma must part it.
    private var needsComma = false

    /// An empty text.
    public init(escapes: Escapes = .printable) { self.escapes = escapes }

    /// An empty text with room for this many bytes.
    init(escapes: Escapes = .printable, capacity: Int) {
        self.escapes = escapes
        bytes.reserveCapacity(capacity)
    }

    /// What has been written, as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    // MARK: Values

    /// An object with the members that `members` writes.
    public mutating func object<Failure: Error>(_ members: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        beginObject()
        try members(&self)
        endObject()
    }

    /// A list of the values that `elements` writes.
    public mutating func list<Failure: Error>(_ elements: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        beginList()
        try elements(&self)
        endList()
    }

    /// A string.
    public mutating func string(_ value: String) {
        separate()
        quote(value)
        needsComma = true
    }

    /// An integer.
    public mutating func integer(_ value: some FixedWidthInteger) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
        needsComma = true
    }

    /// A number with a fraction; null when it is none (infinite or not a number).
    public mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        bytes.append(contentsOf: value.description.utf8)
        needsComma = true
    }

    /// True or false.
    public mutating func boolean(_ value: Bool) {
        separate()
        bytes.append(contentsOf: value ? "true".utf8 : "false".utf8)
        needsComma = true
    }

    /// Null.
    public mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
        needsComma = true
    }

    /// A value that is JSON text already, and is not checked.
    public mutating func unsafeValue(_ json: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    // MARK: Members

    /// The name of the member whose value is written next.
    public mutating func name(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A member that is an object.
    public mutating func object<Failure: Error>(
        _ name: String, _ members: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        self.name(name)
        try object(members)
    }

    /// A member that is a list.
    public mutating func list<Failure: Error>(
        _ name: String, _ elements: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        self.name(name)
        try list(elements)
    }

    /// A member that is a string, or null.
    public mutating func member(_ name: String, _ value: String?) {
        self.name(name)
        if let value { string(value) } else { null() }
    }

    /// A member that is true or false.
    public mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        boolean(value)
    }

    /// A member that is an integer.
    public mutating func member(_ name: String, _ value: some FixedWidthInteger) {
        self.name(name)
        integer(value)
    }

    /// A member that is a list of strings.
    public mutating func member(_ name: String, _ values: [String]) {
        list(name) { for value in values { $0.string(value) } }
    }

    // MARK: Pieces

    mutating func beginObject() { open(UInt8(ascii: "{")) }
    mutating func endObject() { close(UInt8(ascii: "}")) }
    mutating func beginList() { open(UInt8(ascii: "[")) }
    mutating func endList() { close(UInt8(ascii: "]")) }

    /// Takes back the end of the object that was just ended, for another member.
    mutating func reopenObject() {
        guard bytes.last == UInt8(ascii: "}") else { return }
        bytes.removeLast()
    }

    /// A name that is spelled as JSON text already.
    mutating func unsafeName(_ name: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: [UInt8(ascii: "\""), UInt8(ascii: ":")])
        needsComma = false
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func quote(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { utf8 in
            var plain = 0
            var index = 0
            while index < utf8.count {
                if index &+ 8 <= utf8.count, Self.isPlain(utf8, eightFrom: index) {
                    index &+= 8
                    continue
                }
                guard let scalar = escaped(utf8, at: index) else {
                    index &+= 1
                    continue
                }
                bytes.append(contentsOf: utf8[plain..<index])
                escape(scalar.value)
                index &+= scalar.length
                plain = index
            }
            bytes.append(contentsOf: utf8[plain...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Whether none of the eight bytes can need an escape under any choice of escapes: ASCII from the blank on without
    /// `"`, `&`, `<`, `>`, `\` and DEL. Tokens and keys are made of such, and are looked at a word at a time.
    private static func isPlain(_ utf8: UnsafeBufferPointer<UInt8>, eightFrom index: Int) -> Bool {
        let word = UnsafeRawBufferPointer(utf8).loadUnaligned(fromByteOffset: index, as: UInt64.self)
        // The high bit of a byte of `word - ones * n` is set where that byte is below n, as long as no byte is 0x80 or
        // more; a borrow can only make a later byte look special too, and that one is then looked at by itself.
        // `|`, `^` and `&-` bind alike, from the left: without parentheses one character would hide another.
        let controls = word | (word &+ ones) | (word &- (ones &* 0x20))
        let quotes = ((word ^ (ones &* 0x22)) &- ones) | ((word ^ (ones &* 0x5c)) &- ones)
        let markup =
            ((word ^ (ones &* 0x26)) &- ones) | ((word ^ (ones &* 0x3c)) &- ones) | ((word ^ (ones &* 0x3e)) &- ones)
        return (controls | quotes | markup) & highs == 0
    }

    /// The character at `index` and its length in bytes, when it must be escaped.
    private func escaped(_ utf8: UnsafeBufferPointer<UInt8>, at index: Int) -> (value: UInt16, length: Int)? {
        let byte = utf8[index]
        switch byte {
        case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"): return (UInt16(byte), 1)
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
            return escapes == .tokens ? (UInt16(byte), 1) : nil
        case 0x7f: return escapes == .printable ? (UInt16(byte), 1) : nil
        case 0xc2 where escapes == .printable && index + 1 < utf8.count && utf8[index + 1] < 0xa0:
            return (UInt16(utf8[index + 1]), 2)
        case 0xe2 where index + 2 < utf8.count && utf8[index + 1] == 0x80 && utf8[index + 2] & 0xfe == 0xa8:
            return (0x2000 | UInt16(utf8[index + 2] & 0x3f), 3)
        default: return nil
        }
    }

    private mutating func escape(_ value: UInt16) {
        bytes.append(UInt8(ascii: "\\"))
        switch value {
        case 0x22, 0x5c: bytes.append(UInt8(truncatingIfNeeded: value))
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0a: bytes.append(UInt8(ascii: "n"))
        case 0x0c: bytes.append(UInt8(ascii: "f"))
        case 0x0d: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(UInt8(ascii: "u"))
            for shift in [12, 8, 4, 0] as [UInt16] {
                let digit = UInt8(truncatingIfNeeded: value >> shift & 0xf)
                bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            }
        }
    }
}
