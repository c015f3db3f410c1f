/// JSON as the rule T-json has it, read the slow way: first all bytes to Unicode scalars, then one scalar after the
/// other, by the grammar of RFC 8259. The oracle beside `JSONReader`.
indirect enum PlainJSON: Equatable {
    case object([Member])
    case list([PlainJSON])
    case string([UInt8])
    /// The number as it is written, and its value when it is a plainly written integer inside Int64.
    case number(text: [UInt8], integer: Int64?)
    case boolean(Bool)
    case null

    struct Member: Equatable {
        /// Decoded, as UTF-8.
        let name: [UInt8]
        let value: PlainJSON
    }

    /// The one object that `bytes` spell; nil when T-json refuses them. Names that differ from a known one by case are
    /// not looked for here, since what is known depends on the object.
    static func read(_ bytes: [UInt8]) -> PlainJSON? {
        guard let scalars = PlainUTF8.scalars(bytes), scalars.first != 0xfeff else { return nil }
        var reader = PlainJSONReader(scalars: scalars)
        reader.skipSpace()
        guard reader.next == 0x7b, let value = reader.value(depth: 1) else { return nil }
        reader.skipSpace()
        return reader.next == nil ? value : nil
    }

    /// Whether two names are equal when case is ignored, as Unicode folds it (CaseFolding.txt, C and S).
    static func equalIgnoringCase(_ left: [UInt8], _ right: [UInt8]) -> Bool { folded(left) == folded(right) }

    private static func folded(_ name: [UInt8]) -> [UInt32] {
        (PlainUTF8.scalars(name) ?? []).map { scalar in
            switch scalar {
            case 0x17f: 0x73  // long s
            case 0x212a: 0x6b  // Kelvin sign
            case 0x41...0x5a: scalar + 0x20
            default: scalar
            }
        }
    }
}

/// Reads scalars; nil is a refusal.
private struct PlainJSONReader {
    let scalars: [UInt32]
    var position = 0

    var next: UInt32? { position < scalars.count ? scalars[position] : nil }

    mutating func skipSpace() {
        while next == 0x20 || next == 0x09 || next == 0x0a || next == 0x0d { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == character.value else { return false }
        position += 1
        return true
    }

    private mutating func takeSpaced(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        return take(character)
    }

    private mutating func take(word: String) -> Bool { word.unicodeScalars.allSatisfy { take($0) } }

    /// `depth` counts this value, if it is an object or a list.
    mutating func value(depth: Int) -> PlainJSON? {
        skipSpace()
        switch next.flatMap(Unicode.Scalar.init) {
        case "{": return depth <= 64 ? object(depth) : nil
        case "[": return depth <= 64 ? list(depth) : nil
        case "\"": return string().map(PlainJSON.string)
        case "t": return take(word: "true") ? .boolean(true) : nil
        case "f": return take(word: "false") ? .boolean(false) : nil
        case "n": return take(word: "null") ? .null : nil
        default: return number()
        }
    }

    private mutating func object(_ depth: Int) -> PlainJSON? {
        guard take("{") else { return nil }
        var members: [PlainJSON.Member] = []
        if takeSpaced("}") { return .object([]) }
        repeat {
            skipSpace()
            guard let name = string(), takeSpaced(":"), let value = value(depth: depth + 1) else { return nil }
            if members.contains(where: { $0.name == name }) { return nil }
            members.append(PlainJSON.Member(name: name, value: value))
        } while takeSpaced(",")
        return takeSpaced("}") ? .object(members) : nil
    }

    private mutating func list(_ depth: Int) -> PlainJSON? {
        guard take("[") else { return nil }
        var elements: [PlainJSON] = []
        if takeSpaced("]") { return .list([]) }
        repeat {
            guard let element = value(depth: depth + 1) else { return nil }
            elements.append(element)
        } while takeSpaced(",")
        return takeSpaced("]") ? .list(elements) : nil
    }

    private mutating func string() -> [UInt8]? {
        guard take("\"") else { return nil }
        var units: [UInt32] = []
        while let scalar = next {
            position += 1
            switch scalar {
            case 0x22: return PlainUTF8.bytes(units)
            case 0x5c:
                guard let unit = escape() else { return nil }
                units.append(unit)
            case 0..<0x20: return nil
            default: units.append(scalar)
            }
        }
        return nil
    }

    /// What follows a backslash.
    private mutating func escape() -> UInt32? {
        guard let letter = next.flatMap(Unicode.Scalar.init) else { return nil }
        position += 1
        let simple: [Unicode.Scalar: UInt32] = [
            "\"": 0x22, "\\": 0x5c, "/": 0x2f, "b": 0x08, "f": 0x0c, "n": 0x0a, "r": 0x0d, "t": 0x09,
        ]
        if let value = simple[letter] { return value }
        guard letter == "u", let first = fourDigits() else { return nil }
        switch first {
        case 0xd800...0xdbff:
            guard take("\\"), take("u"), let second = fourDigits(), (0xdc00...0xdfff).contains(second) else {
                return nil
            }
            return 0x10000 + (first - 0xd800) * 0x400 + (second - 0xdc00)
        case 0xdc00...0xdfff: return nil
        default: return first
        }
    }

    private mutating func fourDigits() -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let scalar = next.flatMap(Unicode.Scalar.init), scalar.isASCII,
                let digit = Character(scalar).hexDigitValue
            else { return nil }
            value = value * 16 + UInt32(digit)
            position += 1
        }
        return value
    }

    private mutating func digits() -> [UInt8] {
        var digits: [UInt8] = []
        while let scalar = next, (0x30...0x39).contains(scalar) {
            digits.append(UInt8(scalar))
            position += 1
        }
        return digits
    }

    private mutating func number() -> PlainJSON? {
        let start = position
        var isPlain = true
        _ = take("-")
        let whole = digits()
        guard !whole.isEmpty, whole.count == 1 || whole.first != 0x30 else { return nil }
        if take(".") {
            isPlain = false
            if digits().isEmpty { return nil }
        }
        if take("e") || take("E") {
            isPlain = false
            if !take("-") { _ = take("+") }
            if digits().isEmpty { return nil }
        }
        let text = scalars[start..<position].map { UInt8($0) }
        let isMinusZero = text == Array("-0".utf8)
        let value = Int64(String(decoding: text, as: UTF8.self))
        return .number(text: text, integer: isPlain && !isMinusZero ? value : nil)
    }
}

/// UTF-8 by the table of the Unicode standard (3-7): a row for each kind of first byte, with the range of the second.
enum PlainUTF8 {
    private static let rows: [(first: ClosedRange<UInt8>, second: ClosedRange<UInt8>, count: Int)] = [
        (0x00...0x7f, 0x80...0xbf, 1), (0xc2...0xdf, 0x80...0xbf, 2), (0xe0...0xe0, 0xa0...0xbf, 3),
        (0xe1...0xec, 0x80...0xbf, 3), (0xed...0xed, 0x80...0x9f, 3), (0xee...0xef, 0x80...0xbf, 3),
        (0xf0...0xf0, 0x90...0xbf, 4), (0xf1...0xf3, 0x80...0xbf, 4), (0xf4...0xf4, 0x80...0x8f, 4),
    ]

    /// The scalars; nil for what is not UTF-8.
    static func scalars(_ bytes: [UInt8]) -> [UInt32]? {
        var scalars: [UInt32] = []
        var rest = bytes[...]
        while let first = rest.first {
            guard let row = rows.first(where: { $0.first.contains(first) }), rest.count >= row.count else { return nil }
            let followers = rest.dropFirst().prefix(row.count - 1)
            guard followers.first.map(row.second.contains) ?? true,
                followers.allSatisfy({ (0x80...0xbf).contains($0) })
            else { return nil }
            let lead = row.count == 1 ? UInt32(first) : UInt32(first) & (0xff >> UInt32(row.count + 1))
            scalars.append(followers.reduce(lead) { $0 << 6 | UInt32($1 & 0x3f) })
            rest = rest.dropFirst(row.count)
        }
        return scalars
    }

    /// The bytes of scalars.
    static func bytes(_ scalars: [UInt32]) -> [UInt8] {
        scalars.flatMap { scalar -> [UInt8] in
            func follower(_ shift: UInt32) -> UInt8 { UInt8(scalar >> shift & 0x3f) | 0x80 }
            switch scalar {
            case 0..<0x80: return [UInt8(scalar)]
            case 0x80..<0x800: return [UInt8(scalar >> 6) | 0xc0, follower(0)]
            case 0x800..<0x10000: return [UInt8(scalar >> 12) | 0xe0, follower(6), follower(0)]
            default: return [UInt8(scalar >> 18) | 0xf0, follower(12), follower(6), follower(0)]
            }
        }
    }
}
