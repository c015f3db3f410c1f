/// The name of a queue group. It matches the queue part of permission entries token by token, as subjects
/// match patterns; a `*` or `>` in a name is an ordinary word.
public struct QueueName: Hashable, Sendable, CustomStringConvertible {
    let bytes: [UInt8]

    /// Reads a queue name.
    ///
    /// - Throws: `SubjectError` with `part` `.queue`: empty token, blank, control character, not UTF-8, too long.
    public init(_ text: String) throws(SubjectError) {
        try self.init(utf8: text.utf8Span.span)
    }

    /// Reads a queue name from UTF-8; see `init(_:)`.
    public init(utf8: UnsafeBufferPointer<UInt8>) throws(SubjectError) {
        try self.init(utf8: utf8.span)
    }

    /// Reads a queue name from UTF-8; see `init(_:)`.
    public init(utf8: borrowing Span<UInt8>) throws(SubjectError) {
        do {
            _ = try SubjectScan(utf8, wildcards: .literal)
        } catch {
            throw error.inQueue(from: 0)
        }
        bytes = Bytes.copy(utf8)
    }

    /// The name as text.
    public var text: String { Bytes.text(bytes) }

    /// The name as text.
    public var description: String { text }

    /// Calls `body` with the bytes of the name; they are valid for the call only.
    public func withUTF8<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withUnsafeBufferPointer(body)
    }

    /// Whether the bytes are the same.
    public static func == (left: QueueName, right: QueueName) -> Bool { left.bytes == right.bytes }

    /// Feeds the bytes to `hasher`.
    public func hash(into hasher: inout Hasher) { Bytes.hash(bytes, into: &hasher) }
}
