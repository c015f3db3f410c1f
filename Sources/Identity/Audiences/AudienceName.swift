/// The name of who a token is meant for, as it stands in `aud`: a service, a cluster or a host that checks it.
///
/// Compared byte by byte (RFC 7519, section 4.1.3: a case-sensitive string). It cannot hold what means more than one
/// verifier.
public struct AudienceName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Why a text is no audience.
    public enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        case empty
        case tooLong
        case character
        case wildcard
        case broad

        /// In one line.
        public var description: String {
            switch self {
            case .empty: "an audience has at least one character"
            case .tooLong: "an audience has at most \(AudienceName.maximumBytes) bytes"
            case .character:
                "an audience has no blanks, quotes, commas, backslashes or control characters, and is ASCII"
            case .wildcard: "an audience names one verifier: it has no wildcard"
            case .broad: "an audience names one verifier: this one means many"
            }
        }
    }

    /// The longest name, in bytes.
    public static let maximumBytes = 256

    /// The name.
    public let text: String

    /// Reads a name. Linear.
    public init(_ text: String) throws(Fault) {
        if let fault = Self.fault(of: text) { throw fault }
        self.text = text
    }

    /// The name itself.
    public var description: String { text }

    /// By their bytes.
    public static func < (left: AudienceName, right: AudienceName) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    private static func fault(of text: String) -> Fault? {
        if text.isEmpty { return .empty }
        if text.utf8.count > maximumBytes { return .tooLong }
        if text.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7f || [0x22, 0x2c, 0x5c].contains($0) }) {
            return .character
        }
        return nil
    }
}
