import Subjects

/// Finds which of many patterns contain which others.
///
/// A pattern contains another only if the tokens before its first wildcard begin the other, so candidates are found
/// by a hash of those tokens. Patterns that share such a beginning are compared one by one, within a budget.
struct ContainmentSearch {
    private let patterns: [SubjectPattern]
    private var comparisons = 0
    /// Whether the budget ran out: what was found is true, but not all.
    private(set) var isExhausted = false

    init(patterns: [SubjectPattern]) { self.patterns = patterns }

    /// Pairs (container, contained) by index. Equal patterns come once, the earlier as container; of several that
    /// contain one pattern the first found is given.
    mutating func containments() -> [(Int, Int)] {
        guard patterns.count > 1 else { return [] }
        if patterns.count <= 4 { return compareAll() }
        let size = max(16, (patterns.count * 2).nextPowerOfTwo)
        var heads = [Int32](repeating: -1, count: size)
        var next = [Int32](repeating: -1, count: patterns.count)
        for (index, pattern) in patterns.enumerated() {
            let slot = Self.beginnings(of: pattern) { _, _ in } & (size - 1)
            next[index] = heads[slot]
            heads[slot] = Int32(truncatingIfNeeded: index)
        }
        var found: [(Int, Int)] = []
        for index in patterns.indices {
            var slots: (Int, Int, Int, Int, [Int]) = (-1, -1, -1, -1, [])
            let own = Self.beginnings(of: patterns[index]) { hash, count in
                switch count {
                case 0: slots.0 = hash & (size - 1)
                case 1: slots.1 = hash & (size - 1)
                case 2: slots.2 = hash & (size - 1)
                case 3: slots.3 = hash & (size - 1)
                default: slots.4.append(hash & (size - 1))
                }
            }
            var container = search(own & (size - 1), for: index, heads, next)
            if container == nil { container = search(slots.0, for: index, heads, next) }
            if container == nil { container = search(slots.1, for: index, heads, next) }
            if container == nil { container = search(slots.2, for: index, heads, next) }
            if container == nil { container = search(slots.3, for: index, heads, next) }
            for slot in slots.4 where container == nil { container = search(slot, for: index, heads, next) }
            if let container { found.append((container, index)) }
            if isExhausted { break }
        }
        return found
    }

    private mutating func compareAll() -> [(Int, Int)] {
        var found: [(Int, Int)] = []
        for inner in patterns.indices {
            if let outer = patterns.indices.first(where: { contains($0, inner) }) { found.append((outer, inner)) }
        }
        return found
    }

    private func contains(_ outer: Int, _ inner: Int) -> Bool {
        outer != inner && patterns[outer].contains(patterns[inner])
            && (outer < inner || patterns[outer] != patterns[inner])
    }

    private mutating func search(_ slot: Int, for index: Int, _ heads: [Int32], _ next: [Int32]) -> Int? {
        guard slot >= 0 else { return nil }
        var candidate = Int(heads[slot])
        while candidate >= 0 {
            comparisons &+= 1
            if comparisons > ContentLimits.comparisons {
                isExhausted = true
                return nil
            }
            if contains(candidate, index) { return candidate }
            candidate = Int(next[candidate])
        }
        return nil
    }

    /// Calls `body` with a hash of the tokens before each token up to the first wildcard, and how many those tokens
    /// are; gives the hash of all that stands before the first wildcard (or of all, in a literal).
    private static func beginnings(of pattern: SubjectPattern, _ body: (Int, Int) -> Void) -> Int {
        pattern.withUTF8 { bytes in
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            var tokens = 0
            var index = 0
            while index < bytes.count {
                let isLast = index &+ 1 == bytes.count
                let isWildcard =
                    bytes[index] == UInt8(ascii: "*") && (isLast || bytes[index &+ 1] == UInt8(ascii: "."))
                    || bytes[index] == UInt8(ascii: ">") && isLast
                if isWildcard { return mixed(hash) }
                body(mixed(hash), tokens)
                while index < bytes.count {
                    let byte = bytes[index]
                    hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
                    index &+= 1
                    if byte == UInt8(ascii: ".") { break }
                }
                tokens &+= 1
            }
            return mixed(hash)
        }
    }
}

/// Spreads a hash over all bits, since the sum above moves its changes up by a few bits a byte only.
private func mixed(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: ((hash ^ hash &>> 32) &* 0x9e37_79b9_7f4a_7c15) &>> 32)
}

extension Int {
    fileprivate var nextPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
