/// Where in a token or a store something stands, as a path: `exp`, `header.alg`, `imports[2].token`.
///
/// Members of a token's `nats` object are named without that prefix, as people name them.
public struct Place: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The path. Empty for the whole token.
    public let path: String

    /// The whole token.
    public static let whole = Place("")

    /// A place by its path.
    public init(_ path: String) { self.path = path }

    /// A place written in source.
    public init(stringLiteral value: String) { path = value }

    /// The place of a member of the object that stands here.
    public func member(_ name: String) -> Place { Place(path.isEmpty ? name : "\(path).\(name)") }

    /// The place of an element of the list that stands here, from 0.
    public func element(_ index: Int) -> Place { Place("\(path)[\(index)]") }

    /// The path itself.
    public var description: String { path }
}
