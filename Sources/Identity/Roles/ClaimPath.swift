/// How the way to a claim is written in a configuration: names parted by dots.
///
/// `realm_access.roles` is the member `roles` of the claim `realm_access`. A dot that belongs to a name has a backslash
/// before it: `https://example\.com/groups`. So a path means one claim, whatever else stands in the token.
enum ClaimPath {
    /// Why a text is no path.
    enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        case empty, tooLong, tooDeep, escape, character

        var description: String {
            switch self {
            case .empty: "a claim, and each part of its path, has a name"
            case .tooLong: "a path of claims has at most \(ClaimPath.maximumBytes) bytes"
            case .tooDeep: "a path of claims has at most \(ClaimPath.maximumDepth) names"
            case .escape: "in a path of claims a backslash stands before a dot or a backslash"
            case .character: "a path of claims holds no braces and no control characters"
            }
        }
    }

    static let maximumBytes = 256
    static let maximumDepth = 8

    /// The names, from the outermost on. Linear.
    static func names(in text: String) throws(Fault) -> [String] {
        guard text.utf8.count <= maximumBytes else { throw .tooLong }
        var names: [String] = []
        var name = ""
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                guard scalar == "." || scalar == "\\" else { throw .escape }
                name.unicodeScalars.append(scalar)
                isEscaped = false
                continue
            }
            switch scalar {
            case "\\": isEscaped = true
            case ".":
                guard !name.isEmpty else { throw .empty }
                names.append(name)
                name = ""
            case "{", "}": throw .character
            default:
                if scalar.isControl { throw .character }
                name.unicodeScalars.append(scalar)
            }
        }
        guard !isEscaped else { throw .escape }
        guard !name.isEmpty else { throw .empty }
        names.append(name)
        guard names.count <= maximumDepth else { throw .tooDeep }
        return names
    }

    /// The path as it is written.
    static func text(_ names: [String]) -> String {
        names.map { name in
            name.reduce(into: "") { text, character in
                if character == "." || character == "\\" { text.append("\\") }
                text.append(character)
            }
        }.joined(separator: ".")
    }
}

extension Unicode.Scalar {
    /// Whether it is no part of a line of text: a control character, a line end, or one that changes how others show.
    var isControl: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
