/// Why a destination is no valid transform of its source.
public enum TransformError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The destination, once its references stand for words, is no valid subject or pattern.
    case subject(SubjectError)
    /// A reference or function argument names wildcard `index` (from 1) of a source that has only `count`.
    case wildcardOutOfRange(index: Int, count: Int)
    /// An index below 1.
    case index
    /// A wildcard of the source is used twice where each is used once.
    case duplicate(index: Int)
    /// The destination uses `used` of the source's `count` wildcards where all are needed.
    case unused(used: Int, count: Int)
    /// One of source and destination ends in `>` and the other does not.
    case restMismatch
    /// A `*` stands in the destination of a mapping.
    case starInDestination
    /// No function of that name. `token` counts from 0.
    case unknownFunction(token: Int)
    /// A function has too few or too many arguments, or one that is not of its kind.
    case arguments(token: Int)
    /// A count or size below 1.
    case count(token: Int)
    /// A function that is not allowed here: a strict transform takes references only, and account mappings
    /// take no `left` and `right`.
    case functionNotAllowed(token: Int)

    /// The fault in one lower-case line.
    public var description: String {
        switch self {
        case .subject(let error): "destination: \(error)"
        case .wildcardOutOfRange(let index, let count):
            "destination refers to wildcard \(index) of a source with \(count)"
        case .index: "destination refers to a wildcard below 1"
        case .duplicate(let index): "destination uses wildcard \(index) twice"
        case .unused(let used, let count): "destination uses \(used) of the \(count) wildcards of the source"
        case .restMismatch: "source and destination must both end in `>` or neither"
        case .starInDestination: "destination holds a `*`"
        case .unknownFunction(let token): "destination token \(token &+ 1) names an unknown function"
        case .arguments(let token): "destination token \(token &+ 1) has wrong arguments"
        case .count(let token): "destination token \(token &+ 1) has a count below 1"
        case .functionNotAllowed(let token): "destination token \(token &+ 1) has a function that is not allowed here"
        }
    }
}
