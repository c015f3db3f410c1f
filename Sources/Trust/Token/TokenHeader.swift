/// A token's header: `typ` and `alg`, and nothing else is allowed there.
struct TokenHeader {
    /// The algorithms of the field. Both are Ed25519; the name tells what was signed.
    enum Algorithm: Hashable {
        /// `ed25519`: version 1.
        case one
        /// `ed25519-nkey`: version 2.
        case two
        case other
    }

    private(set) var algorithm: Algorithm?
    /// Nil when absent; otherwise whether it is JWT.
    private(set) var isJWT: Bool?
    /// Other members, by name.
    private(set) var others: [String] = []
    /// What the reader noted.
    private(set) var problems: [JSONReader.Problem] = []

    /// The header that nearly every token has.
    static let usual = TokenHeader(algorithm: .two, isJWT: true)
    static let usualText = Array(#"{"typ":"JWT","alg":"ed25519-nkey"}"#.utf8)

    private init(algorithm: Algorithm, isJWT: Bool) {
        self.algorithm = algorithm
        self.isJWT = isJWT
    }

    /// Reads the header's bytes.
    init(_ bytes: PaddedBytes) throws(JSONReader.Fault) {
        var reader = try JSONReader(bytes)
        var scope = try reader.beginText(known: [.typ, .alg])
        while let member = try reader.nextMember(&scope) {
            switch member {
            case .typ:
                isJWT = try reader.withString { CaseFolding.equalIgnoringASCIICase($0, "jwt") } ?? false
            case .alg:
                algorithm =
                    try reader.withString { text in
                        text.elementsEqual("ed25519-nkey".utf8)
                            ? .two : text.elementsEqual("ed25519".utf8) ? .one : .other
                    } ?? .other
            default:
                others.append(reader.memberName(scope))
                try reader.skipValue()
            }
        }
        try reader.endText()
        problems = reader.problems
    }
}
