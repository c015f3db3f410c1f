/// A literal subject: what a message is published on. It holds no wildcard.
///
/// Two subjects are equal when their bytes are; Unicode normalisation plays no part.
public struct Subject: Hashable, Sendable, CustomStringConvertible {
    let bytes: [UInt8]
    /// The number of tokens, at least 1.
    public let tokenCount: Int

    /// Reads a literal subject.
    ///
    /// - Throws: `SubjectError`, also where a token is `*` or `>`. A token such as `*x` is a literal.
    /// - Complexity: one pass, one allocation.
    public init(_ text: String) throws(SubjectError) {
        try self.init(utf8: text.utf8Span.span)
    }

    /// Reads a literal subject from UTF-8; see `init(_:)`.
    public init(utf8: UnsafeBufferPointer<UInt8>) throws(SubjectError) {
        try self.init(utf8: utf8.span)
    }

    /// Reads a literal subject from UTF-8; see `init(_:)`.
    public init(utf8: borrowing Span<UInt8>) throws(SubjectError) {
        tokenCount = try SubjectScan(utf8, wildcards: .refused).tokenCount
        bytes = Bytes.copy(utf8)
    }

    /// Only for bytes that a caller of this module made from valid parts.
    init(validated bytes: [UInt8], tokenCount: Int) {
        self.bytes = bytes
        self.tokenCount = tokenCount
    }

    /// The subject as text.
    public var text: String { Bytes.text(bytes) }

    /// The subject as text.
    public var description: String { text }

    /// Calls `body` with the bytes of the subject; they are valid for the call only.
    public func withUTF8<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withUnsafeBufferPointer(body)
    }

    /// The token at `index`, counted from 0; nothing when there are fewer.
    public func token(at index: Int) -> String? { Bytes.token(bytes, at: index) }

    /// The pattern that means this subject and no other.
    public var pattern: SubjectPattern { SubjectPattern(self) }

    /// Whether the bytes are the same.
    public static func == (left: Subject, right: Subject) -> Bool { left.bytes == right.bytes }

    /// Feeds the bytes to `hasher`.
    public func hash(into hasher: inout Hasher) { Bytes.hash(bytes, into: &hasher) }
}
