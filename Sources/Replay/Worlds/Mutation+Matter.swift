import Trust

/// What: kind, subject, audience, and the importer's own place in the subject.
extension Mutation {
    static let kinds = [
        Mutation("kind-of-token", .kind, .activationKind, [.tokenKind], "the token is for the other kind") { draft, _ in
            draft.tokenKind = draft.tokenKind.other
        },
        Mutation(
            "kind-of-export", .kind, .exportMissing, [.exportKind], to: { _ in true }, "the export is of the other kind"
        ) { draft, _ in draft.exportKind = draft.exportKind.other },
        Mutation(
            "kind-of-import", .kind, .exportMissing, [.importKind], to: { _ in true }, "the import is of the other kind"
        ) { draft, _ in draft.importKind = draft.importKind.other },
    ]

    static let subjects = [
        Mutation(
            "subject-of-token", .subject, .activationSubject, [.tokenSubject], "the token is for another subject"
        ) { draft, _ in draft.tokenSubject = "invoices.paid" },
        Mutation(
            "subject-of-import", .subject, .activationSubject, [.importSubject], to: { $0.shape == .narrow },
            "the import is of another subject of the export"
        ) { draft, _ in
            draft.importSubject = "orders.eu.secret"
            draft.published = "orders.eu.secret"
        },
        Mutation(
            "subject-not-exported", .subject, .exportMissing, [.importSubject, .tokenSubject],
            to: { $0.shape != .positioned }, "import and token are of a subject that is not exported"
        ) { draft, _ in
            draft.importSubject = "secrets.all"
            draft.tokenSubject = "secrets.all"
            draft.published = "secrets.all"
        },
        Mutation(
            "subject-wider-token", .subject, .activationSubject, [.tokenSubject], to: { $0.shape == .narrow },
            "the token is for more than is imported"
        ) { draft, _ in draft.tokenSubject = "orders.eu.*" },
        Mutation(
            "subject-beyond-export", .subject, .activationExportSubject, [.tokenSubject],
            to: { $0.signer != nil && $0.shape != .positioned }, "the token is for more than is exported"
        ) { draft, _ in draft.tokenSubject = "orders.>" },
        Mutation(
            "subject-rest-of-export", .subject, .exportMissing, [.importSubject, .tokenSubject],
            to: { $0.shape == .wildcard }, "import and token are of `orders.>`, the export is of `orders.*`"
        ) { draft, _ in
            draft.importSubject = "orders.>"
            draft.tokenSubject = "orders.>"
            draft.published = "orders.new.secret"
        },
        Mutation(
            "subject-rest-of-token", .subject, .activationSubject, [.exportSubject, .importSubject],
            to: { $0.signer != nil && $0.shape == .wildcard },
            "import and export are of `orders.>`, the token is for `orders.*`"
        ) { draft, _ in
            draft.exportSubject = "orders.>"
            draft.importSubject = "orders.>"
            draft.published = "orders.new.secret"
        },
        Mutation(
            "subject-star-word", .subject, .exportMissing, [.exportSubject, .importSubject, .tokenSubject],
            to: { $0.shape != .positioned },
            "import and token are of `orders.secret`, the export is of the literal `orders.*x`"
        ) { draft, _ in
            draft.exportSubject = "orders.*x"
            draft.importSubject = "orders.secret"
            draft.tokenSubject = "orders.secret"
            draft.published = "orders.secret"
        },
    ]

    static let audiences = [
        Mutation("audience-other", .audience, .activationAudience, [.audience], "`aud` is another account") {
            $0.audience = $1.company.bystander.publicKey.text
        },
        Mutation("audience-everyone", .audience, .activationAudience, [.audience], "`aud` is `*`") { draft, _ in
            draft.audience = "*"
        },
    ]

    static let positions = [
        position("position-other", "another account's key stands in the place") {
            let other = $1.company.bystander.publicKey.text
            $0.take("feed.\(other).new", publishing: "feed.\(other).new")
        },
        position("position-wildcard", "a wildcard stands in the place") {
            $0.take("feed.*.new", publishing: "feed.\($1.company.bystander.publicKey.text).new")
        },
        position("position-signing-key", "a signing key of the importer stands in the place") {
            let other = $1.importerSigner.publicKey.text
            $0.take("feed.\(other).new", publishing: "feed.\(other).new")
        },
    ]

    private static func position(
        _ id: String, _ about: String, _ change: @escaping @Sendable (inout WorldDraft, Cast) -> Void
    ) -> Mutation {
        Mutation(
            id, .position, .accountPosition, [.importSubject, .tokenSubject], to: { $0.demand.position }, about, change)
    }
}

extension WorldDraft {
    /// Imports this subject, with a token for it.
    fileprivate mutating func take(_ subject: String, publishing literal: String) {
        importSubject = subject
        tokenSubject = subject
        published = literal
    }
}

extension ExportKind {
    fileprivate var other: ExportKind { self == .stream ? .service : .stream }
}
