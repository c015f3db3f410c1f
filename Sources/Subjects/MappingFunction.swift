/// What one token of a mapping's destination stands for.
///
/// The functions and their spelling are those of NATS subject mapping (nats-server, subject transforms): a whole
/// token `{{name(arguments)}}`, of whose name only the first letter of each word may vary in case.
enum MappingFunction: Hashable, Sendable {
    /// The bytes of the destination in this range.
    case word(Range<Int>)
    /// `>`: what the source's `>` stood for.
    case rest
    /// `$n`, `{{wildcard(n)}}`.
    case wildcard(Int, spelling: Spelling)
    /// `{{partition(buckets, i, ...)}}`: a number below `buckets`, of the 32-bit FNV-1a of those wildcards.
    case partition(buckets: UInt32, of: [Int])
    /// `{{random(n)}}`: a random number below n.
    case random(UInt32)
    /// `{{split(i, separator)}}`: a token for each non-empty part.
    case split(Int, separator: [UInt8])
    /// A function of a wildcard and a count of bytes.
    case cut(Cut, Int, UInt32)

    /// How a plain reference was written.
    enum Spelling: Hashable, Sendable {
        case dollar, function
    }

    /// The functions of a wildcard and a count of bytes.
    enum Cut: Hashable, Sendable {
        case splitFromLeft, splitFromRight, sliceFromLeft, sliceFromRight, left, right
    }

    /// The wildcards that it refers to, from 1.
    var references: [Int] {
        switch self {
        case .word, .rest, .random: []
        case .wildcard(let index, _), .split(let index, _), .cut(_, let index, _): [index]
        case .partition(_, let indices): indices
        }
    }

    /// Reads one token of a destination. `nil` when it is an ordinary word.
    static func read(
        _ bytes: borrowing Span<UInt8>, _ start: Int, _ end: Int, token: Int
    ) throws(TransformError) -> MappingFunction? {
        if let index = SubjectTransform.reference(bytes, start, end) { return .wildcard(index, spelling: .dollar) }
        guard end &- start > 4, bytes[start] == UInt8(ascii: "{"), bytes[start &+ 1] == UInt8(ascii: "{"),
            bytes[end &- 2] == UInt8(ascii: "}"), bytes[end &- 1] == UInt8(ascii: "}")
        else { return nil }
        guard let call = FunctionCall(bytes, start &+ 2, end &- 2) else { throw .unknownFunction(token: token) }
        return try make(call, token: token)
    }

    private static func make(_ call: FunctionCall, token: Int) throws(TransformError) -> MappingFunction {
        func count(_ place: Int) throws(TransformError) -> UInt32 {
            guard let value = call.integer(place), value <= Int(Int32.max) else { throw .arguments(token: token) }
            if value < 1 { throw .count(token: token) }
            return UInt32(truncatingIfNeeded: value)
        }
        func index(_ place: Int) throws(TransformError) -> Int {
            guard let value = call.integer(place) else { throw .arguments(token: token) }
            if value < 1 { throw .index }
            return value
        }
        func expect(_ number: Int) throws(TransformError) {
            if call.arguments.count != number { throw .arguments(token: token) }
        }
        switch call.name {
        case "wildcard":
            try expect(1)
            return .wildcard(try index(0), spelling: .function)
        case "partition":
            let buckets = try count(0)
            var indices: [Int] = []
            for place in call.arguments.indices.dropFirst() { indices.append(try index(place)) }
            return .partition(buckets: buckets, of: indices)
        case "random":
            try expect(1)
            return .random(try count(0))
        case "split":
            try expect(2)
            let separator = call.arguments[1]
            if separator.contains(0x20) { throw .arguments(token: token) }
            return .split(try index(0), separator: separator)
        default:
            guard let cut = cuts[call.name] else { throw .unknownFunction(token: token) }
            try expect(2)
            return .cut(cut, try index(0), try count(1))
        }
    }

    private static let cuts: [String: Cut] = [
        "splitfromleft": .splitFromLeft, "splitfromright": .splitFromRight,
        "slicefromleft": .sliceFromLeft, "slicefromright": .sliceFromRight,
        "left": .left, "right": .right,
    ]
}

/// A call `name(argument, ...)` with blanks around its parts.
struct FunctionCall {
    /// The name, its words' first letters made small.
    let name: String
    /// The arguments without the blanks around them; no argument between empty parentheses.
    let arguments: [[UInt8]]

    init?(_ bytes: borrowing Span<UInt8>, _ from: Int, _ to: Int) {
        let text = Self.trimmed(Bytes.copy(bytes.extracting(from..<to))[...])
        guard let open = text.firstIndex(of: UInt8(ascii: "(")), text.last == UInt8(ascii: ")"),
            let name = Self.canonical(Self.trimmed(text[..<open]))
        else { return nil }
        self.name = name
        let inside = text[(open + 1)...].dropLast()
        let arguments = inside.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .map { Array(Self.trimmed($0)) }
        self.arguments = arguments.count == 1 && arguments[0].isEmpty ? [] : arguments
    }

    func integer(_ place: Int) -> Int? {
        guard arguments.indices.contains(place) else { return nil }
        let argument = arguments[place]
        return DecimalInteger.read(argument.span, 0, argument.count)
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let rest = text.drop { $0 == 0x20 }
        guard let last = rest.lastIndex(where: { $0 != 0x20 }) else { return [] }
        return rest[...last]
    }

    /// The known names by their words; the first letter of each word may be a capital.
    private static func canonical(_ name: ArraySlice<UInt8>) -> String? {
        let words = [
            ["wildcard"], ["partition"], ["random"], ["split"], ["left"], ["right"],
            ["split", "from", "left"], ["split", "from", "right"],
            ["slice", "from", "left"], ["slice", "from", "right"],
        ]
        for known in words {
            var rest = name
            let fits = known.allSatisfy { word in
                let part = rest.prefix(word.utf8.count)
                rest = rest.dropFirst(word.utf8.count)
                return zip(part, word.utf8).enumerated().allSatisfy { place, pair in
                    pair.0 == pair.1 || (place == 0 && pair.0 == pair.1 &- 32)
                } && part.count == word.utf8.count
            }
            if fits && rest.isEmpty { return known.joined() }
        }
        return nil
    }
}
