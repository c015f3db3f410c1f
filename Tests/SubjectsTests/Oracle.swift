import Subjects

/// The rules read aloud: slow, and plainly right. Works on texts, and shares no code with what it judges.
enum Oracle {
    /// Whether a pattern matches a literal subject: word by word, `*` any one word, `>` one or more.
    static func matches(_ pattern: String, _ subject: String) -> Bool {
        let words = subject.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let tokens = pattern.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        for (place, token) in tokens.enumerated() {
            if token.elementsEqual(">".utf8) { return words.count > place }
            if place >= words.count { return false }
            if !token.elementsEqual("*".utf8) && !token.elementsEqual(words[place]) { return false }
        }
        return words.count == tokens.count
    }

    /// Whether every subject of `inner` is one of `outer`. A `*` of the inner is put to the test by a word that
    /// stands nowhere else, a `>` by one such word and by several.
    static func contains(_ outer: String, _ inner: String) -> Bool {
        witnesses(inner).allSatisfy { matches(outer, $0) }
    }

    static func overlaps(_ one: String, _ other: String, in world: [String]) -> Bool {
        world.contains { matches(one, $0) && matches(other, $0) }
    }

    static func witnesses(_ pattern: String) -> [String] {
        var tokens = pattern.split(separator: ".").map { $0 == "*" ? "fresh" : String($0) }
        guard tokens.last == ">" else { return [tokens.joined(separator: ".")] }
        tokens.removeLast()
        return (1...6).map { (tokens + Array(repeating: "fresh", count: $0)).joined(separator: ".") }
    }

    static func publishes(allow: [String]?, deny: [String], _ subject: String) -> Bool {
        if deny.contains(where: { matches($0, subject) }) { return false }
        guard let allow else { return true }
        return allow.contains { matches($0, subject) }
    }

    /// An entry as `pattern` or `pattern queue`.
    static func subscribes(allow: [String]?, deny: [String], _ pattern: String, queue: String?) -> Bool {
        let inner = witnesses(pattern)
        func contains(_ outer: String) -> Bool { inner.allSatisfy { matches(outer, $0) } }
        for entry in deny.map(parts) where contains(entry.pattern) {
            guard let denied = entry.queue else { return false }
            if let queue, matches(denied, queue) { return false }
        }
        guard let allow else { return true }
        let containing = allow.map(parts).filter { contains($0.pattern) }
        let queued = containing.compactMap(\.queue)
        if let queue, !queued.isEmpty { return queued.contains { matches($0, queue) } }
        return containing.contains { $0.queue == nil }
    }

    private static func parts(_ entry: String) -> (pattern: String, queue: String?) {
        let parts = entry.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }
        return (parts[0], parts.count > 1 ? parts[1] : nil)
    }

    static func delivers(deny: [String], _ subject: String, queue: String?) -> Bool {
        !deny.contains { entry in
            let (pattern, denied) = parts(entry)
            if !matches(pattern, subject) { return false }
            guard let denied else { return true }
            return queue.map { matches(denied, $0) } ?? false
        }
    }
}

/// A small random source that says its seed, so that a failure can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_f491_4f6c_dd1d
    }
}
