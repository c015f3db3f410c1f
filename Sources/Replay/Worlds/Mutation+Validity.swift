import Trust

/// Whether it holds: times, revocations, and the text of the token.
extension Mutation {
    static let times = [
        Mutation("time-expired", .time, .tokenExpired, [.expires], "the token is expired") { draft, _ in
            draft.expires = draft.times.past
        },
        Mutation("time-negative", .time, .tokenJSON, [.expires], "the token expires at -1") { draft, _ in
            draft.expires = -1
        },
        Mutation("time-not-yet", .time, .tokenNotBefore, [.notBefore], "the token is not valid yet") { draft, _ in
            draft.notBefore = draft.times.future
        },
        Mutation(
            "time-issued-ahead", .time, .tokenIssuedAt, [.issuedAt],
            "the token was issued in the future, and outlives what revokes it"
        ) { draft, _ in draft.issuedAt = draft.times.future },
        Mutation("time-never-issued", .time, .tokenIssuedAt, [.issuedAt], "the token does not say when it was issued") {
            draft, _ in draft.issuedAt = nil
        },
    ]

    static let revocations = [
        Mutation("revocation-of-importer", .revocation, .activationRevoked, [.revocations], "the importer is revoked") {
            draft, cast in
            let time = draft.times.revoked
            draft.revocations = [.init(subject: cast.importer.publicKey.text, time: time)]
        },
        Mutation("revocation-of-all", .revocation, .activationRevoked, [.revocations], "everyone is revoked") {
            draft, _ in draft.revocations = [.init(subject: "*", time: draft.times.revoked)]
        },
        Mutation(
            "revocation-same-second", .revocation, .activationRevoked, [.revocations],
            "the importer is revoked as of the second in which the token was issued"
        ) { draft, cast in
            draft.revocations = [.init(subject: cast.importer.publicKey.text, time: draft.times.issued)]
        },
    ]

    static let texts = [
        Mutation(
            "text-absent", .text, .activationMissing, .token, to: { $0.demand.token }, "there is no token"
        ) { draft, _ in draft.text = .absent },
        text("text-url", .activationInvalid, .url, fields: .token, "a URL stands in place of the token"),
        text("text-user-token", .tokenType, .userToken, fields: .token, "a user's token stands in its place"),
        text("text-changed", .tokenSignature, .changed, "a claim was changed after signing"),
        text("text-no-algorithm", .tokenAlgorithm, .noAlgorithm, "`alg` is `none`"),
        text("text-version-1", .tokenLegacy, .versionOne, "the token is of version 1: its header is not signed"),
        text("text-spare-bits", .tokenBase64, .spareBits, "the signature has bits set that nothing reads"),
        text("text-line-break", .tokenBase64, .lineBreak, "a line break stands in the signature"),
        text("text-subject-twice", .tokenJSON, .subjectTwice, "`sub` stands twice, first with another account"),
        text(
            "text-subject-in-capitals", .tokenJSON, .subjectInCapitals,
            "`SUB` is the importer, `sub` before it another account"),
    ]

    private static func text(
        _ id: String, _ rule: Rule, _ text: WorldDraft.Text, fields: Set<Field> = [.text], _ about: String
    ) -> Mutation {
        Mutation(id, .text, rule, fields, about) { draft, _ in draft.text = text }
    }
}
