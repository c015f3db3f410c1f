import Trust

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

    private let members: JSONMembers

    init(_ members: JSONMembers) { self.members = members }

    /// The claim at this path: a name, or names of objects inside each other (`["realm_access", "roles"]`); nil when
    /// there is none, or null.
    ///
    /// A name is a whole name: the claim `a.b` is found by `["a.b"]` and never by `["a", "b"]`. Names are compared byte
    /// by byte. Linear in the claims.
    public func value(at path: [String]) -> Value? {
        guard let last = path.last else { return nil }
        var object = members
        for name in path.dropLast() {
            guard case .object(let inner)? = object[name] else { return nil }
            object = JSONMembers(inner)
        }
        guard let found = object[last], found != .null else { return nil }
        return Self.value(found)
    }

    private static func value(_ tree: JSONTree) -> Value {
        switch tree {
        case .string(let text): return .text(text)
        case .integer(let number): return .integer(number)
        case .boolean(let flag): return .boolean(flag)
        case .list(let elements):
            var texts: [String] = []
            for element in elements {
                guard case .string(let text) = element else { return .other }
                texts.append(text)
            }
            return .texts(texts)
        case .object, .number, .null: return .other
        }
    }
}
