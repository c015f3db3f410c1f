/// The memory of an `InterestTrie`: blocks of words in one array, named by the place of their first word.
///
/// Sizes are rounded to four steps a doubling. A block that is freed is used again for one of its size; the trie
/// moves everything together once most of the array is free.
struct InterestArena: Sendable {
    /// No block.
    static let none: UInt32 = .max
    /// Words behind the last block, so that eight bytes may be read from any byte of a block.
    private static let slack = 2

    /// All blocks, free ones too.
    private(set) var words: [UInt64] = []
    /// The first free block of each size; each names the next in its second word.
    private var free: [UInt32] = []
    /// The words of free blocks.
    private(set) var freeWords = 0

    /// The words that all blocks take.
    var blockWords: Int { max(0, words.count &- Self.slack) }

    /// Whether so much is free that moving the rest together pays for itself.
    var isSparse: Bool { words.count > 1024 && freeWords &* 2 > words.count }

    /// A block of at least `count` words, whose first word says nothing but its size.
    mutating func allocate(_ count: Int) -> UInt32 {
        let size = Self.size(holding: count)
        if size < free.count, free[size] != Self.none {
            let block = free[size]
            free[size] = UInt32(truncatingIfNeeded: words[Int(block) &+ 1])
            freeWords &-= Self.words(ofSize: size)
            words[Int(block)] = InterestBlock.first(.bucket, size: size, body: 0)
            return block
        }
        let place = blockWords
        let added = place &+ Self.words(ofSize: size) &+ Self.slack &- words.count
        words.append(contentsOf: repeatElement(0, count: added))
        words[place] = InterestBlock.first(.bucket, size: size, body: 0)
        return UInt32(truncatingIfNeeded: place)
    }

    /// Gives a block back.
    mutating func release(_ block: UInt32) {
        let size = size(of: block)
        while free.count <= size { free.append(Self.none) }
        words[Int(block)] = InterestBlock.first(.free, size: size, body: 0)
        words[Int(block) &+ 1] = UInt64(free[size])
        free[size] = block
        freeWords &+= Self.words(ofSize: size)
    }

    /// The words that a block takes.
    func capacity(of block: UInt32) -> Int { Self.words(ofSize: size(of: block)) }

    /// Copies words within the array; the two stretches may overlap.
    mutating func copy(from source: Int, to target: Int, count: Int) {
        if target <= source {
            for step in 0..<count { words[target &+ step] = words[source &+ step] }
        } else {
            for step in (0..<count).reversed() { words[target &+ step] = words[source &+ step] }
        }
    }

    /// Copies one block of another arena into a new block of its size.
    mutating func take(_ block: UInt32, from other: InterestArena) -> UInt32 {
        let count = other.capacity(of: block)
        let new = allocate(count)
        for step in 0..<count { words[Int(new) &+ step] = other.words[Int(block) &+ step] }
        return new
    }

    /// Every block in order, free ones too.
    func forEach(_ body: (UInt32) -> Void) {
        var place = 0
        while place < blockWords {
            let block = UInt32(truncatingIfNeeded: place)
            let count = capacity(of: block)
            body(block)
            place &+= count
        }
    }

    /// One word.
    subscript(_ place: Int) -> UInt64 {
        @inline(__always) get { words[place] }
        @inline(__always) set { words[place] = newValue }
    }

    /// The lower half of a word.
    @inline(__always)
    func low(_ place: Int) -> UInt32 { UInt32(truncatingIfNeeded: words[place]) }

    /// The upper half of a word.
    @inline(__always)
    func high(_ place: Int) -> UInt32 { UInt32(truncatingIfNeeded: words[place] &>> 32) }

    /// Sets the lower half of a word.
    @inline(__always)
    mutating func setLow(_ place: Int, _ value: UInt32) {
        words[place] = words[place] & 0xffff_ffff_0000_0000 | UInt64(value)
    }

    /// Sets the upper half of a word.
    @inline(__always)
    mutating func setHigh(_ place: Int, _ value: UInt32) {
        words[place] = words[place] & 0xffff_ffff | UInt64(value) &<< 32
    }

    private func size(of block: UInt32) -> Int { InterestBlock.size(words[Int(block)]) }

    /// 8, 10, 12, 14, 16, 20, 24, 28, 32, ...
    private static func words(ofSize size: Int) -> Int {
        let base = 8 &<< (size &>> 2)
        return base &+ (size & 3) &* (base &>> 2)
    }

    /// The least size that holds `count` words.
    private static func size(holding count: Int) -> Int {
        if count <= 8 { return 0 }
        let last = count &- 1
        let power = Int.bitWidth &- 1 &- last.leadingZeroBitCount
        return (power &- 3) &* 4 &+ (last &>> (power &- 2)) & 3 &+ 1
    }
}
