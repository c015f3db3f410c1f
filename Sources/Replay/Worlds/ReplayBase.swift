import Trust

/// A good import, which is then attacked.
public struct ReplayBase: Hashable, Sendable {
    /// What the exporter asks for.
    enum Demand: Hashable, Sendable {
        case nothing, token, position, positionAndToken

        var token: Bool { self == .token || self == .positionAndToken }
        var position: Bool { self == .position || self == .positionAndToken }
    }

    /// Which of the exporter's keys signs the token.
    enum Signer: Hashable, Sendable { case identity, signingKey }

    /// What is exported beside what is imported.
    enum Shape: Hashable, Sendable {
        /// `orders.new`, both.
        case literal
        /// `orders.*`, both.
        case wildcard
        /// `orders.eu.new` of `orders.eu.*`.
        case narrow
        /// `feed.IMPORTER.new` of `feed.*.new`.
        case positioned
    }

    /// Its name, which stands in the names of its attacks.
    public let id: String
    /// What it is, in a line.
    public let about: String
    let kind: ExportKind
    let demand: Demand
    let shape: Shape
    /// Who signs the token; nil where there is none.
    let signer: Signer?
    /// Whether its operator demands signing keys.
    let isStrict: Bool

    private init(
        _ id: String, _ kind: ExportKind, _ demand: Demand, _ shape: Shape, _ signer: Signer?, strict: Bool = false,
        _ about: String
    ) {
        self.id = id
        self.about = about
        self.kind = kind
        self.demand = demand
        self.shape = shape
        self.signer = signer
        isStrict = strict
    }

    /// All that there are.
    public static let all = [
        ReplayBase("stream", .stream, .token, .literal, .identity, "a private stream, one subject"),
        ReplayBase(
            "stream-signing-key", .stream, .token, .literal, .signingKey,
            "a private stream, its token by a signing key"),
        ReplayBase("stream-wildcard", .stream, .token, .wildcard, .identity, "a private stream, all of a wildcard"),
        ReplayBase("stream-narrow", .stream, .token, .narrow, .signingKey, "one subject of a private wildcard stream"),
        ReplayBase(
            "stream-strict", .stream, .token, .literal, .signingKey, strict: true,
            "a private stream under an operator that demands signing keys"),
        ReplayBase("stream-position", .stream, .position, .positioned, nil, "a stream with the importer's own place"),
        ReplayBase(
            "stream-position-token", .stream, .positionAndToken, .positioned, .identity,
            "a stream with the importer's own place that asks for a token as well"),
        ReplayBase("stream-public", .stream, .nothing, .wildcard, nil, "a public stream"),
        ReplayBase(
            "stream-public-token", .stream, .nothing, .wildcard, .identity, "a public stream, imported with a token"),
        ReplayBase("service", .service, .token, .literal, .identity, "a private service, one subject"),
        ReplayBase(
            "service-wildcard", .service, .token, .wildcard, .signingKey, "a private service, all of a wildcard"),
        ReplayBase("service-narrow", .service, .token, .narrow, .identity, "one subject of a private wildcard service"),
        ReplayBase(
            "service-strict", .service, .token, .literal, .signingKey, strict: true,
            "a private service under an operator that demands signing keys"),
        ReplayBase(
            "service-position-token", .service, .positionAndToken, .positioned, .signingKey,
            "a service with the importer's own place that asks for a token as well"),
        ReplayBase("service-public", .service, .nothing, .wildcard, nil, "a public service"),
        ReplayBase(
            "service-public-token", .service, .nothing, .literal, .signingKey,
            "a public service, imported with a token"),
    ]
}
