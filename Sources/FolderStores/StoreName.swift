/// Why something new cannot have a name. Names become file names, and values in templates of permissions.
public enum StoreNameFault: Error, Hashable, Sendable {
    /// The name is empty.
    case empty
    /// The name has more bytes than this.
    case tooLong(limit: Int)
    /// The name begins with a dot: it would be hidden, or a way out of the folder.
    case leadingDot
    /// The name has a `/` or a `\`.
    case separator
    /// The name has a blank, of any script.
    case blank
    /// The name has a control character, or one that is not seen.
    case invisible
    /// The name has a `*` or a `>`, which would be a wildcard where a template puts it into a subject.
    case wildcard
}

extension StoreNameFault: CustomStringConvertible {
    /// What is wrong, in a few words.
    public var description: String {
        switch self {
        case .empty: "it is empty"
        case .tooLong(let limit): "it has more than \(limit) bytes"
        case .leadingDot: "it begins with a dot"
        case .separator: "it has a slash"
        case .blank: "it has a blank"
        case .invisible: "it has a character that is not seen"
        case .wildcard: "it has a wildcard, `*` or `>`"
        }
    }
}

/// The names of operators, accounts and users, as far as folders are concerned.
public enum StoreName {
    /// The longest name: a file name has at most 255 bytes, and suffixes are to fit too.
    public static let byteLimit = 200

    /// Judges a name for something new. What others wrote is read under more names than these.
    public static func judge(_ name: String) throws(StoreNameFault) {
        guard !name.isEmpty else { throw .empty }
        guard name.utf8.count <= byteLimit else { throw .tooLong(limit: byteLimit) }
        guard !name.hasPrefix(".") else { throw .leadingDot }
        for scalar in name.unicodeScalars {
            switch scalar {
            case "/", "\\": throw .separator
            case "*", ">": throw .wildcard
            default: break
            }
            switch scalar.properties.generalCategory {
            case .control where scalar != "\t", .format, .surrogate, .privateUse, .unassigned: throw .invisible
            case .lineSeparator, .paragraphSeparator, .spaceSeparator: throw .blank
            default: if scalar.properties.isWhitespace { throw .blank }
            }
        }
    }

    /// Whether a name, also with a suffix, is the name of one entry of a folder, whatever else it may be.
    static func isOneComponent(_ name: String, suffix: String = "") -> Bool {
        !name.isEmpty && name != "." && name != ".." && name.utf8.count + suffix.utf8.count <= 255
            && !name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
    }

    /// A name that others gave, for a line of text: control characters and what is no text are escaped.
    package static func printable(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        let text = String(validating: bytes, as: UTF8.self)
        guard let text, !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            return bytes.reduce(into: "") { text, byte in
                if (0x20..<0x7F).contains(byte) {
                    text.unicodeScalars.append(Unicode.Scalar(byte))
                } else {
                    text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
                }
            }
        }
        return text
    }
}
