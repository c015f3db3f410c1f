extension JSONReader {
    /// The range of a string's characters; the index moves beyond the closing quote. Eight bytes at a time: the
    /// lowest byte that the word tests flag is exact, and only the lowest is used.
    mutating func scanString() throws(Fault) -> Text {
        let start = index &+ 1
        var position = start
        var escaped = false
        while true {
            guard position < count else { throw Fault(kind: .end, offset: count) }
            let word = bytes.word(at: position)
            let ones: UInt64 = 0x0101_0101_0101_0101
            let highs: UInt64 = 0x8080_8080_8080_8080
            let quote = word ^ (ones &* 0x22)
            let slash = word ^ (ones &* 0x5c)
            let flagged =
                ((quote &- ones) & ~quote | (slash &- ones) & ~slash | (word &- ones &* 0x20) & ~word) & highs
            if flagged == 0 {
                position &+= 8
                continue
            }
            position &+= flagged.trailingZeroBitCount &>> 3
            guard position < count else { throw Fault(kind: .end, offset: count) }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                index = position &+ 1
                return Text(start: start, end: position, escaped: escaped)
            case UInt8(ascii: "\\"):
                escaped = true
                position &+= 2
            default:
                throw Fault(kind: .control, offset: position)
            }
        }
    }

    mutating func decoded(_ text: Text) throws(Fault) -> [UInt8] {
        if !text.escaped { return Array(bytes.slice(text.start..<text.end)) }
        try decode(text)
        return scratch
    }

    /// Decodes a string's escapes into `scratch`.
    mutating func decode(_ text: Text) throws(Fault) {
        scratch.removeAll(keepingCapacity: true)
        var position = text.start
        while position < text.end {
            let next = escape(from: position, to: text.end)
            if next > position { scratch.append(contentsOf: bytes.slice(position..<next)) }
            guard next < text.end else { return }
            position = next &+ 2
            switch bytes[next &+ 1] {
            case UInt8(ascii: "\""): scratch.append(UInt8(ascii: "\""))
            case UInt8(ascii: "\\"): scratch.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "/"): scratch.append(UInt8(ascii: "/"))
            case UInt8(ascii: "b"): scratch.append(0x08)
            case UInt8(ascii: "f"): scratch.append(0x0c)
            case UInt8(ascii: "n"): scratch.append(0x0a)
            case UInt8(ascii: "r"): scratch.append(0x0d)
            case UInt8(ascii: "t"): scratch.append(0x09)
            case UInt8(ascii: "u"): position = try decodeUnit(at: position, to: text.end)
            default: throw Fault(kind: .escape, offset: next &+ 1)
            }
        }
    }

    /// Decodes the digits of a `\u` escape, and of a second one where the first is half of a pair; gives the
    /// position beyond them.
    mutating func decodeUnit(at start: Int, to end: Int) throws(Fault) -> Int {
        var unit = try hex(at: start, end: end)
        var position = start &+ 4
        if unit < 0x80 {
            scratch.append(UInt8(truncatingIfNeeded: unit))
            return position
        }
        if unit & 0xf800 == 0xd800 {
            guard unit < 0xdc00, position &+ 1 < end, bytes[position] == UInt8(ascii: "\\"),
                bytes[position &+ 1] == UInt8(ascii: "u")
            else { throw Fault(kind: .surrogate, offset: position) }
            let low = try hex(at: position &+ 2, end: end)
            guard low & 0xfc00 == 0xdc00 else { throw Fault(kind: .surrogate, offset: position) }
            unit = 0x10000 &+ (unit &- 0xd800) &<< 10 &+ (low &- 0xdc00)
            position &+= 6
        }
        guard let scalar = Unicode.Scalar(unit) else { throw Fault(kind: .surrogate, offset: position) }
        scratch.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
        return position
    }

    /// Where the next backslash is, or `end`. Eight bytes at a time; the lowest byte flagged is exact.
    func escape(from start: Int, to end: Int) -> Int {
        var position = start
        while position < end {
            let word = bytes.word(at: position) ^ 0x5c5c_5c5c_5c5c_5c5c
            let flagged = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if flagged != 0 { return min(end, position &+ flagged.trailingZeroBitCount &>> 3) }
            position &+= 8
        }
        return end
    }

    func hex(at start: Int, end: Int) throws(Fault) -> UInt32 {
        guard start &+ 4 <= end else { throw Fault(kind: .escape, offset: start) }
        var value: UInt32 = 0
        for position in start..<start &+ 4 {
            let byte = bytes[position]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- 0x30
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- 0x57
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte &- 0x37
            default: throw Fault(kind: .escape, offset: position)
            }
            value = value &<< 4 | UInt32(digit)
        }
        return value
    }
}
