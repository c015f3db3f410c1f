extension JSONReader {
    /// The type of the value to be read next.
    var type: JSONType {
        switch byte {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .list
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }

    /// A string; nil when the value is something else.
    mutating func string() throws(Fault) -> String? {
        guard byte == UInt8(ascii: "\"") else { return try mismatch(.string) }
        let range = try scanString()
        if range.escaped { return String(decoding: try decoded(range), as: UTF8.self) }
        return String(decoding: bytes.slice(range.start..<range.end), as: UTF8.self)
    }

    /// What `body` makes of the bytes of a string; nil when the value is something else. The bytes are lent.
    @inline(__always)
    mutating func withString<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) throws(Fault) -> Result? {
        guard byte == UInt8(ascii: "\"") else { return try mismatch(.string) }
        let range = try scanString()
        if range.escaped {
            try decode(range)
            return scratch.withUnsafeBufferPointer(body)
        }
        return body(bytes.slice(range.start..<range.end))
    }

    /// A boolean; nil when the value is something else.
    mutating func boolean() throws(Fault) -> Bool? {
        if byte == UInt8(ascii: "t") {
            try literal("true")
            return true
        }
        if byte == UInt8(ascii: "f") {
            try literal("false")
            return false
        }
        return try mismatch(.boolean)
    }

    /// An integer written plainly: no fraction, no exponent, no `-0`, inside Int64. Nil for anything else.
    mutating func integer() throws(Fault) -> Int64? {
        let start = index
        let negative = byte == UInt8(ascii: "-")
        guard negative || isDigit(byte) else { return try mismatch(.number) }
        try skipNumber()
        let end = index
        var value: Int64 = 0
        var position = negative ? start &+ 1 : start
        while position < end {
            let digit = bytes[position]
            guard isDigit(digit) else {
                note(.notAnInteger, at: start)
                return nil
            }
            let (shifted, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (next, overflowedToo) = shifted.subtractingReportingOverflow(Int64(digit &- 0x30))
            if overflowed || overflowedToo {
                note(.outOfRange, at: start)
                return nil
            }
            value = next
            position &+= 1
        }
        if negative {
            if value == 0 {
                note(.minusZero, at: start)
                return nil
            }
            return value
        }
        if value == .min {
            note(.outOfRange, at: start)
            return nil
        }
        return -value
    }

    /// An integer of `range`; nil, and noted, outside it.
    mutating func integer(in range: ClosedRange<Int64>) throws(Fault) -> Int64? {
        let start = index
        guard let value = try integer() else { return nil }
        guard range.contains(value) else {
            note(value < 0 && range.lowerBound >= 0 ? .negative : .outOfRange, at: start)
            return nil
        }
        return value
    }

    /// A time: an integer that is not negative.
    mutating func time() throws(Fault) -> UnixTime? {
        guard let value = try integer(in: 0...Int64.max) else { return nil }
        return UnixTime(value)
    }

    /// Skips any value, judging its form.
    mutating func skipValue() throws(Fault) {
        switch byte {
        case UInt8(ascii: "\""):
            let range = try scanString()
            if range.escaped { try decode(range) }
        case UInt8(ascii: "{"):
            var scope = try enter(known: [])
            while let name = try nextName(&scope) {
                if !isNew(try decoded(name), &scope) { note(.duplicateName, at: name.start) }
                try colon()
                try skipValue()
            }
        case UInt8(ascii: "["):
            guard try beginList() else { return }
            var isFirst = true
            while try nextElement(&isFirst) { try skipValue() }
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default: try skipNumber()
        }
    }

    /// Skips a value and gives its text as received.
    mutating func rawValue() throws(Fault) -> String {
        let start = index
        try skipValue()
        return String(decoding: bytes.slice(start..<index), as: UTF8.self)
    }

    /// Notes that a value of another type stands where `expected` should, and skips it.
    mutating func mismatch<Result>(_ expected: JSONType) throws(Fault) -> Result? {
        let start = index
        let found = type
        try skipValue()
        note(.type(expected: expected, found: found), at: start)
        return nil
    }

    /// The byte at the index; zero at the end, which no value starts with.
    var byte: UInt8 {
        @inline(__always) get { bytes[index] }
    }

    func fault(_ kind: Fault.Kind) -> Fault {
        Fault(kind: index >= count && kind == .syntax ? .end : kind, offset: min(index, count))
    }

    @inline(__always)
    mutating func skipSpace() {
        if byte > 0x20 { return }
        skipSpaces()
    }

    @inline(never)
    mutating func skipSpaces() {
        while true {
            switch byte {
            case 0x20, 0x09, 0x0a, 0x0d: index &+= 1
            default: return
            }
        }
    }

    func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    mutating func literal(_ text: StaticString) throws(Fault) {
        var offset = 0
        while offset < text.utf8CodeUnitCount {
            guard bytes[index &+ offset] == text.utf8Start[offset] else { throw fault(.syntax) }
            offset &+= 1
        }
        index &+= offset
    }

    mutating func skipNumber() throws(Fault) {
        if byte == UInt8(ascii: "-") { index &+= 1 }
        guard isDigit(byte) else { throw fault(.syntax) }
        if byte == UInt8(ascii: "0") {
            index &+= 1
        } else {
            while isDigit(byte) { index &+= 1 }
        }
        if byte == UInt8(ascii: ".") {
            index &+= 1
            guard isDigit(byte) else { throw fault(.syntax) }
            while isDigit(byte) { index &+= 1 }
        }
        if byte | 0x20 == UInt8(ascii: "e") {
            index &+= 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { index &+= 1 }
            guard isDigit(byte) else { throw fault(.syntax) }
            while isDigit(byte) { index &+= 1 }
        }
    }
}
