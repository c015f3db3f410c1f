/// What a matcher says, in one word: nothing, an allowing rule or a denying one.
struct RuleVerdict: Equatable, Sendable {
    private static let denyBit: UInt32 = 0x8000_0000
    /// Allowed although no rule says so, as there is no list of allowing rules.
    static let byDefault = RuleVerdict(raw: 0x1fff_ffff)
    /// Allowed as a reply, by no rule of a list.
    static let byReply = RuleVerdict(raw: 0x1fff_fffe)
    static let none = RuleVerdict(raw: 0)

    let raw: UInt32

    init(raw: UInt32) { self.raw = raw }

    static func allow(_ index: Int) -> RuleVerdict { RuleVerdict(raw: UInt32(truncatingIfNeeded: index &+ 1)) }
    static func deny(_ index: Int) -> RuleVerdict {
        RuleVerdict(raw: UInt32(truncatingIfNeeded: index &+ 1) | denyBit)
    }

    var isDeny: Bool { raw & Self.denyBit != 0 }
    var isNone: Bool { raw == 0 }
    /// The place in its list; meaningless for none and by default.
    var index: Int { Int(raw & ~Self.denyBit) &- 1 }
}

/// What is left of a rule: its text from `at`, and what it says when it matches.
struct Residual: Sendable {
    var at: UInt32
    var verdict: UInt32

    var isDeny: Bool { RuleVerdict(raw: verdict).isDeny }
}
