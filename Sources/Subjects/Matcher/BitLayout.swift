/// The rows and token lists of a `BitMatcher`, as they are laid out when it is made.
struct BitLayout {
    /// A literal token of one rule at one place.
    struct Literal {
        /// Key and words of the token; the state is the level.
        var slot: TokenTable.Slot
        var bit: Int
    }

    let width: Int
    let levels: Int
    var rows: [UInt64]
    var literals: [Literal] = []
    private let text: RuleText

    init(_ residuals: [Residual], text: RuleText, salt: UInt64) {
        self.text = text
        let needed = (residuals.count + 63) / 64
        width = max(8, (needed + 7) / 8 * 8)
        levels = residuals.reduce(0) { max($0, Self.tokens(text, Int($1.at))) }
        rows = [UInt64](repeating: 0, count: (3 * levels + 4) * width)
        for (bit, residual) in residuals.enumerated() { add(residual, bit, salt) }
        // Bits without a rule are set too, so that a row which restricts nothing is all ones.
        for bit in residuals.count..<(width * 64) {
            for row in 0...levels { set(row, bit) }
        }
        literals.sort(by: before)
    }

    static func tokens(_ text: RuleText, _ at: Int) -> Int {
        if text.bytes[at] == 0 { return 0 }
        var count = 1
        var index = at
        while text.bytes[index] != 0 {
            if text.bytes[index] == Bytes.dot { count += 1 }
            index += 1
        }
        return count
    }

    private mutating func set(_ row: Int, _ bit: Int) {
        rows[row * width + bit / 64] |= 1 << UInt64(bit % 64)
    }

    /// Enters one rule. Behind its last token its bits among the stars are set: they are taken back by the rows
    /// of ends, and rows that are all ones cost nothing.
    private mutating func add(_ residual: Residual, _ bit: Int, _ salt: UInt64) {
        var at = Int(residual.at)
        var end = at
        while text.bytes[end] != 0 { end += 1 }
        var level = 0
        var rest = false
        while at < end {
            if text.bytes[at] == RuleText.rest {
                rest = true
                break
            }
            if text.bytes[at] == RuleText.star {
                set(level, bit)
                at += 2
            } else {
                let token = TokenKey(text.bytes.span.bytes.extracting(at..<end), at: 0, salt: salt)
                let high = token.isLong ? token.high | UInt64(at) : token.high
                literals.append(
                    Literal(
                        slot: TokenTable.Slot(
                            key: UInt64(level) << 32, low: token.low, high: high, extra: 0), bit: bit))
                at += token.end + 1
            }
            level += 1
        }
        for behind in level...levels { set(behind, bit) }
        if rest {
            for behind in level...levels { set(levels + 1 + behind, bit) }
            for length in (level + 1)...(levels + 1) { set(2 * levels + 2 + length, bit) }
        } else {
            set(2 * levels + 2 + level, bit)
        }
    }

    private func before(_ left: Literal, _ right: Literal) -> Bool {
        if left.slot.state != right.slot.state { return left.slot.state < right.slot.state }
        if left.slot.low != right.slot.low { return left.slot.low < right.slot.low }
        let leftHigh = left.slot.high >= TokenKey.longMark ? left.slot.high & ~0xffff_ffff : left.slot.high
        let rightHigh = right.slot.high >= TokenKey.longMark ? right.slot.high & ~0xffff_ffff : right.slot.high
        if leftHigh != rightHigh { return leftHigh < rightHigh }
        if leftHigh >= TokenKey.longMark {
            let order = TokenOrder.compare(text, left.slot.high, right.slot.high)
            if order != 0 { return order < 0 }
        }
        return left.bit < right.bit
    }

    func sameToken(_ left: Int, _ right: Int) -> Bool {
        let one = literals[left].slot
        let other = literals[right].slot
        return one.state == other.state && TokenOrder.same(text, one, other)
    }
}

/// Compares tokens as they stand in entries of a table.
enum TokenOrder {
    /// Below, at or above zero by the bytes of two long tokens of one length.
    static func compare(_ text: RuleText, _ left: UInt64, _ right: UInt64) -> Int {
        let length = Int(left >> 32 & 0xff_ffff)
        let here = Int(left & 0xffff_ffff)
        let there = Int(right & 0xffff_ffff)
        for step in 0..<length where text.bytes[here + step] != text.bytes[there + step] {
            return text.bytes[here + step] < text.bytes[there + step] ? -1 : 1
        }
        return 0
    }

    static func same(_ text: RuleText, _ left: TokenTable.Slot, _ right: TokenTable.Slot) -> Bool {
        if left.low != right.low { return false }
        if left.high < TokenKey.longMark || right.high < TokenKey.longMark { return left.high == right.high }
        return left.high >> 32 == right.high >> 32 && compare(text, left.high, right.high) == 0
    }
}
