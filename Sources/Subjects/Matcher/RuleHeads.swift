/// The rules of a state, sorted by what stands first in them.
struct RuleHeads {
    /// A rule that starts with a literal token.
    struct Literal {
        /// The token, as in `TokenKey`; a long one with the offset of its bytes.
        var low: UInt64
        var high: UInt64
        /// What follows the token.
        var rest: Residual
    }

    private(set) var literals: [Literal] = []
    /// What follows a `*`.
    private(set) var stars: [Residual] = []
    /// The verdict when no token is left.
    let accept: UInt32
    /// The verdict when `>` is what is left of the query.
    let rest: UInt32
    /// Whether everything below is denied.
    let deniesRest: Bool
    /// The verdict below where no rule matches.
    let below: UInt32

    init(_ set: [Residual], text: RuleText, salt: UInt64, standard: UInt32) {
        var acceptAllow: UInt32 = 0
        var acceptDeny: UInt32 = 0
        var restAllow = standard
        var restDeny: UInt32 = 0
        let bytes = text.bytes.span
        for one in set {
            switch bytes[Int(one.at)] {
            case 0: if one.isDeny { acceptDeny = one.verdict } else { acceptAllow = one.verdict }
            case RuleText.rest:
                if one.isDeny { restDeny = one.verdict } else if restAllow == 0 { restAllow = one.verdict }
            default: break
            }
        }
        accept = acceptDeny != 0 ? acceptDeny : standard != 0 ? standard : acceptAllow
        deniesRest = restDeny != 0
        rest = deniesRest ? restDeny : restAllow
        below = restAllow
        if deniesRest { return }
        literals.reserveCapacity(set.count)
        for one in set where restAllow == 0 || one.isDeny {
            let byte = bytes[Int(one.at)]
            if byte == 0 || byte == RuleText.rest { continue }
            if byte == RuleText.star {
                stars.append(Self.behind(one, Int(one.at) &+ 1, bytes))
            } else {
                let token = Self.token(bytes, Int(one.at), salt)
                let high = token.isLong ? token.high | UInt64(one.at) : token.high
                literals.append(Literal(low: token.low, high: high, rest: Self.behind(one, token.end, bytes)))
            }
        }
    }

    /// The token at `at`, which ends at a dot or at the rule's zero.
    private static func token(_ bytes: borrowing Span<UInt8>, _ at: Int, _ salt: UInt64) -> TokenKey {
        var end = at
        while bytes[end] != 0, bytes[end] != Bytes.dot { end &+= 1 }
        return TokenKey(bytes.bytes.extracting(0..<end), at: at, salt: salt)
    }

    private static func behind(_ rule: Residual, _ end: Int, _ bytes: borrowing Span<UInt8>) -> Residual {
        let at = bytes[end] == 0 ? end : end &+ 1
        return Residual(at: UInt32(truncatingIfNeeded: at), verdict: rule.verdict)
    }

    /// Sorts the literals so that those with the same token stand together, and says where they do.
    mutating func groups(_ text: RuleText) -> [Range<Int>] {
        if literals.count > 1 { literals.sort { Self.before($0, $1, text) } }
        var result: [Range<Int>] = []
        var from = 0
        while from < literals.count {
            var to = from &+ 1
            while to < literals.count, Self.same(literals[from], literals[to], text) { to &+= 1 }
            result.append(from..<to)
            from = to
        }
        return result
    }

    private static func before(_ left: Literal, _ right: Literal, _ text: RuleText) -> Bool {
        if left.low != right.low { return left.low < right.low }
        if left.high < TokenKey.longMark || right.high < TokenKey.longMark { return left.high < right.high }
        if left.high >> 32 != right.high >> 32 { return left.high < right.high }
        return TokenOrder.compare(text, left.high, right.high) < 0
    }

    private static func same(_ left: Literal, _ right: Literal, _ text: RuleText) -> Bool {
        if left.low != right.low { return false }
        if left.high < TokenKey.longMark || right.high < TokenKey.longMark { return left.high == right.high }
        return left.high >> 32 == right.high >> 32 && TokenOrder.compare(text, left.high, right.high) == 0
    }
}
