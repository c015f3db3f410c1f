/// A creds file: a user's token and the seed that answers for it.
///
///     -----BEGIN NATS USER JWT-----
///     eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOi...
///     ------END NATS USER JWT------
///
///     -----BEGIN USER NKEY SEED-----
///     SUAKQ7QKE3OWBG3E...
///     ------END USER NKEY SEED------
///
/// Reading takes what the clients take: other labels and more dashes, CR LF, any text around the sections, no line end
/// after the last line, and, when the labels say so, the seed first. Without labels the first section is the token
/// and the second the seed. A third section, a second token or seed, and a labelled section without its value are
/// refused. Writing makes the one form that every client reads.
public struct CredentialsFile: Sendable {
    /// The token as it stands in the file: not decoded and not verified.
    public let token: [UInt8]
    /// The seed of the user key.
    public let seed: Seed

    /// The longest file that is read: a token of 1 MiB and its decoration.
    public static let sizeLimit = DecoratedToken.sizeLimit

    /// Reads a creds file. The bytes hold a seed: the caller wipes them, or reads the file into `SecretBytes`.
    public init(parsing text: UnsafeRawBufferPointer) throws(DecoratedTextError) {
        guard text.count <= CredentialsFile.sizeLimit else { throw .tooLarge(text.count) }
        let sections = try DecoratedSections(in: text).sections
        guard !sections.isEmpty else { throw .noSection }
        let (token, seed) = try CredentialsFile.roles(of: sections)
        // The seed is read first, so that a seed in the place of the token is not copied.
        self.seed = try Seed(userSeedIn: UnsafeRawBufferPointer(rebasing: text[seed.value]))
        self.token = try DecoratedToken.copy(text[token.value])
    }

    /// Reads a creds file from locked memory.
    public init(parsing text: SecretBytes) throws(DecoratedTextError) {
        self = try text.withUnsafeBytes { (bytes) throws(DecoratedTextError) in try CredentialsFile(parsing: bytes) }
    }

    /// Reads a creds file from ordinary memory, which the caller wipes.
    public init(parsing text: UnsafeBufferPointer<UInt8>) throws(DecoratedTextError) {
        self = try CredentialsFile(parsing: UnsafeRawBufferPointer(text))
    }

    /// Writes a creds file as nsc does, byte for byte, into locked memory.
    ///
    /// - Throws: `notToken` if the token has characters that no token has, `seedRole` if the seed is not a user's.
    public static func render(token: [UInt8], seed: Seed) throws(DecoratedTextError) -> SecretBytes {
        guard seed.role == .user else { throw .seedRole(seed.role) }
        let head = try DecoratedToken.render(token, label: .user)
        let capacity = head.count + banner.utf8.count + SeedText.length + tail.utf8.count
        let file = SecretBytes(capacity: capacity) { buffer in
            var offset = 0
            func append(_ bytes: some Collection<UInt8>) {
                UnsafeMutableRawBufferPointer(rebasing: buffer[offset...]).copyBytes(from: bytes)
                offset += bytes.count
            }
            append(head)
            append(banner.utf8)
            seed.withUnsafeText { append($0) }
            append(tail.utf8)
            return offset
        }
        guard let file else { throw .memory }
        return file
    }

    private static let banner = """
        ************************* IMPORTANT *************************
        NKEY Seed printed below can be used to sign and prove identity.
        NKEYs are sensitive and should be treated as secrets.

        -----BEGIN USER NKEY SEED-----

        """
    private static let tail = """

        ------END USER NKEY SEED------

        *************************************************************

        """

    /// Labels decide; a section without one takes the first place that is free, the token's before the seed's.
    private static func roles(
        of sections: [DecoratedSections.Section]
    ) throws(DecoratedTextError) -> (token: DecoratedSections.Section, seed: DecoratedSections.Section) {
        var token: DecoratedSections.Section?
        var seed: DecoratedSections.Section?
        for section in sections {
            switch section.kind {
            case .token:
                guard token == nil else { throw .twoTokens(line: section.line) }
                token = section
            case .seed:
                guard seed == nil else { throw .twoSeeds(line: section.line) }
                seed = section
            case .unlabelled: continue
            }
        }
        for section in sections where section.kind == .unlabelled {
            if token == nil {
                token = section
            } else if seed == nil {
                seed = section
            } else {
                throw .unexpectedSection(line: section.line)
            }
        }
        guard let token else { throw .noToken }
        guard let seed else { throw .noSeed }
        return (token, seed)
    }
}

extension CredentialsFile: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What it is; neither the token nor the seed.
    public var description: String { "creds with a token of \(token.count) bytes and the \(seed)" }
    /// What it is; neither the token nor the seed.
    public var debugDescription: String { description }
    /// A mirror without children, so that `dump` finds nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
