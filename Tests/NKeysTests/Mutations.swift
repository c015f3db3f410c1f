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

    /// The bytes with up to four changes: one overwritten, put in, taken out, a piece copied, or the end cut.
    mutating func changed(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0..<4, using: &self) {
            let offset = Int.random(in: 0...bytes.count, using: &self)
            switch Int.random(in: 0..<6, using: &self) {
            case 0 where offset < bytes.count: bytes[offset] = byte()
            case 1 where offset < bytes.count: bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 2: bytes.insert(byte(), at: offset)
            case 3 where offset < bytes.count: bytes.remove(at: offset)
            case 4:
                let end = Int.random(in: offset...bytes.count, using: &self)
                bytes.insert(contentsOf: bytes[offset..<end], at: Int.random(in: 0...bytes.count, using: &self))
            case 5 where offset > 0: bytes.removeLast(Int.random(in: 0...min(8, bytes.count), using: &self))
            default: bytes.append(byte())
            }
        }
        return bytes
    }

    /// Any byte, but more often one that means something in a key or a creds file.
    private mutating func byte() -> UInt8 {
        let telling = Array("ABSUX27-=._\r\n ".utf8)
        return Bool.random(using: &self)
            ? telling[Int.random(in: 0..<telling.count, using: &self)] : UInt8.random(in: 0...255, using: &self)
    }
}
