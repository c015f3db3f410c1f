/// A strict reader of one JSON text (RFC 8259), forward only, that reads straight into typed values.
///
/// Stricter than the RFC where readers are known to differ: no member name twice in an object at any depth, no name
/// that equals a known one only when case is ignored, no unpaired surrogates, integers only where integers are meant,
/// depth at most 64, nothing after the value.
///
/// A fault of form ends the reading by a thrown `Fault`. A value of the wrong type, a repeated name and the like are
/// noted in `problems` and the reading goes on, so that a verdict can name all of them.
///
/// Reading allocates nothing for a member that is not kept.
struct JSONReader {
    /// A fault of form: there is nothing to read beyond it.
    struct Fault: Error, Hashable {
        enum Kind: Hashable {
            case byteOrderMark, utf8, notAnObject, syntax, control, escape, surrogate, depth, trailing, end
        }
        let kind: Kind
        let offset: Int
    }

    /// Something that is not as it should be, at the value that starts at `offset`.
    struct Problem: Hashable {
        enum Kind: Hashable {
            case duplicateName, caseVariant
            case type(expected: JSONType, found: JSONType)
            case notAnInteger, outOfRange, negative, minusZero

        }
        let kind: Kind
        let offset: Int
    }

    /// An object that is being read.
    struct Scope {
        fileprivate let known: MemberSet
        fileprivate var seen: MemberSet = []
        fileprivate var isFirst = true
        /// Which of the reader's sets holds the names that are not known here; -1 while there is none.
        fileprivate var others = -1
        /// Where the name of the last member starts.
        fileprivate(set) var nameOffset = 0

        fileprivate init(known: MemberSet) { self.known = known }

        /// Whether the member was there.
        func has(_ name: MemberName) -> Bool { seen.contains(name) }
    }

    /// How deep objects and lists may nest: far beyond any token, far below any stack.
    static let maximumDepth = 64
    /// Bytes that should follow the text in its buffer, so that words can be loaded at its end at once.
    static let padding = 32

    let bytes: PaddedBytes
    private(set) var index = 0
    private var depth = 0
    private let names = MemberTable.shared
    private var scratch: [UInt8] = []
    /// The names that are not known, of each open object that has any.
    private var otherNames: [NameSet] = []
    private(set) var problems: [Problem] = []

    /// A reader of `bytes`, which are lent for as long as the reader lives.
    init(_ bytes: PaddedBytes) throws(Fault) {
        self.bytes = bytes
        if bytes[0] == 0xef, bytes[1] == 0xbb, bytes[2] == 0xbf { throw Fault(kind: .byteOrderMark, offset: 0) }
        guard Self.isUTF8(bytes) else { throw Fault(kind: .utf8, offset: 0) }
    }

    private var count: Int { bytes.count }

    mutating func note(_ kind: Problem.Kind, at offset: Int) { problems.append(Problem(kind: kind, offset: offset)) }

    // MARK: Objects and lists

    /// Begins the object that must be the whole text.
    mutating func beginText(known: MemberSet) throws(Fault) -> Scope {
        skipSpace()
        guard byte == UInt8(ascii: "{") else { throw fault(index >= count ? .end : .notAnObject) }
        return try enter(known: known)
    }

    /// Ends the text: nothing but white space may follow.
    mutating func endText() throws(Fault) {
        skipSpace()
        guard index == count else { throw fault(.trailing) }
    }

    /// Begins an object; nil, and the value skipped, when the value is something else.
    mutating func beginObject(known: MemberSet = []) throws(Fault) -> Scope? {
        guard byte == UInt8(ascii: "{") else { return try mismatch(.object) }
        return try enter(known: known)
    }

    private mutating func enter(known: MemberSet) throws(Fault) -> Scope {
        depth += 1
        guard depth <= Self.maximumDepth else { throw fault(.depth) }
        index &+= 1
        return Scope(known: known)
    }

    /// The name of the next member, its value to be read next; nil at the end of the object.
    mutating func nextMember(_ scope: inout Scope) throws(Fault) -> MemberName? {
        guard let name = try nextName(&scope) else { return nil }
        scope.nameOffset = name.start
        var found = MemberName.unknown
        if !name.escaped {
            found = names.name(in: bytes, at: name.start, length: name.end &- name.start)
        } else {
            found = spelled(try decoded(name))
        }
        if found == .unknown || !scope.known.contains(found) {
            try noteUnknown(name, &scope)
            found = .unknown
        } else if !scope.seen.insert(found) {
            note(.duplicateName, at: name.start)
        }
        try colon()
        return found
    }

    /// The name of the next member of an object whose names are free; nil at the end of the object.
    mutating func nextFreeName(_ scope: inout Scope) throws(Fault) -> [UInt8]? {
        guard let name = try nextName(&scope) else { return nil }
        scope.nameOffset = name.start
        let text = try decoded(name)
        if !isNew(text, &scope) { note(.duplicateName, at: name.start) }
        try colon()
        return text
    }

    /// Begins a list; false, and the value skipped, when the value is something else.
    mutating func beginList() throws(Fault) -> Bool {
        guard byte == UInt8(ascii: "[") else {
            let none: Bool? = try mismatch(.list)
            return none ?? false
        }
        depth += 1
        guard depth <= Self.maximumDepth else { throw fault(.depth) }
        index &+= 1
        return true
    }

    /// Whether the list has another element, to be read next. `isFirst` is the caller's, true before the first.
    mutating func nextElement(_ isFirst: inout Bool) throws(Fault) -> Bool {
        skipSpace()
        if byte == UInt8(ascii: "]") {
            index &+= 1
            depth -= 1
            return false
        }
        if !isFirst {
            guard byte == UInt8(ascii: ",") else { throw fault(.syntax) }
            index &+= 1
            skipSpace()
        }
        isFirst = false
        return true
    }

    // MARK: Values

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
    private mutating func mismatch<Result>(_ expected: JSONType) throws(Fault) -> Result? {
        let start = index
        let found = type
        try skipValue()
        note(.type(expected: expected, found: found), at: start)
        return nil
    }

    // MARK: Names

    private struct Text {
        let start: Int
        let end: Int
        let escaped: Bool
    }

    private mutating func nextName(_ scope: inout Scope) throws(Fault) -> Text? {
        skipSpace()
        if byte == UInt8(ascii: "}") {
            index &+= 1
            depth &-= 1
            if scope.others >= 0 { otherNames.removeLast(otherNames.count - scope.others) }
            return nil
        }
        if !scope.isFirst {
            guard byte == UInt8(ascii: ",") else { throw fault(.syntax) }
            index &+= 1
            skipSpace()
        }
        scope.isFirst = false
        guard byte == UInt8(ascii: "\"") else { throw fault(.syntax) }
        return try scanString()
    }

    private mutating func colon() throws(Fault) {
        skipSpace()
        guard byte == UInt8(ascii: ":") else { throw fault(.syntax) }
        index &+= 1
        skipSpace()
    }

    /// Whether a name that is not known comes in this object for the first time.
    private mutating func isNew(_ name: [UInt8], _ scope: inout Scope) -> Bool {
        if scope.others < 0 {
            scope.others = otherNames.count
            otherNames.append(NameSet())
        }
        guard otherNames.indices.contains(scope.others) else { return false }
        return otherNames[scope.others].insert(name)
    }

    /// A name that this object does not know: it must not come twice, nor differ from a known one by case alone.
    private mutating func noteUnknown(_ name: Text, _ scope: inout Scope) throws(Fault) {
        let text = try decoded(name)
        if !isNew(text, &scope) { note(.duplicateName, at: name.start) }
        let folded = spelled(CaseFolding.folded(text))
        if folded != .unknown, scope.known.contains(folded) { note(.caseVariant, at: name.start) }
    }

    private func spelled(_ text: [UInt8]) -> MemberName {
        guard text.count <= MemberTable.longest else { return .unknown }
        return text.withUnsafeBytes { names.name(in: PaddedBytes($0, count: $0.count), at: 0, length: $0.count) }
    }

    /// The name of the member that was read last in `scope`, as it is spelled.
    func memberName(_ scope: Scope) -> String {
        var end = scope.nameOffset
        while end < count, bytes[end] != UInt8(ascii: "\"") { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
        return String(decoding: bytes.slice(scope.nameOffset..<max(scope.nameOffset, end)), as: UTF8.self)
    }

    // MARK: Bytes

    /// The byte at the index; zero at the end, which no value starts with.
    private var byte: UInt8 {
        @inline(__always) get { bytes[index] }
    }

    private func fault(_ kind: Fault.Kind) -> Fault {
        Fault(kind: index >= count && kind == .syntax ? .end : kind, offset: min(index, count))
    }

    @inline(__always)
    private mutating func skipSpace() {
        if byte > 0x20 { return }
        skipSpaces()
    }

    @inline(never)
    private mutating func skipSpaces() {
        while true {
            switch byte {
            case 0x20, 0x09, 0x0a, 0x0d: index &+= 1
            default: return
            }
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    private mutating func literal(_ text: StaticString) throws(Fault) {
        var offset = 0
        while offset < text.utf8CodeUnitCount {
            guard bytes[index &+ offset] == text.utf8Start[offset] else { throw fault(.syntax) }
            offset &+= 1
        }
        index &+= offset
    }

    private mutating func skipNumber() throws(Fault) {
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

    /// The range of a string's characters; the index moves beyond the closing quote. Eight bytes at a time: the
    /// lowest byte that the word tests flag is exact, and only the lowest is used.
    private mutating func scanString() throws(Fault) -> Text {
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

    private mutating func decoded(_ text: Text) throws(Fault) -> [UInt8] {
        if !text.escaped { return Array(bytes.slice(text.start..<text.end)) }
        try decode(text)
        return scratch
    }

    /// Decodes a string's escapes into `scratch`.
    private mutating func decode(_ text: Text) throws(Fault) {
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
    private mutating func decodeUnit(at start: Int, to end: Int) throws(Fault) -> Int {
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
    private func escape(from start: Int, to end: Int) -> Int {
        var position = start
        while position < end {
            let word = bytes.word(at: position) ^ 0x5c5c_5c5c_5c5c_5c5c
            let flagged = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if flagged != 0 { return min(end, position &+ flagged.trailingZeroBitCount &>> 3) }
            position &+= 8
        }
        return end
    }

    private func hex(at start: Int, end: Int) throws(Fault) -> UInt32 {
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

    private static func isUTF8(_ bytes: PaddedBytes) -> Bool {
        var seen: UInt64 = 0
        var offset = 0
        while offset &+ 8 <= bytes.count {
            seen |= bytes.word(at: offset)
            offset &+= 8
        }
        while offset < bytes.count {
            seen |= UInt64(bytes[offset])
            offset &+= 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
            || String(validating: bytes.slice(0..<bytes.count), as: UTF8.self) != nil
    }
}
