/// A reason why the real server lets attacks through: a row of Docs/Divergences.md.
struct ReplayLaxity {
    /// The id of the row.
    let row: String
    /// Changes that the server does not mind.
    let mutations: Set<String>
    /// The good imports for which that is so; all, where none are named.
    var bases: Set<String> = []

    /// Whether the server lets a change of a good import through for this reason.
    func explains(_ mutation: String, of base: String) -> Bool {
        mutations.contains(mutation) && (bases.isEmpty || bases.contains(base))
    }

    /// What makes a token unusable, where it counts: who signed it, its times, whether it was taken back. The server
    /// looks at these only when an export asks for a token, and for nothing else.
    private static let trust: Set = [
        "exporter-claimed-by-other", "exporter-claimed-by-importer", "signer-removed", "signer-operator",
        "time-expired", "time-negative", "time-not-yet", "revocation-of-importer", "revocation-of-all",
        "revocation-same-second",
    ]

    static let all = [
        ReplayLaxity(row: "import-scoped-signer", mutations: ["signer-scoped"]),
        ReplayLaxity(row: "import-strict-identity", mutations: ["signer-identity"]),
        ReplayLaxity(row: "import-exact", mutations: ["subject-wider-token"]),
        ReplayLaxity(row: "import-token-wider", mutations: ["subject-beyond-export"]),
        ReplayLaxity(row: "import-containment", mutations: ["subject-rest-of-token"]),
        ReplayLaxity(row: "import-star-word", mutations: ["subject-star-word"]),
        ReplayLaxity(row: "import-audience", mutations: ["audience-other", "audience-everyone"]),
        ReplayLaxity(row: "token-iat-future", mutations: ["time-issued-ahead"]),
        ReplayLaxity(row: "token-iat-missing", mutations: ["time-never-issued"]),
        ReplayLaxity(row: "token-version-1", mutations: ["text-version-1"]),
        ReplayLaxity(row: "token-base64", mutations: ["text-spare-bits", "text-line-break"]),
        ReplayLaxity(row: "token-duplicate-member", mutations: ["text-subject-twice"]),
        ReplayLaxity(row: "token-case", mutations: ["text-subject-in-capitals"]),
        ReplayLaxity(
            row: "import-position", mutations: trust.union(["text-absent"]),
            bases: ["stream-position-token", "service-position-token"]),
        // By a signing key, the token of another `issuer_account` is not the exporter's, and the account falls.
        ReplayLaxity(row: "import-position", mutations: ["exporter-named-importer"], bases: ["stream-position-token"]),
        ReplayLaxity(
            row: "import-public-token", mutations: trust, bases: ["stream-public-token", "service-public-token"]),
        ReplayLaxity(
            row: "import-public-token", mutations: ["exporter-named-importer"], bases: ["stream-public-token"]),
    ]

    /// Changes of which the one undoes what would stop the other: what is issued ahead outlives its revocation.
    static let together: [(row: String, mutations: Set<String>)] = [
        ("token-iat-future", ["time-issued-ahead", "revocation-of-importer"])
    ]
}
