/// Lays the parts of a matcher out in one allocation, and turns places in the parts into places in it.
struct MatcherImage {
    private let nodes: Int
    private let lists: Int
    private let forks: Int
    private let text: Int
    private let end: Int

    private init(nodes nodeCount: Int, lists listCount: Int, forks forkCount: Int, text textCount: Int) {
        nodes = (MemoryLayout<Matcher.Header>.size + 7) / 8 * 8
        lists = nodes + nodeCount * MemoryLayout<Matcher.Node>.stride
        forks = lists + listCount * 8
        text = forks + forkCount * 8
        end = text + (textCount + 7) / 8 * 8
    }

    static func make(
        root: UInt32, nodes: [Matcher.Node], lists: [UInt64], forks: [UInt64], edges: [TokenTable.Slot],
        bits: [BitMatcher], text: RuleText, salt: UInt64, seed: TokenTable.Seed?
    ) -> Matcher {
        let layout = MatcherImage(
            nodes: nodes.count, lists: lists.count, forks: forks.count, text: text.bytes.count)
        let table = TokenTable(edges.map(layout.placed), seed: seed)
        var header = Matcher.Header(
            seed: table.seed, salt: salt, root: layout.placed(root),
            slotCount: UInt32(truncatingIfNeeded: table.slots.count),
            slots: 0, text: UInt32(truncatingIfNeeded: layout.text))
        let size = (layout.end + 64 + table.byteCount) / 8
        let image = [UInt64](unsafeUninitializedCapacity: size) { buffer, count in
            buffer.initialize(repeating: 0)
            count = size
            let raw = UnsafeMutableRawBufferPointer(buffer)
            func put(_ part: UnsafeRawBufferPointer, _ place: Int) {
                UnsafeMutableRawBufferPointer(rebasing: raw[place...]).copyMemory(from: part)
            }
            let slots = layout.end + (64 - (Int(bitPattern: raw.baseAddress) + layout.end) & 63) & 63
            header.slots = UInt32(truncatingIfNeeded: slots)
            nodes.map(layout.placed).withUnsafeBytes { put($0, layout.nodes) }
            layout.placed(lists).withUnsafeBytes { put($0, layout.lists) }
            forks.map(layout.placed(fork:)).withUnsafeBytes { put($0, layout.forks) }
            text.bytes.withUnsafeBytes { put($0, layout.text) }
            table.slots.withUnsafeBytes { put($0, slots) }
            raw.storeBytes(of: header, as: Matcher.Header.self)
        }
        var forms: Set<Matcher.Form> = []
        if !forks.isEmpty { forms.insert(.fork) }
        if !bits.isEmpty { forms.insert(.bits) }
        return Matcher(image: image, bits: bits, forms: forms)
    }

    private func placed(_ word: UInt32) -> UInt32 {
        let payload = Int(word & Matcher.payloadMask)
        let kind = word >> 29
        return switch kind {
        case Matcher.Kind.edges, Matcher.Kind.skip: Matcher.Kind.word(kind, nodes / 8 + payload * 2)
        case Matcher.Kind.list: Matcher.Kind.word(kind, lists / 8 + payload)
        case Matcher.Kind.fork: Matcher.Kind.word(kind, forks / 8 + payload)
        default: word
        }
    }

    private func placed(_ node: Matcher.Node) -> Matcher.Node {
        var node = node
        node.other = placed(node.other)
        return node
    }

    private func placed(fork: UInt64) -> UInt64 {
        UInt64(placed(UInt32(truncatingIfNeeded: fork >> 32))) << 32
            | UInt64(placed(UInt32(truncatingIfNeeded: fork)))
    }

    private func placed(_ edge: TokenTable.Slot) -> TokenTable.Slot {
        var edge = edge
        let state = UInt64(nodes / 8) + UInt64(edge.state) * 2
        if edge.next >> 29 == Matcher.Kind.single { edge.extra += UInt64(text) }
        if edge.high >= TokenKey.longMark { edge.high += UInt64(text) }
        edge.key = state << 32 | UInt64(placed(edge.next))
        return edge
    }

    /// A list's first word says how many rules follow; theirs hold places in the text.
    private func placed(_ lists: [UInt64]) -> [UInt64] {
        var lists = lists
        var left = 0
        for index in lists.indices {
            if left == 0 {
                left = Int(truncatingIfNeeded: lists[index] & 0xffff_ffff)
            } else {
                lists[index] += UInt64(text)
                left -= 1
            }
        }
        return lists
    }
}
