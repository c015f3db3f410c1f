/// Randomness of a seed that is printed, so that a failure can be had again.
struct AnnouncedRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// Of a new seed, or of that in a failure's output, put here.
    static func announced(_ name: String, seed: UInt64 = .random(in: 0...UInt64.max)) -> AnnouncedRandom {
        print("\(name): seed \(seed)")
        return AnnouncedRandom(seed: seed)
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
