import NKeys

/// Why a text names no single verifier, and so cannot be a token's audience (RFC 7519, section 4.1.3; RFC 8725,
/// section 3.9; RFC 8707, section 3).
///
/// An audience that means many verifiers is none: a token that is good everywhere can be carried from one to the other.
public enum AudienceFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// It is empty, or longer than `maximumBytes`.
    case length
    /// It has a blank, a quote, a comma, a backslash, a control character or something beyond ASCII: a list, or what
    /// looks like something else.
    case character
    /// It has a wildcard: `*` anywhere, or `>` as the last word.
    case wildcard
    /// It means many: a word such as `any`, an operator's key, a domain that begins with a dot, or a scheme without a
    /// host.
    case broad

    /// The longest audience, in bytes.
    public static let maximumBytes = 256

    /// What is wrong with `text` as an audience; nil for nothing.
    /// - Complexity: linear in the text, and nothing beyond `maximumBytes` is looked at.
    public init?(in text: String) {
        let bytes = text.utf8
        if bytes.isEmpty || bytes.count > Self.maximumBytes {
            self = .length
        } else if bytes.contains(where: Self.isBarred) {
            self = .character
        } else if bytes.contains(UInt8(ascii: "*")) || text == ">" || text.hasSuffix(".>") {
            self = .wildcard
        } else if Self.meansMany(text) {
            self = .broad
        } else {
            return nil
        }
    }

    /// What is wrong, in one line.
    public var description: String {
        switch self {
        case .length: "an audience has 1 to \(Self.maximumBytes) bytes"
        case .character:
            "an audience is one name in ASCII, without blanks, quotes, commas, backslashes and control characters"
        case .wildcard: "an audience names one verifier, and has no wildcard"
        case .broad: "an audience names one verifier, and this means many"
        }
    }

    private static func isBarred(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte >= 0x7f || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
            || byte == UInt8(ascii: ",")
    }

    private static let words: Set<String> = [
        "all", "any", "anybody", "anyone", "anything", "everybody", "everyone", "everything",
    ]

    private static func meansMany(_ text: String) -> Bool {
        let lowered = text.lowercased()
        if words.contains(lowered) || lowered.hasPrefix(".") { return true }
        if (try? PublicKey(text, role: .operator)) != nil { return true }
        // `https:`, `https://`, `https:///orders`, `https://.example.com`: no host, or all hosts below one.
        guard let colon = lowered.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let rest = lowered[lowered.index(after: colon)...]
        if rest.isEmpty { return true }
        guard rest.hasPrefix("//") else { return false }
        let host = rest.dropFirst(2)
        return host.isEmpty || [".", "/", ":", "?", "#", "@"].contains(host.first)
    }
}
