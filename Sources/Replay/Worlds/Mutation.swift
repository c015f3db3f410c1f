import Trust

/// One change of one fact of a good import, which makes an attack of it.
public struct Mutation: Sendable {
    /// What it changes. Two mutations that change the same are no pair.
    enum Field: CaseIterable {
        case exportSubject, exportKind, revocations
        case importSubject, importKind, exporterNamed
        case text, issuer, issuerAccount, subject, tokenSubject, tokenKind, audience, issuedAt, notBefore, expires
    }

    /// The mutations that lead: of each fact those with a fault of their own kind. By themselves they make the pairs,
    /// unless all are asked for.
    static let leading: Set = [
        "importer-other", "exporter-other", "exporter-claimed-by-other", "signer-removed", "signer-scoped",
        "signer-identity", "kind-of-token", "kind-of-import", "subject-of-token", "subject-not-exported",
        "subject-beyond-export", "subject-rest-of-token", "subject-star-word", "audience-other", "position-other",
        "time-expired", "time-issued-ahead", "revocation-of-importer", "text-absent", "text-changed", "text-spare-bits",
    ]

    /// Its name, which stands in the names of its attacks; begins with the fact.
    public let id: String
    /// The fact that it changes.
    public let fact: Fact
    /// What it does, in a line.
    public let about: String
    /// The rule that it breaks in the first place.
    public let rule: Rule
    let fields: Set<Field>
    /// Whether it makes an attack of this base.
    let applies: @Sendable (ReplayBase) -> Bool
    let change: @Sendable (inout WorldDraft, Cast) -> Void

    init(
        _ id: String, _ fact: Fact, _ rule: Rule, _ fields: Set<Field>,
        to applies: @escaping @Sendable (ReplayBase) -> Bool = { $0.signer != nil },
        _ about: String, _ change: @escaping @Sendable (inout WorldDraft, Cast) -> Void
    ) {
        self.id = id
        self.fact = fact
        self.rule = rule
        self.fields = fields
        self.applies = applies
        self.about = about
        self.change = change
    }

    /// All that there are, by facts.
    public static let all: [Mutation] =
        importers + exporters + signers + kinds + subjects + audiences + positions + times + revocations + texts

    /// Whether it leads the others of its fact.
    var leads: Bool { Self.leading.contains(id) }

    /// Whether the two may be made at once.
    func pairs(with other: Mutation) -> Bool { fact != other.fact && fields.isDisjoint(with: other.fields) }
}

extension Set<Mutation.Field> {
    /// Every claim of the token.
    static let token: Set = [
        .text, .issuer, .issuerAccount, .subject, .tokenSubject, .tokenKind, .audience, .issuedAt, .notBefore, .expires,
    ]
}
