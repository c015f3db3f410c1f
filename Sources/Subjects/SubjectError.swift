/// Why a text is no subject, pattern, queue name or permission entry. It names the token and the place.
public struct SubjectError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
        /// The text is empty.
        case empty
        /// A token is empty: a dot at the start or end, or two together.
        case emptyToken
        /// A blank stands in the text.
        case whitespace
        /// A control character (Unicode category Cc) stands in the text; tab and line breaks are among them.
        case controlCharacter
        /// The bytes are not UTF-8.
        case invalidUTF8
        /// The token `>` is not the last one.
        case restNotLast
        /// The token `*` or `>` stands where a literal subject is asked for.
        case wildcardInLiteral
        /// More bytes than `SubjectLimits.length`.
        case tooLong
        /// More tokens than `SubjectLimits.depth`.
        case tooDeep
        /// A queue stands in an entry of a list that takes none.
        case queueNotAllowed
    }

    /// Which part of an entry the fault is in.
    public enum Part: Hashable, Sendable {
        /// The subject or pattern.
        case subject
        /// The queue name or queue pattern.
        case queue
    }

    /// What is wrong.
    public let reason: Reason
    /// The token at fault, the first is 0.
    public let token: Int
    /// The offset in bytes of the fault, from the start of the text.
    public let offset: Int
    /// The part at fault.
    public let part: Part

    init(_ reason: Reason, token: Int = 0, offset: Int = 0, part: Part = .subject) {
        self.reason = reason
        self.token = token
        self.offset = offset
        self.part = part
    }

    func inQueue(from start: Int) -> SubjectError {
        SubjectError(reason, token: token, offset: offset &+ start, part: .queue)
    }

    /// The fault in one lower-case line; tokens are counted from 1 in it.
    public var description: String {
        let noun = part == .subject ? "subject" : "queue"
        let place = "\(noun) token \(token &+ 1)"
        return switch reason {
        case .empty: "\(noun) is empty"
        case .emptyToken: "\(place) is empty"
        case .whitespace: "\(place) holds a blank at byte \(offset)"
        case .controlCharacter: "\(place) holds a control character at byte \(offset)"
        case .invalidUTF8: "\(place) is not valid utf-8 at byte \(offset)"
        case .restNotLast: "\(place) is `>` and not the last"
        case .wildcardInLiteral: "\(place) is a wildcard where a literal is needed"
        case .tooLong: "\(noun) is longer than \(SubjectLimits.length) bytes"
        case .tooDeep: "\(noun) has more than \(SubjectLimits.depth) tokens"
        case .queueNotAllowed: "a queue is not allowed here"
        }
    }
}
