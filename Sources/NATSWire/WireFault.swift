/// Why bytes are not the protocol, or an operation cannot be written.
public enum WireFault: Error, Hashable, Sendable, CustomStringConvertible {
    case controlLineTooLong(limit: Int)
    case payloadTooLong(bytes: Int, limit: Int)
    case unknownOperation
    /// An operation with too few or too many arguments, or one that cannot be read.
    case arguments(of: String)
    /// The bytes after a payload are not CR LF.
    case payloadEnd
    /// A field to be written that is empty or holds a blank or a control character: it would be read as more than one.
    case field(String)
    /// A header block that cannot be read, at this line, from 1.
    case headers(line: Int)
    /// A text that is not JSON, or not one value, at this byte.
    case json(offset: Int)
    /// A member of a JSON text that is not of the type it should be.
    case member(String)

    /// One line in lower case, with nothing of what was received.
    public var description: String {
        switch self {
        case .controlLineTooLong(let limit): "a control line is longer than \(limit) bytes"
        case .payloadTooLong(let bytes, let limit): "a payload has \(bytes) bytes, and at most \(limit) are taken"
        case .unknownOperation: "an operation is not known"
        case .arguments(let operation): "the arguments of \(operation) cannot be read"
        case .payloadEnd: "a payload does not end where it should"
        case .field(let name): "the \(name) is empty, or holds a blank or a control character"
        case .headers(let line): "the headers cannot be read at line \(line)"
        case .json(let offset): "the JSON text cannot be read at byte \(offset)"
        case .member(let name): "the member `\(name)` is not of its type"
        }
    }
}
