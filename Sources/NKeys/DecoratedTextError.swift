/// Why a file is not creds, a decorated token or a seed. A case never carries a part of the file; lines count from 1.
public enum DecoratedTextError: Error, Hashable, Sendable {
    /// The file has this many bytes, more than any token with its decoration.
    case tooLarge(Int)
    /// There is no line of dashes with a value and a line of dashes below it.
    case noSection
    /// No section holds a token.
    case noToken
    /// No section holds a seed.
    case noSeed
    /// A second section, on this line, holds a token.
    case twoTokens(line: Int)
    /// A second section, on this line, holds a seed.
    case twoSeeds(line: Int)
    /// A section on this line that is neither the token nor the seed.
    case unexpectedSection(line: Int)
    /// The value below this line is not one line of letters, digits, `_`, `-`, `.` and `=`, or is not closed.
    case malformedSection(line: Int)
    /// What stands in the place of a token cannot be one (it is empty, or a seed).
    case notToken
    /// The seed cannot be read.
    case seed(KeyTextError)
    /// The seed is that of another key than a user's, which cannot answer for a user token.
    case seedRole(KeyRole)
    /// No locked memory could be had for a secret.
    case memory
}

extension DecoratedTextError: CustomStringConvertible {
    /// One line in lower case; never part of the file.
    public var description: String {
        switch self {
        case .tooLarge(let count): "the file has \(count) bytes, which is too many"
        case .noSection: "the file has no section between lines of dashes"
        case .noToken: "the file has no token"
        case .noSeed: "the file has no seed"
        case .twoTokens(let line): "a second token begins on line \(line)"
        case .twoSeeds(let line): "a second seed begins on line \(line)"
        case .unexpectedSection(let line): "an unexpected section begins on line \(line)"
        case .malformedSection(let line): "the section that begins on line \(line) has no value of one line"
        case .notToken: "what stands in place of the token is not one"
        case .seed(let error): "the seed cannot be read: \(error)"
        case .seedRole(let role): "the seed is that of \(role.article), not of a user"
        case .memory: "no locked memory is available"
        }
    }
}
