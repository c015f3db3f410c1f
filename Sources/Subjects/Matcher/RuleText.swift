/// The text of all rules of a matcher in one buffer, each ended by a zero byte.
///
/// Wildcards that stand alone are kept as control characters, which no subject holds: so a comparison of bytes
/// stops at each wildcard by itself, and a word such as `*x` is never taken for one.
struct RuleText: Sendable {
    static let star: UInt8 = 1
    static let rest: UInt8 = 2

    private(set) var bytes: [UInt8] = []
    private(set) var starts: [UInt32] = []

    /// Adds the bytes of a valid pattern; its place among the rules is the number of those before it.
    mutating func append(_ pattern: borrowing Span<UInt8>) {
        starts.append(UInt32(truncatingIfNeeded: bytes.count))
        let start = bytes.count
        pattern.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        let count = pattern.count
        var index = 0
        while index < count {
            let byte = pattern[index]
            if byte == Bytes.star || byte == Bytes.rest,
                index == 0 || pattern[index &- 1] == Bytes.dot,
                index &+ 1 == count || pattern[index &+ 1] == Bytes.dot
            {
                bytes[start &+ index] = byte == Bytes.star ? Self.star : Self.rest
            }
            index &+= 1
        }
        bytes.append(0)
    }

    /// Ends the text: eight more bytes, so that words may be read up to its end.
    mutating func finish() {
        bytes.append(contentsOf: [0, 0, 0, 0, 0, 0, 0, 0])
    }

    /// The number of rules.
    var count: Int { starts.count }

    /// The pattern of a rule as it was written.
    func pattern(_ rule: Int) -> [UInt8] {
        guard starts.indices.contains(rule) else { return [] }
        var result: [UInt8] = []
        var index = Int(starts[rule])
        while index < bytes.count, bytes[index] != 0 {
            switch bytes[index] {
            case Self.star: result.append(Bytes.star)
            case Self.rest: result.append(Bytes.rest)
            case let byte: result.append(byte)
            }
            index &+= 1
        }
        return result
    }

    /// The bytes that the text holds.
    var byteCount: Int { bytes.count &+ starts.count &* 4 }
}
