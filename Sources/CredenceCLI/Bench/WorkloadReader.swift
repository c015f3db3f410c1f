/// A forward reader of the JSON (RFC 8259) of workloads: one object of strings, lists of strings and counts. Quick
/// enough for a million patterns, and it knows the line it is on.
struct WorkloadReader {
    private let file: UnsafeBufferPointer<UInt8>
    private var index = 0
    private var line = 1

    /// A reader of the bytes, which are lent for as long as it lives.
    init(_ file: UnsafeBufferPointer<UInt8>) { self.file = file }

    /// A fault where the reader stands.
    func fault(_ reason: String) -> Workload.Fault { Workload.Fault(line: line, reason: reason) }

    mutating func beginObject() throws(Workload.Fault) {
        try expect(UInt8(ascii: "{"), "`{`")
    }

    /// The name of the next member, its value to be read next; nil at the end of the object.
    mutating func nextMember(isFirst: Bool) throws(Workload.Fault) -> String? {
        guard try nextElement(isFirst: isFirst, closing: UInt8(ascii: "}")) else { return nil }
        let name = try string()
        try expect(UInt8(ascii: ":"), "`:`")
        return name
    }

    /// Nothing may follow.
    mutating func end() throws(Workload.Fault) {
        skipSpace()
        if index < file.count { throw fault("something follows the object") }
    }

    /// A list of strings.
    mutating func strings() throws(Workload.Fault) -> Workload.Texts {
        try expect(UInt8(ascii: "["), "a list")
        var list = Workload.Texts()
        while try nextElement(isFirst: list.texts.isEmpty, closing: UInt8(ascii: "]")) {
            list.lines.append(UInt32(clamping: line))
            list.texts.append(try string())
        }
        return list
    }

    /// A number of things: digits alone.
    mutating func count() throws(Workload.Fault) -> Int {
        skipSpace()
        let start = index
        var value = 0
        while index < file.count, file[index] >= 0x30, file[index] <= 0x39, index - start < 18 {
            value = value * 10 + Int(file[index] - 0x30)
            index += 1
        }
        if index == start || (file[start] == 0x30 && index - start > 1) { throw fault("a count is needed here") }
        return value
    }

    /// A string.
    mutating func string() throws(Workload.Fault) -> String {
        try expect(UInt8(ascii: "\""), "a string")
        let start = index
        while index < file.count {
            let byte = file[index]
            if byte == UInt8(ascii: "\"") {
                defer { index += 1 }
                return try text(Slice(base: file, bounds: start..<index))
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            if byte < 0x20 { throw fault("a string holds a control character, or is not closed") }
            index += 1
        }
        throw fault("the file ends inside a string")
    }

    private func text(_ bytes: some Collection<UInt8>) throws(Workload.Fault) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw fault("a string is not valid utf-8") }
        return text
    }

    /// The rest of a string that holds an escape, at which the reader stands.
    private mutating func escapedString(from start: Int) throws(Workload.Fault) -> String {
        var bytes = Array(file[start..<index])
        while index < file.count {
            let byte = file[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return try text(bytes)
            case UInt8(ascii: "\\"): try escape(into: &bytes)
            case 0..<0x20: throw fault("a string holds a control character, or is not closed")
            default: bytes.append(byte)
            }
        }
        throw fault("the file ends inside a string")
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(Workload.Fault) {
        guard index < file.count else { throw fault("the file ends inside a string") }
        let byte = file[index]
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
            if value & 0xFC00 == 0xD800 {
                guard file.count - index >= 2, file[index] == UInt8(ascii: "\\"),
                    file[index + 1] == UInt8(ascii: "u")
                else { throw fault("half of a surrogate pair") }
                index += 2
                let low = try unit()
                guard low & 0xFC00 == 0xDC00 else { throw fault("half of a surrogate pair") }
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(value) else { throw fault("half of a surrogate pair") }
            bytes += String(Character(scalar)).utf8
        default: throw fault("an escape that JSON does not have")
        }
    }

    /// The four digits of a `\u` escape.
    private mutating func unit() throws(Workload.Fault) -> UInt32 {
        guard file.count - index >= 4 else { throw fault("the file ends inside a string") }
        var value: UInt32 = 0
        for byte in file[index..<index + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw fault("an escape that JSON does not have")
            }
            value = value << 4 | UInt32(digit)
        }
        index += 4
        return value
    }

    /// Whether another element follows, to be read next; reads the comma before it, or the bracket behind the last.
    private mutating func nextElement(isFirst: Bool, closing: UInt8) throws(Workload.Fault) -> Bool {
        skipSpace()
        guard index < file.count else { throw fault("the file ends too early") }
        if file[index] == closing {
            index += 1
            return false
        }
        if !isFirst {
            guard file[index] == UInt8(ascii: ",") else { throw fault("`,` is missing") }
            index += 1
            skipSpace()
        }
        return true
    }

    private mutating func expect(_ byte: UInt8, _ what: String) throws(Workload.Fault) {
        skipSpace()
        guard index < file.count else { throw fault("the file ends too early") }
        guard file[index] == byte else { throw fault("\(what) is needed here") }
        index += 1
    }

    private mutating func skipSpace() {
        while index < file.count {
            switch file[index] {
            case 0x0A:
                line += 1
                index += 1
            case 0x20, 0x09, 0x0D: index += 1
            default: return
            }
        }
    }
}
