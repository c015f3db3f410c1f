/// Lays the parts of a matcher out in one allocation, and turns places in the parts into places in it.
struct MatcherImage {
    private let nodes: Int
    private let forks: Int
    /// Where records and blocks begin, in bytes.
    private let start: Int
    private let blocks: RuleBlocks
    /// The records of edges, each followed by its block, and the blocks that no edge leads to.
    private var body: [UInt64] = []

    private init(nodes nodeCount: Int, forks forkCount: Int, edges edgeCount: Int, blocks: RuleBlocks) {
        nodes = (MemoryLayout<Matcher.Header>.size + 7) / 8 * 8
        forks = (nodes + nodeCount * MemoryLayout<Matcher.Node>.stride + 7) / 8 * 8
        start = forks + forkCount * 8
        self.blocks = blocks
        body.reserveCapacity(edgeCount * 3 + blocks.words.count)
    }

    static func make(
        root: UInt32, nodes: [Matcher.Node], blocks: RuleBlocks, forks: [UInt64], edges: consuming [TokenTable.Slot],
        bits: [BitMatcher], text: RuleText, salt: UInt64, seed: TokenTable.Seed?
    ) -> Matcher {
        var layout = MatcherImage(nodes: nodes.count, forks: forks.count, edges: edges.count, blocks: blocks)
        let root = layout.placed(root)
        let nodes = nodes.map { layout.placed($0) }
        let forks = forks.map { layout.placed(fork: $0) }
        // Bitmaps keep places in the text of the rules; edges only need the bytes of long tokens.
        let words = bits.isEmpty ? longTokens(&edges, text) : text.bytes
        let bytesAt = layout.start + (layout.body.count + blocksOfEdges(layout, edges)) * 8
        let places = edges.indices.map { layout.append(&edges[$0], bytes: bytesAt) }
        let index = EdgeIndex(edges, places: places, seed: seed)
        let end = bytesAt + (words.count + 7) / 8 * 8
        let size = (end + 64) / 8 + index.entries.count
        let image = [UInt64](unsafeUninitializedCapacity: size) { buffer, count in
            buffer.initialize(repeating: 0)
            count = size
            let raw = UnsafeMutableRawBufferPointer(buffer)
            func put(_ part: UnsafeRawBufferPointer, _ place: Int) {
                UnsafeMutableRawBufferPointer(rebasing: raw[place...]).copyMemory(from: part)
            }
            let entries = end + (64 - (Int(bitPattern: raw.baseAddress) + end) & 63) & 63
            nodes.withUnsafeBytes { put($0, layout.nodes) }
            forks.withUnsafeBytes { put($0, layout.forks) }
            layout.body.withUnsafeBytes { put($0, layout.start) }
            words.withUnsafeBytes { put($0, bytesAt) }
            index.entries.withUnsafeBytes { put($0, entries) }
            let header = Matcher.Header(
                seed: index.seed, salt: salt, root: root, indexMask: UInt32(index.entries.count - 1),
                index: UInt32(truncatingIfNeeded: entries), text: UInt32(truncatingIfNeeded: bytesAt))
            raw.storeBytes(of: header, as: Matcher.Header.self)
        }
        var forms: Matcher.Forms = []
        if !forks.isEmpty { forms.insert(.fork) }
        if !bits.isEmpty { forms.insert(.bits) }
        return Matcher(image: image, bits: bits, forms: forms)
    }

    /// The words that the edges' records and blocks will take.
    private static func blocksOfEdges(_ layout: MatcherImage, _ edges: [TokenTable.Slot]) -> Int {
        edges.reduce(0) { sum, edge in
            let block =
                edge.next >> 29 == Matcher.Kind.list ? layout.blocks.size(Int(edge.next & Matcher.payloadMask)) : 0
            return sum + 3 + block
        }
    }

    /// The bytes of the edges' tokens that are too long for a record; their places become places in them.
    private static func longTokens(_ edges: inout [TokenTable.Slot], _ text: RuleText) -> [UInt8] {
        var bytes: [UInt8] = []
        for index in edges.indices where edges[index].high >= TokenKey.longMark {
            let start = Int(edges[index].high & 0xffff_ffff)
            let length = Int(edges[index].high >> 32 & 0xff_ffff)
            edges[index].high = edges[index].high & ~0xffff_ffff | UInt64(bytes.count)
            bytes.append(contentsOf: text.bytes[start..<(start + length)])
        }
        return bytes
    }

    /// The place of what is added next, in words.
    private var next: Int { start / 8 + body.count }

    private mutating func placed(_ word: UInt32) -> UInt32 {
        let payload = Int(word & Matcher.payloadMask)
        let kind = word >> 29
        switch kind {
        case Matcher.Kind.edges, Matcher.Kind.skip: return Matcher.Kind.word(kind, nodes / 4 + payload * 3)
        case Matcher.Kind.fork: return Matcher.Kind.word(kind, forks / 8 + payload)
        case Matcher.Kind.list:
            let place = next
            blocks.copy(payload, to: &body)
            return Matcher.Kind.word(kind, place)
        default: return word
        }
    }

    private mutating func placed(_ node: Matcher.Node) -> Matcher.Node {
        var node = node
        node.other = placed(node.other)
        return node
    }

    private mutating func placed(fork: UInt64) -> UInt64 {
        UInt64(placed(UInt32(truncatingIfNeeded: fork >> 32))) << 32
            | UInt64(placed(UInt32(truncatingIfNeeded: fork)))
    }

    /// Adds the record of an edge, with its block if it leads to one, and says where it stands, in words.
    private mutating func append(_ edge: inout TokenTable.Slot, bytes: Int) -> UInt32 {
        let place = next
        if edge.high >= TokenKey.longMark { edge.high += UInt64(bytes) }
        edge.key = (UInt64(nodes / 4) + UInt64(edge.state) * 3) << 32 | UInt64(edge.next)
        body.append(edge.key)
        body.append(edge.low)
        body.append(edge.high)
        var word = placed(edge.next)
        if word >> 29 == Matcher.Kind.list { word = Matcher.Kind.behind }
        body[place - start / 8] = edge.key & ~0xffff_ffff | UInt64(word)
        return UInt32(truncatingIfNeeded: place)
    }
}
