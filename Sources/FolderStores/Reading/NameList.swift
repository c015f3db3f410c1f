import Glibc

/// Names in one block of bytes, each followed by a zero so that it can be given to the system as it is.
///
/// A store has hundreds of thousands of names; a string each would cost more than to read the files.
struct NameList: Sendable {
    private var bytes: [UInt8] = []
    private var spans: [Span] = []

    private struct Span {
        var start: Int
        var count: Int
        var kind: EntryKind
    }

    var count: Int { spans.count }

    mutating func append(_ name: UnsafeBufferPointer<UInt8>, kind: EntryKind) {
        spans.append(Span(start: bytes.count, count: name.count, kind: kind))
        bytes.append(contentsOf: name)
        bytes.append(0)
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        spans.removeAll(keepingCapacity: true)
    }

    /// Puts the names in the order of their bytes.
    mutating func sort() {
        guard spans.count > 1 else { return }
        bytes.withUnsafeBytes { bytes in
            spans.sort { left, right in
                guard let start = bytes.baseAddress else { return false }
                let order = memcmp(start + left.start, start + right.start, min(left.count, right.count))
                return order == 0 ? left.count < right.count : order < 0
            }
        }
    }

    func kind(at index: Int) -> EntryKind {
        spans[index].kind
    }

    /// The name at an index, and a zero behind it.
    func withName<R, E: Error>(
        at index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws(E) -> R
    ) throws(E) -> R {
        let span = spans[index]
        return try bytes.withUnsafeBufferPointer { (bytes) throws(E) -> R in
            try body(UnsafeBufferPointer(rebasing: bytes[span.start..<span.start + span.count]))
        }
    }

    /// The name at an index, without its last bytes, as text.
    func text(at index: Int, droppingLast suffix: Int = 0) -> String {
        withName(at: index) { String(decoding: $0.dropLast(suffix), as: UTF8.self) }
    }
}
