/// The claims of a foreign token, as they stood there.
public struct ForeignClaims: Sendable {
    /// A claim's value, as far as roles ask for it.
    public enum Value: Hashable, Sendable {
        case text(String)
        case texts([String])
        case integer(Int64)
        case boolean(Bool)
        /// Anything else.
        case other
    }

    private let members: [String: Value]

    init(_ members: [String: Value]) { self.members = members }

    /// The claim at this path: a name, or names of objects inside each other (`["realm_access", "roles"]`).
    public func value(at path: [String]) -> Value? { members[path.joined(separator: ".")] }
}
