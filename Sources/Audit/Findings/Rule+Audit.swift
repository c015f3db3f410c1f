import Trust

// What a broken rule of the trust model means to an audit. The rules themselves are in Docs/TrustRules.md.

extension Rule {
    /// How bad it is that something in a store breaks this rule. It is refused here either way: what counts is who would
    /// profit on a server that judges less strictly, and whether anybody breaks the rule by mistake.
    var severity: Severity {
        switch self {
        case .tokenSignature, .operatorTrusted, .accountSigner, .accountMismatch, .userSigner, .activationImporter,
            .activationExporter:
            .critical
        case .tokenSize, .tokenSegments, .tokenBase64, .tokenJSON, .tokenHeader, .tokenAlgorithm, .tokenVersion,
            .tokenType, .tokenIssuer, .tokenSubject, .tokenKey, .tokenIssuedAt, .accountUnknown, .userScope,
            .templateValue, .userBearer, .activationInvalid, .activationScopedSigner, .activationKind,
            .activationSubject, .activationExportSubject, .accountPosition, .activationAudience:
            .high
        case .tokenLegacy, .tokenLifetime, .tokenContent, .accountPinned, .accountLimit, .template, .userProof,
            .userSource, .userHours, .userConnection, .userProxy, .userAudience, .exportMissing, .exportChoice,
            .activationMissing, .activationRevoked, .localSubject, .importCycle, .accountLimits, .uploadPath,
            .uploadSigner, .uploadStale, .uploadBinding, .uploadDependents, .uploadReadOnly, .uploadDenied:
            .medium
        case .tokenExpired, .tokenNotBefore, .userRevoked, .exporterUnknown, .publicToken: .low
        }
    }

    /// What is so where the rule is broken, in one line.
    var breach: String {
        switch self {
        case .tokenSize: "a token is larger than tokens may be"
        case .tokenSegments: "a token does not have three segments"
        case .tokenBase64: "a token is not spelled in the one way that it may be"
        case .tokenJSON: "a token's JSON can be read in two ways, or in none"
        case .tokenHeader: "a token's header holds what has no place there"
        case .tokenAlgorithm: "a token names another algorithm than that of its version"
        case .tokenVersion: "a token's version is unknown, or it shows marks of two"
        case .tokenLegacy: "a token of version 1, whose signature does not cover its header"
        case .tokenType: "a token is of another type than its place asks for"
        case .tokenIssuer: "a token's issuer is no key that may sign this type"
        case .tokenSubject: "a token's subject is no key of the role that belongs there"
        case .tokenSignature: "a token's signature is forged"
        case .tokenExpired: "a token is expired"
        case .tokenNotBefore: "a token is not valid yet"
        case .tokenIssuedAt: "a token has no issue time, or one ahead of the clock"
        case .tokenLifetime: "a token lives longer than it may"
        case .tokenKey: "something that stands where a key belongs is none"
        case .tokenContent: "a token's content is not well-formed"
        case .operatorTrusted: "an operator is not trusted"
        case .accountSigner: "an account is not signed by a trusted operator"
        case .accountUnknown: "a user's account is not known"
        case .accountPinned: "an account is not one of those pinned"
        case .accountLimit: "an account's limits are used up"
        case .accountMismatch: "a token is filed under another account than the one that it is of"
        case .userSigner: "a user is not signed by its account"
        case .userScope: "a user of a role carries permissions or limits of its own"
        case .template: "a role's template cannot be expanded"
        case .templateValue: "a name or tag would widen a role's template"
        case .userRevoked: "a user is revoked"
        case .userProof: "a user has not proved its key"
        case .userBearer: "a bearer user where the account allows none"
        case .userSource: "a user comes from another network than it may"
        case .userHours: "a user comes outside its hours"
        case .userConnection: "a user connects in another way than it may"
        case .userProxy: "a user does not come through a proxy that is trusted"
        case .userAudience: "a user token is meant for somebody else"
        case .exporterUnknown: "an import is from an account that is not known, or is refused"
        case .exportMissing: "an import is of something that is not exported"
        case .exportChoice: "not every export that contains an import approves of it"
        case .activationMissing: "an import lacks the token that its export asks for"
        case .activationInvalid: "an import's token does not hold by itself"
        case .activationImporter: "an import's token was given to another account"
        case .activationExporter: "an import's token is not signed by the exporter"
        case .activationScopedSigner: "an import's token is signed by a key that may only sign users of a role"
        case .activationKind: "an import's token is for the other kind, stream or service"
        case .activationSubject: "an import takes another subject than its token names"
        case .activationExportSubject: "an import's token is wider than what is exported"
        case .accountPosition: "an import lacks the importer's key where the export asks for it"
        case .activationRevoked: "an import's token is revoked"
        case .activationAudience: "an import's token is meant for somebody else"
        case .publicToken: "a public export is imported with a token that does not hold"
        case .localSubject: "an import's local subject is none, or two of them overlap"
        case .importCycle: "imports lead back to where they began"
        case .accountLimits: "an account has more than its operator allows"
        case .uploadPath: "an upload's path names another account"
        case .uploadSigner: "an upload is not signed by a trusted operator"
        case .uploadStale: "an upload is older than what is stored"
        case .uploadBinding: "an upload holds an import that is refused"
        case .uploadDependents: "an upload changes what others import"
        case .uploadReadOnly: "an upload to a server that takes none"
        case .uploadDenied: "an upload by somebody who may not"
        }
    }

    /// What to do about it, in one line.
    var remedy: String {
        switch self {
        case .tokenSignature, .accountMismatch: "remove the token, and find out who wrote it"
        case .tokenExpired, .tokenNotBefore, .tokenLifetime: "renew the token if it is still wanted, else remove it"
        case .tokenIssuedAt: "sign it again with a right clock, and find out who dated it ahead"
        case .tokenSize, .tokenSegments, .tokenBase64, .tokenJSON, .tokenHeader, .tokenAlgorithm, .tokenVersion,
            .tokenType, .tokenIssuer, .tokenSubject, .tokenKey:
            "replace the token by one that a tool you trust signed, and find out who wrote this one"
        case .tokenLegacy: "sign it again as version 2"
        case .tokenContent: "correct the content, and sign it again"
        case .operatorTrusted: "give the operator that is trusted, or remove this one"
        case .accountSigner: "have the operator sign the account with a key that it may sign with, or remove it"
        case .accountUnknown, .accountPinned: "restore the account, or remove what names it"
        case .accountLimit, .accountLimits: "have the operator raise the limit, or remove what is over it"
        case .userSigner: "sign the user again with a key that the account lists, or remove it"
        case .userScope: "sign the user again without permissions or limits of its own"
        case .template: "correct the role's template, and sign the account again"
        case .templateValue: "rename the user, account or tag, and look at what it subscribed to"
        case .userRevoked: "remove the user's token from the store"
        case .userBearer: "sign the user again without bearer, or allow bearers on purpose"
        case .userProof, .userSource, .userHours, .userConnection, .userProxy, .userAudience:
            "sign the user again with what it needs"
        case .exporterUnknown, .exportMissing: "remove the import, or have the exporter restore what it imports"
        case .exportChoice: "ask for a token that every one of these exports admits, or have them not overlap"
        case .activationMissing: "ask the exporter for an activation, or remove the import"
        case .activationInvalid: "ask the exporter for another activation, or remove the import"
        case .activationImporter, .activationExporter, .activationScopedSigner:
            "remove the import, find out where the token is from, and have the exporter revoke it"
        case .activationKind, .activationSubject, .activationExportSubject, .accountPosition, .activationAudience:
            "ask the exporter for an activation of exactly this import, or remove the import"
        case .activationRevoked, .publicToken: "remove the token or the import, or ask the exporter for another"
        case .localSubject: "give each import a local subject of its own"
        case .importCycle: "remove one of the imports of the circle"
        case .uploadPath, .uploadSigner, .uploadStale, .uploadBinding, .uploadDependents, .uploadReadOnly,
            .uploadDenied:
            "look at the journal for who uploaded it"
        }
    }
}
