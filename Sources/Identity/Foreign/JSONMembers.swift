import Trust

/// The members of a JSON object, found by the bytes of their names: two texts that Unicode takes for equal are two names.
struct JSONMembers: Sendable {
    private let members: [JSONTree.Member]

    init(_ members: [JSONTree.Member]) { self.members = members }

    /// The object that these bytes are; nil when they are none by the strict rules of `JSONTree`.
    init?(json: [UInt8]) {
        guard case .object(let members)? = try? JSONTree(json) else { return nil }
        self.members = members
    }

    /// The member of this name; nil for none. Linear.
    subscript(name: String) -> JSONTree? { members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value }

    /// The member of this name when it is text.
    func text(_ name: String) -> String? {
        guard case .string(let text)? = self[name] else { return nil }
        return text
    }

    /// Whether there is a member of this name that is not null.
    func has(_ name: String) -> Bool {
        guard let value = self[name] else { return false }
        return value != .null
    }
}
