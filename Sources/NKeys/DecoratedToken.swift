/// A token as files hold it: bare, as in a store of nsc, or between two lines of dashes that say its kind.
///
///     -----BEGIN NATS ACTIVATION JWT-----
///     eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOi...
///     ------END NATS ACTIVATION JWT------
///
/// The label is decoration: what the token is, the token itself says once it is verified.
public struct DecoratedToken: Sendable, Hashable {
    /// The word that nsc writes into the lines of dashes: the claim type in capitals.
    public enum Label: String, Sendable, Hashable, CaseIterable {
        /// An operator token.
        case `operator` = "OPERATOR"
        /// An account token.
        case account = "ACCOUNT"
        /// A user token.
        case user = "USER"
        /// An activation token.
        case activation = "ACTIVATION"
        /// A request to an authorization service.
        case authorizationRequest = "AUTHORIZATION_REQUEST"
        /// An answer of an authorization service.
        case authorizationResponse = "AUTHORIZATION_RESPONSE"
        /// A token of another kind.
        case generic = "GENERIC"
    }

    /// The token as it stands in the file: not decoded and not verified.
    public let token: [UInt8]
    /// The label, if it is there and is one of those that nsc writes.
    public let label: Label?

    /// The longest file that is read: a token of 1 MiB and its decoration.
    public static let sizeLimit = 1_048_576 + 4_096

    /// Reads a file with one token: the section with the label of a token, else the first section, else the whole file
    /// without the white space around it. A creds file will do; its seed is not looked at.
    ///
    /// Whether the token is well formed is not judged here, except that a seed is never taken for one.
    public init(parsing text: UnsafeRawBufferPointer) throws(DecoratedTextError) {
        guard text.count <= DecoratedToken.sizeLimit else { throw .tooLarge(text.count) }
        let sections = try DecoratedSections(in: text).sections
        let tokens = sections.filter { $0.kind == .token }
        if tokens.count > 1 { throw .twoTokens(line: tokens[1].line) }
        if let section = tokens.first ?? sections.first(where: { $0.kind == .unlabelled }) {
            token = try DecoratedToken.copy(text[section.value])
            label = Label(rawValue: String(decoding: text[section.label], as: UTF8.self))
        } else {
            guard sections.isEmpty else { throw .noToken }
            token = try DecoratedToken.copy(text.trimmingWhitespace)
            label = nil
        }
    }

    /// Reads a file with one token.
    public init(parsing text: [UInt8]) throws(DecoratedTextError) {
        self = try text.span.withUnsafeBytes { (bytes) throws(DecoratedTextError) in
            try DecoratedToken(parsing: bytes)
        }
    }

    /// Writes a token as nsc does, byte for byte; `notToken` if it has characters that no token has.
    public static func render(_ token: [UInt8], label: Label) throws(DecoratedTextError) -> [UInt8] {
        guard !token.isEmpty, token.allSatisfy(DecoratedSections.isValueByte) else { throw .notToken }
        var file = [UInt8]("-----BEGIN NATS \(label.rawValue) JWT-----\n".utf8)
        file += token
        file += "\n------END NATS \(label.rawValue) JWT------\n\n".utf8
        return file
    }

    /// The bytes of a token; never those of a seed, which must not come into ordinary memory.
    static func copy(_ value: Slice<UnsafeRawBufferPointer>) throws(DecoratedTextError) -> [UInt8] {
        let looksLikeSeed = value.count == SeedText.length && value.first == UInt8(ascii: "S")
        guard !value.isEmpty, !looksLikeSeed || value.contains(UInt8(ascii: ".")) else { throw .notToken }
        return [UInt8](value)
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes without the ASCII white space before and after them.
    var trimmingWhitespace: Slice<UnsafeRawBufferPointer> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        var rest = self[...]
        while let first = rest.first, isSpace(first) { rest = rest.dropFirst() }
        while let last = rest.last, isSpace(last) { rest = rest.dropLast() }
        return rest
    }
}
