/// What a claim has to be for a role.
///
/// Texts are compared byte by byte: no case is folded, nothing is normalized, and there are no patterns.
public struct ClaimCondition: Hashable, Sendable {
    /// The claim's name, or the names of the objects that it stands in and its own.
    public var path: [String]
    /// The values, one of which it is, or one of which it holds as a list. A number is its decimal digits here, and a truth
    /// value `true` or `false`.
    public var values: Set<String>

    /// The claim is, or holds, one of the values.
    public init(path: [String], oneOf values: Set<String>) { (self.path, self.values) = (path, values) }

    /// Whether the claims meet the condition; a claim that is absent, or something else than text, never does.
    public func holds(for claims: ForeignClaims) -> Bool {
        switch claims.value(at: path) {
        // A list of words (RFC 8693, section 4.2): the one claim whose text is one.
        case .text(let text)? where path == ["scope"]:
            text.utf8.split(separator: 0x20).contains { word in isOneOfValues(word) }
        case .text(let text)?: isOneOfValues(text.utf8)
        case .texts(let texts)?: texts.contains { isOneOfValues($0.utf8) }
        case .integer(let number)?: isOneOfValues(String(number).utf8)
        case .boolean(let isTrue)?: isOneOfValues((isTrue ? "true" : "false").utf8)
        case .other?, nil: false
        }
    }

    /// Byte by byte: `String` calls texts equal that only look the same.
    private func isOneOfValues(_ text: some Sequence<UInt8>) -> Bool {
        values.contains { $0.utf8.elementsEqual(text) }
    }
}
