/// Says which decisions are written down.
struct DecisionSampler {
    private var allowed = 0
    private var second: UInt64 = 0
    private var refused = 0

    /// Whether an allowed operation is the one of so many that is written down.
    @inline(__always)
    mutating func takesAllowed(_ settings: DecisionLogSettings) -> Bool {
        if settings.sampledEvery == 0 { return false }
        allowed &+= 1
        guard allowed >= settings.sampledEvery else { return false }
        allowed = 0
        return true
    }

    /// Whether a refusal is written down: so many a second.
    mutating func takesRefused(_ settings: DecisionLogSettings, at now: UInt64) -> Bool {
        let current = now / 1_000_000_000
        if current != second { (second, refused) = (current, 0) }
        refused &+= 1
        return refused <= settings.refusalsPerSecond
    }
}
