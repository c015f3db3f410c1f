/// One entry of a permission list: a pattern, and in lists for subscribing perhaps a queue pattern after one
/// blank (`orders.> workers`).
public struct PermissionEntry: Hashable, Sendable, CustomStringConvertible {
    /// The list that an entry stands in.
    public enum Place: Hashable, Sendable {
        /// A publish list: an entry carries no queue.
        case publish
        /// A subscribe list: an entry may carry a queue.
        case subscribe
    }

    /// What the entry says of subjects.
    public let pattern: SubjectPattern
    /// What it says of queue groups; nothing for a plain entry.
    public let queue: SubjectPattern?

    /// An entry of its parts.
    public init(pattern: SubjectPattern, queue: SubjectPattern? = nil) {
        self.pattern = pattern
        self.queue = queue
    }

    /// Reads an entry.
    ///
    /// - Throws: `SubjectError`; its part says whether the subject or the queue is at fault.
    public init(_ text: String, in place: Place) throws(SubjectError) {
        try self.init(utf8: text.utf8Span.span, in: place)
    }

    /// Reads an entry from UTF-8; see `init(_:in:)`.
    public init(utf8: UnsafeBufferPointer<UInt8>, in place: Place) throws(SubjectError) {
        try self.init(utf8: utf8.span, in: place)
    }

    /// Reads an entry from UTF-8; see `init(_:in:)`.
    public init(utf8: borrowing Span<UInt8>, in place: Place) throws(SubjectError) {
        var blank = 0
        while blank < utf8.count, utf8[blank] != 0x20 { blank &+= 1 }
        if blank == utf8.count {
            pattern = try SubjectPattern(utf8: utf8)
            queue = nil
            return
        }
        pattern = try SubjectPattern(utf8: utf8.extracting(0..<blank))
        if place == .publish { throw SubjectError(.queueNotAllowed, offset: blank, part: .queue) }
        do {
            queue = try SubjectPattern(utf8: utf8.extracting((blank &+ 1)..<utf8.count))
        } catch {
            throw error.inQueue(from: blank &+ 1)
        }
    }

    /// The entry as it stands in a list.
    public var text: String {
        guard let queue else { return pattern.text }
        return "\(pattern.text) \(queue.text)"
    }

    /// The entry as it stands in a list.
    public var description: String { text }
}
