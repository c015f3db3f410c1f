import Subjects

/// One entry of a template, taken apart: literal pieces, and slots that values are put into. Calls that are written
/// alike share a slot.
struct TemplateSubject {
    private enum Piece {
        case literal(Range<Int>)
        case slot(Int)
    }

    private struct Slot {
        let call: Range<Int>
        let values: [[UInt8]]
        let shortest: Int
    }

    private let text: [UInt8]
    private var pieces: [Piece] = []
    private var slots: [Slot] = []
    /// The number of bytes that every expansion has at least.
    private(set) var shortest = 0

    init(_ text: String) { self.text = Array(text.utf8) }

    /// How many different calls there are so far.
    var slotCount: Int { slots.count }

    mutating func append(literal range: Range<Int>) {
        guard !range.isEmpty else { return }
        shortest &+= range.count
        pieces.append(.literal(range))
    }

    /// Adds a call, whose values are asked for unless the same call was there before.
    ///
    /// - Returns: its values, and whether they are new.
    mutating func append(call range: Range<Int>, _ values: () -> [[UInt8]]) -> (values: [[UInt8]], isNew: Bool) {
        let known = slots.firstIndex { text[$0.call] == text[range] }
        if known == nil {
            let values = values()
            slots.append(Slot(call: range, values: values, shortest: values.map(\.count).min() ?? 0))
        }
        let index = known ?? slots.count &- 1
        pieces.append(.slot(index))
        shortest &+= slots[index].shortest
        return (slots[index].values, known == nil)
    }

    /// Makes every combination, the last slot varying fastest, until the body says that it is enough. Bytes beyond the
    /// longest subject are not made.
    func forEachExpansion(_ body: ([UInt8]) -> Bool) {
        var chosen = [Int](repeating: 0, count: slots.count)
        var subject: [UInt8] = []
        while true {
            subject.removeAll(keepingCapacity: true)
            for piece in pieces where subject.count <= SubjectLimits.length {
                switch piece {
                case .literal(let range): subject.append(contentsOf: text[range])
                case .slot(let slot): subject.append(contentsOf: slots[slot].values[chosen[slot]])
                }
            }
            guard body(subject) else { return }
            var turned = slots.count &- 1
            while turned >= 0 {
                chosen[turned] &+= 1
                if chosen[turned] < slots[turned].values.count { break }
                chosen[turned] = 0
                turned &-= 1
            }
            if turned < 0 { return }
        }
    }
}

/// What a value may be that is put into a template (C-template-value).
enum TemplateValueRule {
    /// Whether a value leaves the shape of a subject as it is: one literal token (or several, joined by dots), without
    /// a wildcard character anywhere, blank or control character, and without the marks of a call, which another
    /// reader could expand a second time. The value is valid UTF-8.
    static func admits(_ value: borrowing Span<UInt8>, _ form: Policy.TemplateValues) -> Bool {
        let dot = UInt8(ascii: ".")
        // Before the first byte stands the start of a token, as after a dot.
        var previous = dot
        for index in 0..<value.count {
            let byte = value[index]
            switch byte {
            case 0...0x20, 0x7f, UInt8(ascii: "*"), UInt8(ascii: ">"): return false
            case UInt8(ascii: "{") where previous == byte: return false
            case dot where form == .oneToken || previous == dot: return false
            // U+0080 to U+009F, the control characters beyond ASCII.
            case 0x80...0x9f where previous == 0xc2: return false
            default: break
            }
            previous = byte
        }
        return previous != dot
    }
}

/// The entries that a list expands to, in order. Where a template made them, each once.
struct ExpandedEntries {
    private(set) var entries: [PermissionEntry] = []
    /// The index in the written list of each entry; nil where they are the same ones.
    private(set) var written: [UInt32]?
    private var seen: Set<PermissionEntry>?

    init(isTemplate: Bool) {
        seen = isTemplate ? [] : nil
        written = isTemplate ? [] : nil
    }

    mutating func append(_ entry: PermissionEntry, from index: Int) {
        guard seen?.insert(entry).inserted ?? true else { return }
        entries.append(entry)
        written?.append(UInt32(truncatingIfNeeded: index))
    }
}
