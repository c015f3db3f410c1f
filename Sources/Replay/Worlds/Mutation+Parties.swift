import Trust

/// Who: for whom the token is, whose export it is about, who signed it.
extension Mutation {
    static let importers = [
        Mutation("importer-other", .importer, .activationImporter, [.subject], "another account's token is used again")
        {
            $0.subject = $1.company.bystander.publicKey.text
        },
        Mutation("importer-everyone", .importer, .activationImporter, [.subject], "the token is for `*`") { draft, _ in
            draft.subject = "*"
        },
        Mutation(
            "importer-signing-key", .importer, .activationImporter, [.subject],
            "the token is for a signing key of the importer"
        ) { $0.subject = $1.importerSigner.publicKey.text },
    ]

    static let exporters = [
        Mutation(
            "exporter-other", .exporter, .activationExporter, [.issuer, .issuerAccount],
            "the token is another account's, for its own exports"
        ) { draft, cast in
            draft.issuer = cast.company.bystander
            draft.issuerAccount = nil
        },
        Mutation(
            "exporter-claimed-by-other", .exporter, .activationExporter, [.issuer, .issuerAccount],
            "another account signs in the exporter's name"
        ) { draft, cast in
            draft.issuer = cast.company.bystander
            draft.issuerAccount = cast.exporter.publicKey
        },
        Mutation(
            "exporter-claimed-by-importer", .exporter, .activationExporter, [.issuer, .issuerAccount],
            "the importer signs for itself in the exporter's name"
        ) { draft, cast in
            draft.issuer = cast.importer
            draft.issuerAccount = cast.exporter.publicKey
        },
        Mutation(
            "exporter-named-importer", .exporter, .activationExporter, [.issuerAccount],
            "the exporter's key signs in the importer's name"
        ) { $0.issuerAccount = $1.importer.publicKey },
        Mutation(
            "exporter-not-named", .exporter, .activationExporter, [.issuerAccount], to: { $0.signer == .signingKey },
            "a signing key signs in nobody's name"
        ) { draft, _ in draft.issuerAccount = nil },
        Mutation(
            "exporter-unknown", .exporter, .exporterUnknown, [.exporterNamed, .issuer, .issuerAccount],
            to: { _ in true }, "the import and its token name an account that nobody knows"
        ) { draft, cast in
            draft.exporterNamed = cast.company.stranger.publicKey
            draft.issuer = cast.company.stranger
            draft.issuerAccount = nil
        },
    ]

    static let signers = [
        Mutation(
            "signer-removed", .signer, .activationExporter, [.issuer, .issuerAccount],
            "a key that the exporter does not list any more"
        ) { draft, cast in
            draft.issuer = cast.company.removed
            draft.issuerAccount = cast.exporter.publicKey
        },
        Mutation(
            "signer-scoped", .signer, .activationScopedSigner, [.issuer, .issuerAccount],
            "the exporter's key for users of one role"
        ) { draft, cast in
            draft.issuer = cast.exporterScoped
            draft.issuerAccount = cast.exporter.publicKey
        },
        Mutation(
            "signer-operator", .signer, .tokenIssuer, [.issuer, .issuerAccount], "the operator's key"
        ) { draft, cast in
            draft.issuer = cast.company.operator
            draft.issuerAccount = cast.exporter.publicKey
        },
        Mutation("signer-user", .signer, .tokenIssuer, [.issuer, .issuerAccount], "a user's key") { draft, cast in
            draft.issuer = cast.company.user
            draft.issuerAccount = cast.exporter.publicKey
        },
        Mutation(
            "signer-identity", .signer, .activationExporter, [.issuer, .issuerAccount], to: { $0.isStrict },
            "the exporter's identity key, where the operator demands signing keys"
        ) { draft, cast in
            draft.issuer = cast.exporter
            draft.issuerAccount = nil
        },
    ]
}
