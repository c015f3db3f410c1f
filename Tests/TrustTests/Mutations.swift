/// Inputs near to good ones, the same in every run.
struct Mutations: RandomNumberGenerator {
    private var state: UInt64

    /// Begins a sequence that depends on this number alone.
    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    /// Texts that mean something to a reader of JSON or of claims.
    private static let fragments: [[UInt8]] =
        [
            "\"", "\\", "{", "}", "[", "]", ",", ":", "-", ".", "e", "E+1", "0", "-0", "1.0", "00", " ", "\n", "\u{1}",
            "\\u0061", "\\u0000", "\\ud83d", "\\ude00", "\\ud83d\\ude00", "\\n", "\\x", "\\/", "\\\"", "null", "true",
            "false", "tru", "{}", "[]", "{\"a\":1}", "\"a\":1,", ",\"a\":1", "\"sub\":", "\"Sub\":", "\"\u{17F}ub\":",
            "\"\\u017fub\":", "\"\u{212A}ind\":", "\u{FEFF}", "\u{E9}", "\u{1F600}", "9223372036854775807",
            "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "1e999999999", ">", "*", "a.*",
            "a.>",
            "{{name()}}", "$1", "10.0.0.0/8", "::/0", "00:00:00",
        ].map { Array($0.utf8) } + [
            [0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff], [0x00],
        ]

    /// The bytes with up to four changes: one overwritten, a fragment put in, some taken out, a piece copied, the end
    /// cut.
    mutating func changed(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0..<4, using: &self) {
            let offset = Int.random(in: 0...bytes.count, using: &self)
            let length = min(bytes.count - offset, Int.random(in: 1...24, using: &self))
            switch Int.random(in: 0..<8, using: &self) {
            case 0 where offset < bytes.count: bytes[offset] = UInt8.random(in: 0...255, using: &self)
            case 1 where offset < bytes.count: bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 2, 3: bytes.insert(contentsOf: fragment(), at: offset)
            case 4: bytes.replaceSubrange(offset..<offset + min(1, length), with: fragment())
            case 5: bytes.removeSubrange(offset..<offset + length)
            case 6:
                let target = Int.random(in: 0...bytes.count, using: &self)
                bytes.insert(contentsOf: Array(bytes[offset..<offset + length]), at: target)
            case 7 where Int.random(in: 0..<8, using: &self) == 0: bytes.removeLast(length)
            default: bytes.insert(contentsOf: fragment(), at: offset)
            }
        }
        return bytes
    }

    private mutating func fragment() -> [UInt8] {
        Self.fragments[Int.random(in: 0..<Self.fragments.count, using: &self)]
    }
}
