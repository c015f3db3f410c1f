/// A text with claims put into it: `team:{{team}}`, `{{realm_access.name}}`.
///
/// What comes from a claim stays one text: it holds no control character, and in a tag it cannot choose the tag's name.
/// Whether it may stand in a subject is asked when the user is signed (C-template-value).
public struct ClaimTemplate: Hashable, Sendable {
    /// Why a text is no template.
    public enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        case empty
        case tooLong
        /// A brace that is no part of `{{` and `}}` around a claim.
        case braces
        /// A control character.
        case character
        /// What stands between the braces is no path of a claim.
        case claim(String)

        /// In one line.
        public var description: String {
            switch self {
            case .empty: "a template has at least one character"
            case .tooLong: "a template has at most \(ClaimTemplate.maximumBytes) bytes"
            case .braces: "braces stand in pairs around a claim: `{{claim}}`"
            case .character: "a template has no control characters"
            case .claim(let why): why
            }
        }
    }

    /// Why claims do not fit a template.
    enum Misfit: Error, Hashable, Sendable {
        case absent([String])
        case notText([String])
        case empty([String])
        case character([String])
        case tagName([String])
        case tooLong

        var message: String {
            func claim(_ path: [String]) -> String { "the claim `\(ClaimPath.text(path))`" }
            return switch self {
            case .absent(let path): "\(claim(path)) is not in the token"
            case .notText(let path): "\(claim(path)) is neither a text nor a number"
            case .empty(let path): "\(claim(path)) is empty"
            case .character(let path): "\(claim(path)) has a control character"
            case .tagName(let path): "\(claim(path)) has a colon, and would choose the name of a tag"
            case .tooLong: "the text is longer than \(ClaimTemplate.maximumBytes) bytes"
            }
        }
    }

    private enum Piece: Hashable, Sendable {
        case text(String)
        case claim([String])
    }

    /// What a template is for.
    enum Use: Hashable, Sendable {
        case name
        case tag
    }

    /// The longest template, and the longest text that comes of one, in bytes.
    public static let maximumBytes = 256

    /// The text.
    public let text: String
    private let pieces: [Piece]

    /// `{{sub}}`.
    public static let subject = ClaimTemplate(text: "{{sub}}", pieces: [.claim(["sub"])])

    private init(text: String, pieces: [Piece]) { (self.text, self.pieces) = (text, pieces) }

    /// Reads a template. Linear.
    public init(_ text: String) throws(Fault) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.maximumBytes else { throw .tooLong }
        if text.unicodeScalars.contains(where: \.isControl) { throw .character }
        var pieces: [Piece] = []
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty {
            let plain = rest.prefix { $0 != "{" && $0 != "}" }
            if !plain.isEmpty { pieces.append(.text(String(plain))) }
            rest = rest[plain.endIndex...]
            guard !rest.isEmpty else { break }
            guard rest.starts(with: "{{".unicodeScalars) else { throw .braces }
            rest = rest.dropFirst(2)
            let path = rest.prefix { $0 != "{" && $0 != "}" }
            rest = rest[path.endIndex...]
            guard rest.starts(with: "}}".unicodeScalars) else { throw .braces }
            rest = rest.dropFirst(2)
            do throws(ClaimPath.Fault) { pieces.append(.claim(try ClaimPath.names(in: String(path)))) } catch {
                throw .claim("\(error)")
            }
        }
        self.init(text: text, pieces: pieces)
    }

    /// The text with the claims in it. Linear in both.
    func filled(from claims: ForeignClaims, for use: Use) throws(Misfit) -> String {
        var filled = ""
        for piece in pieces {
            switch piece {
            case .text(let text): filled += text
            case .claim(let path):
                let value = try Self.value(of: path, in: claims)
                // Before the colon of a tag stands its name, which is the configuration's to give.
                if use == .tag, value.utf8.contains(UInt8(ascii: ":")), !filled.utf8.contains(UInt8(ascii: ":")) {
                    throw .tagName(path)
                }
                filled += value
            }
            guard filled.utf8.count <= Self.maximumBytes else { throw .tooLong }
        }
        return filled
    }

    private static func value(of path: [String], in claims: ForeignClaims) throws(Misfit) -> String {
        switch claims.value(at: path) {
        case .text(let text)?:
            guard !text.isEmpty else { throw .empty(path) }
            guard !text.unicodeScalars.contains(where: \.isControl) else { throw .character(path) }
            return text
        case .integer(let number)?: return String(number)
        case .texts?, .boolean?, .other?: throw .notText(path)
        case nil: throw .absent(path)
        }
    }
}
