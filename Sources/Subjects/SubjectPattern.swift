/// A subject that may hold wildcards: `*` stands for one token, `>` as the last for one or more.
///
/// A pattern means a set of literal subjects, and every operation here is the operation on those sets; so
/// `a.*` does not contain `a.>`. A token such as `*x` is a literal.
///
/// ```swift
/// let wide = try SubjectPattern("orders.*.created")
/// wide.contains(try SubjectPattern("orders.eu.created"))  // true
/// ```
public struct SubjectPattern: Hashable, Sendable, CustomStringConvertible {
    @usableFromInline let bytes: [UInt8]
    private let tokens: UInt16
    private let stars: UInt16
    /// Whether the last token is `>`.
    public let endsInRest: Bool

    /// Reads a pattern.
    ///
    /// - Throws: `SubjectError`, naming the token and the reason.
    /// - Complexity: one pass, one allocation.
    public init(_ text: String) throws(SubjectError) {
        try self.init(utf8: text.utf8Span.span)
    }

    /// Reads a pattern from UTF-8; see `init(_:)`.
    public init(utf8: UnsafeBufferPointer<UInt8>) throws(SubjectError) {
        try self.init(utf8: utf8.span)
    }

    /// Reads a pattern from UTF-8; see `init(_:)`.
    public init(utf8: borrowing Span<UInt8>) throws(SubjectError) {
        let scan = try SubjectScan(utf8, wildcards: .allowed)
        self.init(validated: Bytes.copy(utf8), scan)
    }

    /// The pattern that means `subject` and no other.
    public init(_ subject: Subject) {
        bytes = subject.bytes
        tokens = UInt16(truncatingIfNeeded: subject.tokenCount)
        stars = 0
        endsInRest = false
    }

    /// Only for bytes that `scan` was made from. The counts are at most `SubjectLimits.depth`.
    init(validated bytes: [UInt8], _ scan: SubjectScan) {
        self.bytes = bytes
        tokens = UInt16(truncatingIfNeeded: scan.tokenCount)
        stars = UInt16(truncatingIfNeeded: scan.starCount)
        endsInRest = scan.endsInRest
    }

    /// The pattern that means every subject.
    public static let all = SubjectPattern(rest: ())

    private init(rest: Void) {
        bytes = [Bytes.rest]
        tokens = 1
        stars = 0
        endsInRest = true
    }

    /// The number of tokens, wildcards included; at least 1.
    public var tokenCount: Int { Int(tokens) }

    /// The number of wildcard tokens, a final `>` included.
    public var wildcardCount: Int { Int(stars) &+ (endsInRest ? 1 : 0) }

    /// The number of `*` tokens.
    public var starCount: Int { Int(stars) }

    /// Whether the pattern holds no wildcard, and so means one subject.
    public var isLiteral: Bool { stars == 0 && !endsInRest }

    /// The one subject that the pattern means, when it is literal.
    public var subject: Subject? {
        isLiteral ? Subject(validated: bytes, tokenCount: tokenCount) : nil
    }

    /// The pattern as text.
    public var text: String { Bytes.text(bytes) }

    /// The pattern as text.
    public var description: String { text }

    /// Calls `body` with the bytes of the pattern; they are valid for the call only.
    @inlinable
    public func withUTF8<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withUnsafeBufferPointer(body)
    }

    /// The token at `index`, counted from 0; nothing when there are fewer.
    public func token(at index: Int) -> String? { Bytes.token(bytes, at: index) }

    /// Whether the bytes are the same.
    public static func == (left: SubjectPattern, right: SubjectPattern) -> Bool { left.bytes == right.bytes }

    /// Feeds the bytes to `hasher`.
    public func hash(into hasher: inout Hasher) { Bytes.hash(bytes, into: &hasher) }
}
