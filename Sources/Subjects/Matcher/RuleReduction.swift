/// Takes rules out of a set that another rule of the same list contains: they change no verdict.
///
/// Merging states brings such rules together (`a.x` and `*.x` below `a` are one), and without this the sets of
/// patterns that differ in wildcards alone would double with every token. It is bounded, and need not be
/// complete: a rule that stays is only compared for nothing.
struct RuleReduction {
    /// Sets up to this size are compared rule by rule.
    private static let pairwise = 24
    /// What may still be spent on larger sets, in words of bitmaps.
    private var budget = 1 << 26

    mutating func reduce(_ set: inout [Residual], text: RuleText, salt: UInt64) {
        if set.count <= Self.pairwise {
            let rules = text.bytes.span.bytes
            keep(&set, text) { one, query, body in
                for (place, other) in one.enumerated()
                where TailMatch.matches(rules, Int(other.at), query, 0, rest: true) {
                    if !body(place) { return }
                }
            }
            return
        }
        let cost = set.count * (set.count / 64 + 8) * 4
        if cost > budget { return }
        budget -= cost
        set = set.filter(\.isDeny) + set.filter { !$0.isDeny }
        let matcher = BitMatcher(set, text: text, salt: salt, seed: nil)
        let rules = text.bytes.span.bytes
        keep(&set, text) { _, query, body in
            matcher.each(query, 0, mode: .pattern, text: rules, body)
        }
    }

    private func keep(
        _ set: inout [Residual], _ text: RuleText,
        _ containing: ([Residual], RawSpan, (Int) -> Bool) -> Void
    ) {
        let all = set
        let bytes = text.bytes
        var kept: [Residual] = []
        kept.reserveCapacity(all.count)
        for (place, one) in all.enumerated() {
            var end = Int(one.at)
            while bytes[end] != 0 { end += 1 }
            let start = Int(one.at)
            var redundant = false
            // What is left of the rule when it has ended is the empty text, which only its like contains.
            if start == end {
                redundant = all[..<place].contains { $0.isDeny == one.isDeny && bytes[Int($0.at)] == 0 }
            } else {
                containing(all, bytes.span.bytes.extracting(start..<end)) { other in
                    if other == place || all[other].isDeny != one.isDeny { return true }
                    redundant = other < place || !Self.sameText(bytes, start, Int(all[other].at))
                    return !redundant
                }
            }
            if !redundant { kept.append(one) }
        }
        set = kept
    }

    private static func sameText(_ bytes: [UInt8], _ left: Int, _ right: Int) -> Bool {
        var step = 0
        while bytes[left + step] == bytes[right + step] {
            if bytes[left + step] == 0 { return true }
            step += 1
        }
        return false
    }
}
