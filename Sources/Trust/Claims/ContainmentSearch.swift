import Subjects

/// Finds which of many patterns contain which others.
///
/// A pattern contains another only if the tokens before its first wildcard begin the other, so candidates are found
/// by a hash of those tokens. Patterns that share such a beginning are compared one by one, within a budget.
struct ContainmentSearch {
    private let patterns: [SubjectPattern]
    /// How many pairs of patterns were compared, a pair of long ones counted several times.
    private(set) var comparisons = 0
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
        // The hashes of the beginnings of each pattern one after another, the whole beginning last.
        var hashes: [Int] = []
        hashes.reserveCapacity(patterns.count * 4)
        var ends = [Int](repeating: 0, count: patterns.count)
        for index in patterns.indices {
            Self.appendBeginnings(of: patterns[index], to: &hashes)
            ends[index] = hashes.count
            let own = hashes[hashes.count - 1] & (size - 1)
            next[index] = heads[own]
            heads[own] = Int32(truncatingIfNeeded: index)
        }
        var found: [(Int, Int)] = []
        var start = 0
        for index in patterns.indices {
            // A comparison reads as many words as the shorter pattern has.
            let cost = 1 &+ patterns[index].withUTF8 { $0.count } / 64
            for position in start..<ends[index] {
                let hash = hashes[position]
                var candidate = Int(heads[hash & (size - 1)])
                // A pattern's own hash is the last of its beginnings.
                while candidate >= 0, hashes[ends[candidate] - 1] != hash || !contains(candidate, index) {
                    comparisons &+= cost
                    candidate = Int(next[candidate])
                }
                if candidate >= 0 {
                    found.append((candidate, index))
                    break
                }
            }
            isExhausted = comparisons > ContentLimits.comparisons
            if isExhausted { break }
            start = ends[index]
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

    /// Appends the hash of what stands before each token up to the first wildcard; the last is that of all that
    /// stands before the first wildcard, or of the whole literal.
    private static func appendBeginnings(of pattern: SubjectPattern, to hashes: inout [Int]) {
        pattern.withUTF8 { bytes in
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            var index = 0
            while index < bytes.count {
                hashes.append(mixed(hash))
                let isLast = index &+ 1 == bytes.count
                let isWildcard =
                    bytes[index] == UInt8(ascii: "*") && (isLast || bytes[index &+ 1] == UInt8(ascii: "."))
                    || bytes[index] == UInt8(ascii: ">") && isLast
                if isWildcard { return }
                while index < bytes.count {
                    let byte = bytes[index]
                    hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
                    index &+= 1
                    if byte == UInt8(ascii: ".") { break }
                }
            }
            hashes.append(mixed(hash))
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
