/// How the blocks of an `InterestTrie` are laid out, in words. Halves are named as lower | upper.
///
/// Every block: parent | form, the two words of its token's key, previous | next sibling, the token's bytes if
/// they are more than a key holds; then the body.
///
/// A bucket's body: number of records | their words, then the records, each the rest of one pattern. A record:
/// words, length (16 bits each) | kind; the payload; the text, ended by a zero byte and filled up with zeros.
///
/// A node's body: child of `*` | first child; patterns below | literal children; two targets, of the pattern that
/// ends here and of the one that ends in `>` here, each as the first two words of a record.
enum InterestBlock {
    /// What a block is.
    enum Form: UInt64 {
        case bucket = 0
        case node = 1
        case free = 2
    }

    /// What a target's payload is.
    enum Kind {
        /// There is no target.
        static let none: UInt64 = 0
        /// The number of the only subscription.
        static let one: UInt64 = 1
        /// The place of an entry.
        static let many: UInt64 = 2
    }

    /// The words before the token's bytes.
    static let header = 4
    /// The words of a node's body.
    static let nodeBody = 6
    /// The words of a bucket's body before its records.
    static let bucketBody = 1
    /// The words of a record before its text.
    static let recordHead = 2

    static func first(_ form: Form, size: Int, body: Int) -> UInt64 {
        UInt64(InterestArena.none) | form.rawValue &<< 32 | UInt64(size) &<< 40 | UInt64(body) &<< 48
    }
    static func size(_ first: UInt64) -> Int { Int(truncatingIfNeeded: first &>> 40 & 0xff) }
    @inline(__always)
    static func isNode(_ first: UInt64) -> Bool { first & 1 &<< 32 != 0 }
    static func isFree(_ first: UInt64) -> Bool { first & 2 &<< 32 != 0 }
    /// Where the body starts, in words from the block's first.
    @inline(__always)
    static func body(_ first: UInt64) -> Int { Int(truncatingIfNeeded: first &>> 48) }

    /// A record's first word, without its kind.
    static func recordHead(length: Int) -> UInt64 {
        UInt64(recordHead &+ textWords(length)) | UInt64(length) &<< 16
    }
    @inline(__always)
    static func recordWords(_ head: UInt64) -> Int { Int(truncatingIfNeeded: head & 0xffff) }
    static func recordLength(_ head: UInt64) -> Int { Int(truncatingIfNeeded: head &>> 16 & 0xffff) }
    @inline(__always)
    static func kind(_ head: UInt64) -> UInt64 { head &>> 32 }

    /// The words of a text of `length` bytes and the zero that ends it.
    static func textWords(_ length: Int) -> Int { length &>> 3 &+ 1 }
}

/// The parts of blocks, by name.
extension InterestArena {
    func body(_ block: UInt32) -> Int { Int(block) &+ InterestBlock.body(words[Int(block)]) }
    func isNode(_ block: UInt32) -> Bool { InterestBlock.isNode(words[Int(block)]) }
    func isFree(_ block: UInt32) -> Bool { InterestBlock.isFree(words[Int(block)]) }

    func parent(_ block: UInt32) -> UInt32 { low(Int(block)) }
    func previous(_ block: UInt32) -> UInt32 { low(Int(block) &+ 3) }
    func next(_ block: UInt32) -> UInt32 { high(Int(block) &+ 3) }
    func isStar(_ block: UInt32) -> Bool {
        self[Int(block) &+ 1] == UInt64(RuleText.star) && self[Int(block) &+ 2] == 1 &<< 56
    }
    mutating func setParent(_ block: UInt32, _ value: UInt32) { setLow(Int(block), value) }
    mutating func setPrevious(_ block: UInt32, _ value: UInt32) { setLow(Int(block) &+ 3, value) }
    mutating func setNext(_ block: UInt32, _ value: UInt32) { setHigh(Int(block) &+ 3, value) }

    func recordCount(_ bucket: UInt32) -> Int { Int(low(body(bucket))) }
    func recordWords(_ bucket: UInt32) -> Int { Int(high(body(bucket))) }
    func firstRecord(_ bucket: UInt32) -> Int { body(bucket) &+ InterestBlock.bucketBody }
    mutating func setRecords(_ bucket: UInt32, count: Int, words: Int) {
        self[body(bucket)] = UInt64(count) | UInt64(words) &<< 32
    }

    func star(_ node: UInt32) -> UInt32 { low(body(node)) }
    func firstChild(_ node: UInt32) -> UInt32 { high(body(node)) }
    func patterns(_ node: UInt32) -> UInt32 { low(body(node) &+ 1) }
    func literals(_ node: UInt32) -> UInt32 { high(body(node) &+ 1) }
    func entry(_ node: UInt32) -> Int { body(node) &+ 2 }
    func rest(_ node: UInt32) -> Int { body(node) &+ 4 }
    mutating func setStar(_ node: UInt32, _ value: UInt32) { setLow(body(node), value) }
    mutating func setFirstChild(_ node: UInt32, _ value: UInt32) { setHigh(body(node), value) }
    mutating func setPatterns(_ node: UInt32, _ value: UInt32) { setLow(body(node) &+ 1, value) }
    mutating func setLiterals(_ node: UInt32, _ value: UInt32) { setHigh(body(node) &+ 1, value) }

    func kind(_ target: Int) -> UInt64 { InterestBlock.kind(self[target]) }
    func payload(_ target: Int) -> UInt64 { self[target &+ 1] }
    mutating func setTarget(_ target: Int, kind: UInt64, payload: UInt64) {
        self[target] = self[target] & 0xffff_ffff | kind &<< 32
        self[target &+ 1] = payload
    }

    /// A block that is a child of nothing yet, in the place of `block` among tokens: with its token and form.
    mutating func allocate(like block: UInt32, _ form: InterestBlock.Form, body count: Int) -> UInt32 {
        let head = InterestBlock.body(self[Int(block)])
        let new = allocate(head &+ count)
        copy(from: Int(block) &+ 1, to: Int(new) &+ 1, count: head &- 1)
        finish(new, form, head: head, parent: parent(block), body: count)
        return new
    }

    /// A block for the token that stands in `text` at `start`.
    mutating func allocate(
        _ form: InterestBlock.Form, parent: UInt32, _ token: TokenKey, _ text: RawSpan, _ start: Int, body count: Int
    ) -> UInt32 {
        let length = token.isLong ? token.end &- start : 0
        let head = InterestBlock.header &+ (length &+ 7) &>> 3
        let new = allocate(head &+ count)
        self[Int(new) &+ 1] = token.low
        self[Int(new) &+ 2] = token.high
        self[Int(new) &+ 3] = UInt64.max
        var step = 0
        while step < length {
            let left = length &- step
            var word = SubjectWords.load(text, start &+ step)
            if left < 8 { word &= (1 &<< UInt64(truncatingIfNeeded: 8 &* left)) &- 1 }
            self[Int(new) &+ InterestBlock.header &+ step &>> 3] = word
            step &+= 8
        }
        finish(new, form, head: head, parent: parent, body: count)
        return new
    }

    private mutating func finish(
        _ block: UInt32, _ form: InterestBlock.Form, head: Int, parent: UInt32, body count: Int
    ) {
        let size = InterestBlock.size(self[Int(block)])
        self[Int(block)] = InterestBlock.first(form, size: size, body: head)
        setParent(block, parent)
        for step in 0..<count { self[Int(block) &+ head &+ step] = 0 }
        if form == .node { self[Int(block) &+ head] = .max }
    }
}
