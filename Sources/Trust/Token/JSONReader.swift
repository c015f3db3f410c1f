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
    /// How many things that are not as they should be are noted of one text: a report of more helps nobody, and one of
    /// a million, which a text of a million bytes can have, takes long to write.
    static let maximumProblems = 10_000
    /// Bytes that should follow the text in its buffer, so that words can be loaded at its end at once.
    static let padding = 32

    let bytes: PaddedBytes
    /// The byte to be read next.
    var index = 0
    private var depth = 0
    private let names = MemberTable.shared
    /// Where strings with escapes are decoded.
    var scratch: [UInt8] = []
    /// The names that are not known, of each open object that has any.
    private var otherNames: [NameSet] = []
    /// What was noted so far.
    private(set) var problems: [Problem] = []

    /// A reader of `bytes`, which are lent for as long as the reader lives.
    init(_ bytes: PaddedBytes) throws(Fault) {
        self.bytes = bytes
        if bytes[0] == 0xef, bytes[1] == 0xbb, bytes[2] == 0xbf { throw Fault(kind: .byteOrderMark, offset: 0) }
        guard Self.isUTF8(bytes) else { throw Fault(kind: .utf8, offset: 0) }
    }

    var count: Int { bytes.count }

    /// Beyond the limit nothing is kept; who reads `problems` refuses when there are more.
    mutating func note(_ kind: Problem.Kind, at offset: Int) {
        if problems.count <= Self.maximumProblems { problems.append(Problem(kind: kind, offset: offset)) }
    }

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

    mutating func enter(known: MemberSet) throws(Fault) -> Scope {
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

    /// What `body` makes of the name of the next member of an object whose names are free; nil at the end of the
    /// object. The caller finds names that come twice. The name's bytes are lent.
    @inline(__always)
    mutating func nextUncheckedName<Result>(
        _ scope: inout Scope, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) throws(Fault) -> Result? {
        guard let name = try nextName(&scope) else { return nil }
        scope.nameOffset = name.start
        let result: Result
        if name.escaped {
            try decode(name)
            result = scratch.withUnsafeBufferPointer(body)
        } else {
            result = body(bytes.slice(name.start..<name.end))
        }
        try colon()
        return result
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

    // MARK: Names

    struct Text {
        let start: Int
        let end: Int
        let escaped: Bool
    }

    @inline(__always)
    mutating func nextName(_ scope: inout Scope) throws(Fault) -> Text? {
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

    @inline(__always)
    mutating func colon() throws(Fault) {
        skipSpace()
        guard byte == UInt8(ascii: ":") else { throw fault(.syntax) }
        index &+= 1
        skipSpace()
    }

    /// Whether a name that is not known comes in this object for the first time.
    mutating func isNew(_ name: [UInt8], _ scope: inout Scope) -> Bool {
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
